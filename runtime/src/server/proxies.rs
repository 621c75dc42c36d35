//! Finds out where a request comes from if proxies are in front of the server. Only trusted proxies are believed.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    /// The client's address, if it is known.
    pub(super) address: Option<IpAddr>,
    /// Whether the client's connection is encrypted.
    pub(super) is_encrypted: bool,
}

/// The origin of a request from a peer. A peer that is not trusted is taken for the client itself, whatever its headers
/// say.
pub(super) fn origin(trusted: &[IpNet], peer: Option<SocketAddr>, headers: &HeaderMap) -> Origin {
    let address = peer.map(|peer| peer.ip());
    let is_trusted = |address: IpAddr| {
        let address = address.to_canonical();
        trusted.iter().any(|network| network.contains(&address))
    };

    if !address.is_some_and(is_trusted) {
        return Origin {
            address,
            is_encrypted: false,
        };
    }

    let named = hops(headers);
    // From the nearest to the farthest hop: the first that is not trusted is the client that a trusted proxy saw.
    let client = named.iter().rev().find(|hop| !is_trusted(**hop)).or(named.first());

    Origin {
        address: client.copied().or(address),
        is_encrypted: is_encrypted(headers),
    }
}

/// The addresses that proxies report, farthest first: from `Forwarded` (RFC 7239), else from `X-Forwarded-For`, else
/// from `X-Real-IP`.
fn hops(headers: &HeaderMap) -> Vec<IpAddr> {
    let forwarded: Vec<IpAddr> = elements(headers, "forwarded")
        .filter_map(|hop| address(parameter(hop, "for")?))
        .collect();
    if !forwarded.is_empty() {
        return forwarded;
    }

    let listed: Vec<IpAddr> = elements(headers, "x-forwarded-for").filter_map(address).collect();
    if listed.is_empty() {
        elements(headers, "x-real-ip").filter_map(address).collect()
    } else {
        listed
    }
}

fn is_encrypted(headers: &HeaderMap) -> bool {
    let said = elements(headers, "forwarded").find_map(|hop| parameter(hop, "proto"));
    let said = said.or_else(|| elements(headers, "x-forwarded-proto").next());
    said.is_some_and(|proto| proto.eq_ignore_ascii_case("https"))
}

/// The comma-separated elements of all lines of a header.
fn elements<'h>(headers: &'h HeaderMap, name: &'static str) -> impl Iterator<Item = &'h str> {
    let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

/// A parameter of an element of `Forwarded`, without quotes.
fn parameter<'h>(hop: &'h str, name: &str) -> Option<&'h str> {
    hop.split(';').find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim_matches('"'))
    })
}

/// Parses `192.0.2.1`, `192.0.2.1:47011`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:47011`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches('"');
    if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Some(address);
    }

    text.parse::<SocketAddr>().ok().map(|socket| socket.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, lines: &[(&'static str, &'static str)]) -> (String, bool) {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "127.0.0.0/8", "::1/128"]
            .iter()
            .map(|net| net.parse().unwrap())
            .collect();

        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }

        let origin = origin(&trusted, Some(SocketAddr::new(peer.parse().unwrap(), 1)), &headers);
        (origin.address.unwrap().to_string(), origin.is_encrypted)
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let said = [
            ("x-forwarded-for", "198.51.100.7, 203.0.113.9, 10.1.1.1"),
            ("x-forwarded-proto", "https"),
        ];

        assert_eq!(seen("192.0.2.1", &said), ("192.0.2.1".into(), false));
        assert_eq!(seen("10.0.0.1", &said), ("203.0.113.9".into(), true));
        assert_eq!(seen("::ffff:10.0.0.1", &said), ("203.0.113.9".into(), true));
        assert_eq!(
            seen("10.0.0.1", &[("x-real-ip", "203.0.113.9")]),
            ("203.0.113.9".into(), false)
        );
        assert_eq!(seen("10.0.0.1", &[]), ("10.0.0.1".into(), false));
        assert_eq!(
            seen("10.0.0.1", &[("x-forwarded-for", "10.2.2.2, 10.1.1.1")]),
            ("10.2.2.2".into(), false)
        );

        let forwarded = [("forwarded", "for=\"[2001:db8::1]:4711\";proto=https, for=10.1.1.1")];
        assert_eq!(seen("::1", &forwarded), ("2001:db8::1".into(), true));
        assert_eq!(
            seen("10.0.0.1", &[("x-forwarded-for", "unknown, ;drop")]),
            ("10.0.0.1".into(), false)
        );
    }
}
