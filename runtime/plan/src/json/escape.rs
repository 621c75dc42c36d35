//! JSON strings, see RFC 8259 section 7.

/// For each byte: 0 to copy it, `u` for `\u00XX`, otherwise the letter after the backslash.
const ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = b'u';
        byte += 1;
    }
    table[0x08] = b'b';
    table[0x09] = b't';
    table[0x0a] = b'n';
    table[0x0c] = b'f';
    table[0x0d] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table
};

/// Appends a text as a JSON string.
pub fn write(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');

    let mut start = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let escape = ESCAPES[byte as usize];
        if escape == 0 {
            continue;
        }

        out.extend_from_slice(&bytes[start..at]);
        start = at + 1;
        out.extend_from_slice(&[b'\\', escape]);
        if escape == b'u' {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            out.extend_from_slice(&[b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }

    out.extend_from_slice(&bytes[start..]);
    out.push(b'"');
}

/// A text as a JSON string.
pub fn quoted(text: &str) -> String {
    let mut out = Vec::new();
    write(text, &mut out);
    String::from_utf8(out).expect("invariant: escaping a text gives a text")
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn every_character_reads_back() {
        for code in (0..0x300).chain([0x2028, 0xffff, 0x1_f600]) {
            let text = char::from_u32(code).unwrap().to_string();
            assert_eq!(serde_json::from_str::<String>(&quoted(&text)).unwrap(), text);
        }
    }
}
