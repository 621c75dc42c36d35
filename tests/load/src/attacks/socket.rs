//! Attacks with raw bytes on a connection: heads that never end, bodies that arrive slowly, answers that nobody reads.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::WriteHalf;
use tokio::net::{TcpSocket, TcpStream};

use super::graphql::{LONG_LISTS, large_document};
use super::{Attack, Outcome, Over, PATIENCE, ended, judge};
use tests::Random;

/// Bytes to send, and what the sender does afterwards.
pub(super) struct Wire {
    bytes: Vec<u8>,
    then: Then,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Reads the answer.
    Read,
    /// Closes the sending side, then reads the answer.
    End,
    /// Closes the connection at once.
    Leave,
    /// Waits until the server closes the connection.
    Wait,
    /// Sends another byte each second.
    Drip,
    /// Holds the connection and reads nothing.
    Ignore,
}

/// Maximum number of bytes of an answer to read.
const MOST_READ: u64 = 1024 * 1024;

/// Receive buffer of an attacker that does not read, in bytes.
const SMALL_WINDOW: u32 = 4096;

impl Wire {
    /// Sends the bytes and does what follows, until that is done or the attackers must stop.
    pub(super) async fn send(self, address: SocketAddr, over: &mut Over) -> Outcome {
        let waits_for_answer = matches!(self.then, Then::Read | Then::End);
        match tokio::time::timeout(PATIENCE, self.exchange(address, over)).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                Outcome::Refused("no connection".into())
            }
            Ok(Err(_)) => Outcome::Refused("closed".into()),
            Err(_) if waits_for_answer => Outcome::Fault("no answer in 65 s".into()),
            Err(_) => Outcome::Left,
        }
    }

    async fn exchange(self, address: SocketAddr, over: &mut Over) -> io::Result<Outcome> {
        let socket = TcpSocket::new_v4()?;
        if self.then == Then::Ignore {
            socket.set_recv_buffer_size(SMALL_WINDOW)?;
        }
        let mut stream = socket.connect(address).await?;
        stream.write_all(&self.bytes).await?;

        match self.then {
            Then::Leave => Ok(Outcome::Left),
            Then::Read => Ok(answer(&mut stream).await),
            Then::End => {
                stream.shutdown().await?;
                Ok(answer(&mut stream).await)
            }
            Then::Wait => Ok(tokio::select! {
                outcome = answer(&mut stream) => outcome,
                () = ended(over) => Outcome::Left,
            }),
            Then::Drip => drip(stream, over).await,
            Then::Ignore => {
                ended(over).await;
                Ok(Outcome::Left)
            }
        }
    }
}

/// Writes slowly until the server says something.
async fn drip(mut stream: TcpStream, over: &mut Over) -> io::Result<Outcome> {
    let (mut reader, mut writer) = stream.split();
    tokio::select! {
        // An answer counts more than a failure to write, so it is looked at first.
        biased;
        outcome = answer(&mut reader) => Ok(outcome),
        error = write_on(&mut writer) => Err(error),
        () = ended(over) => Ok(Outcome::Left),
    }
}

/// Writes a byte each second until it fails.
async fn write_on(writer: &mut WriteHalf<'_>) -> io::Error {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if let Err(error) = writer.write_all(b" ").await {
            return error;
        }
    }
}

/// Reads until the server closes the connection, and judges the answer.
async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> Outcome {
    let mut read = Vec::new();
    // A connection that breaks may have delivered an answer before.
    let _ = stream.take(MOST_READ).read_to_end(&mut read).await;
    judge_bytes(&read)
}

fn judge_bytes(read: &[u8]) -> Outcome {
    if read.is_empty() {
        return Outcome::Refused("closed".into());
    }

    // The fourth byte of HTTP/2's first frame says that it holds settings.
    if read.get(3) == Some(&4) {
        return Outcome::Refused("HTTP/2".into());
    }

    let text = String::from_utf8_lossy(read);
    let status = text
        .get(9..12)
        .filter(|_| text.starts_with("HTTP/1."))
        .and_then(|status| status.parse().ok());
    let (Some(status), Some((_, body))) = (status, text.split_once("\r\n\r\n")) else {
        return Outcome::Fault(format!("not HTTP: {}", text.chars().take(200).collect::<String>()));
    };
    judge(status, body.as_bytes())
}

