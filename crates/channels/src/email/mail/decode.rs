//! Transfer encodings and character sets (RFC 2045, section 6), as mails really use them.
//!
//! Called for each leaf of a mail. Invariant: whatever the bytes, something comes out; what cannot be decoded is kept as
//! it is (quoted-printable), left out (base64) or replaced (characters).

use mail_parser::decoders::charsets::map::charset_decoder;

/// The bytes behind a transfer encoding.
pub(super) fn transfer(encoding: &str, body: &[u8]) -> Vec<u8> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => base64(body),
        "quoted-printable" => quoted_printable(body),
        _ => body.to_vec(),
    }
}

fn base64(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for value in body.iter().filter_map(|byte| sextet(*byte)) {
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            let [.., byte] = (bits >> count).to_be_bytes();
            bytes.push(byte);
        }
    }
    bytes
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let text = line.trim_ascii_end();
        let (text, is_soft) = text.strip_suffix(b"=").map_or((text, false), |text| (text, true));
        unquote(text, &mut bytes);
        if !is_soft && line.ends_with(b"\n") {
            bytes.push(b'\n');
        }
    }
    bytes
}

fn unquote(mut text: &[u8], bytes: &mut Vec<u8>) {
    while let Some((first, rest)) = text.split_first() {
        let escaped = rest.split_at_checked(2).filter(|_| *first == b'=');
        let byte = escaped.and_then(|(digits, rest)| Some((hex(digits)?, rest)));
        let (byte, rest) = byte.unwrap_or((*first, rest));
        bytes.push(byte);
        text = rest;
    }
}

fn hex(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits)
        .ok()
        .filter(|text| !text.starts_with('+'))?;
    u8::from_str_radix(text, 16).ok()
}

/// Text of a named character set: line ends are `\n`, and neither NUL nor a byte order mark is left in it.
///
/// Text without a name, or called ASCII though it is not, is UTF-8 where it can be and else Windows-1252, as mail
/// clients read it.
pub(super) fn text(bytes: &[u8], charset: Option<&str>) -> String {
    let name = charset.unwrap_or_default().trim().to_ascii_lowercase();
    let decoded = match name.as_str() {
        "" | "us-ascii" | "ascii" | "unknown-8bit" | "default" => guess(bytes),
        "utf-8" | "utf8" => String::from_utf8_lossy(bytes).into_owned(),
        _ => charset_decoder(name.as_bytes()).map_or_else(|| guess(bytes), |decode| decode(bytes)),
    };
    plain(&decoded)
}

fn guess(bytes: &[u8]) -> String {
    let western = || charset_decoder(b"windows-1252").map(|decode| decode(bytes));
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => western().unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned()),
    }
}

fn plain(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_survives_line_ends_missing_padding_and_dirt() {
        for body in [
            "SGVsbG8sIFdvcmxkIQ==",
            "SGVs\r\nbG8s\r\nIFdvcmxkIQ",
            "SGVsbG8s*IFdv cmxkIQ==",
        ] {
            assert_eq!(transfer("BASE64 ", body.as_bytes()), b"Hello, World!", "{body}");
        }
    }

    #[test]
    fn quoted_printable_keeps_what_is_not_escaped_rightly() {
        let cases = [
            ("a=3Db=\r\nc\r\nd", "a=bc\nd"),
            ("50 = 50 =ZZ =\n", "50 = 50 =ZZ "),
            ("=", ""),
            ("=C3=A9=e9x", "\u{e9}\u{e9}x"),
            ("trailing  \r\nspace", "trailing\nspace"),
        ];
        for (body, want) in cases {
            let bytes = transfer("quoted-printable", body.as_bytes());
            assert_eq!(
                guess(&bytes).replace('\u{c3}', "").replace('\u{a9}', "\u{e9}"),
                want,
                "{body}"
            );
        }
    }

    #[test]
    fn text_of_many_character_sets_arrives() {
        assert_eq!(text(b"caf\xe9", Some("ISO-8859-1")), "caf\u{e9}");
        assert_eq!(text(b"caf\xe9", None), "caf\u{e9}");
        assert_eq!(text("caf\u{e9}".as_bytes(), Some("us-ascii")), "caf\u{e9}");
        assert_eq!(
            text(b"\x83e\x83X\x83g", Some("Shift_JIS")),
            "\u{30c6}\u{30b9}\u{30c8}"
        );
        assert_eq!(
            text(b"\xcf\xf0\xe8\xe2\xe5\xf2", Some("windows-1251")),
            "\u{41f}\u{440}\u{438}\u{432}\u{435}\u{442}"
        );
        assert_eq!(text(b"\xc4\xe3\xba\xc3", Some("gb2312")), "\u{4f60}\u{597d}");
        assert_eq!(
            text(b"\x1b$B%F%9%H\x1b(B", Some("iso-2022-jp")),
            "\u{30c6}\u{30b9}\u{30c8}"
        );
        assert_eq!(text(b"odd\xff", Some("no-such-set")), "odd\u{ff}");
        assert_eq!(text(b"\xef\xbb\xbfa\r\nb\rc\0", Some("utf-8")), "a\nb\nc");
    }
}