/// The head of a request with a body of `length` bytes.
fn head(length: usize) -> String {
    format!(
        "POST /graphql/product_catalog/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
}

/// A whole request with the variable `l`, which the documents here may use.
fn whole(document: &str) -> String {
    let body = serde_json::json!({ "query": document, "variables": {"l": ["SKU-000001"]} }).to_string();
    format!("{}{body}", head(body.len()))
}

/// Bytes that are not HTTP, or invalid HTTP.
pub(super) fn garbage(random: &mut Random) -> Attack {
    let count = 16 + random.size(16 * 1024);
    let noise = random.bytes(count);

    let post = "POST /graphql/product_catalog/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let beginning = match random.below(8) {
        0 => String::new(),
        // The beginning of TLS.
        1 => "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}".to_owned(),
        2 => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        3 => format!("{post}Transfer-Encoding: chunked\r\n\r\nno number\r\n"),
        4 => format!("{post}Content-Length: 5\r\nContent-Length: 50\r\n\r\n"),
        5 => format!("{post}Content-Length: -1\r\n\r\n"),
        6 => format!("{post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffff0\r\n"),
        _ => format!("{post}Content-Length: {}\r\n\r\n", noise.len()),
    };

    Attack::Wire(Wire {
        bytes: [beginning.into_bytes(), noise].concat(),
        then: Then::End,
    })
}

/// One large header, many headers, or a long path.
pub(super) fn huge_head(random: &mut Random) -> Attack {
    let long = "x".repeat(1 + random.size(1024 * 1024));
    let rest = "HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";

    let text = match random.below(3) {
        0 => format!("GET /schemas/ {rest}X-Long: {long}\r\n\r\n"),
        1 => {
            let many: Vec<String> = (0..=random.size(10_000))
                .map(|at| format!("X-{at}: {at}\r\n"))
                .collect();
            format!("GET /schemas/ {rest}{}\r\n", many.concat())
        }
        _ => format!("GET /graphql/product_catalog/?query={long} {rest}\r\n"),
    };

    Attack::Wire(Wire {
        bytes: text.into_bytes(),
        then: Then::Read,
    })
}

/// A request whose sender leaves before the request is fully written or answered.
pub(super) fn dropped(random: &mut Random) -> Attack {
    let document = match random.below(3) {
        0 => large_document(random),
        1 => LONG_LISTS.clone(),
        _ => {
            "{ productsAggregate { count avg { price } } reviews(limit: 1000) { id body product { name } } }".to_owned()
        }
    };

    let mut bytes = whole(&document).into_bytes();
    if random.chance(50) {
        let kept = random.below(bytes.len() as u64) as usize;
        bytes.truncate(kept);
    }

    Attack::Wire(Wire {
        bytes,
        then: Then::Leave,
    })
}

/// A body that arrives at one byte a second.
pub(super) fn slow_body(_: &mut Random) -> Attack {
    let bytes = format!("{}{{\"query\":", head(100_000)).into_bytes();
    Attack::Wire(Wire {
        bytes,
        then: Then::Drip,
    })
}

/// A large answer that nobody reads.
pub(super) fn unread(random: &mut Random) -> Attack {
    Attack::Wire(Wire {
        bytes: whole(&large_document(random)).into_bytes(),
        then: Then::Ignore,
    })
}

/// A connection on which nothing or only a part of a head is sent.
pub(super) fn half_written(random: &mut Random) -> Attack {
    let head = head(100);
    let kept = if random.chance(50) {
        0
    } else {
        random.below(head.len() as u64) as usize
    };
    Attack::Wire(Wire {
        bytes: head.into_bytes()[..kept].to_vec(),
        then: Then::Wait,
    })
}
