//! Bytes as small hexadecimal digits: in the names that mails carry, in signatures and digests of providers.
//!
//! Called by the email and WhatsApp channels. Invariant: two digits a byte, always.

/// The digits of some bytes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

/// The bytes of an even number of digits; `None` for anything else.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut bytes = Vec::with_capacity(pairs.len());
    for [high, low] in pairs {
        bytes.push((value(*high)? << 4) | value(*low)?);
    }
    rest.is_empty().then_some(bytes)
}

const fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_read_back_and_nothing_else_does() {
        assert_eq!(encode(&[0, 9, 0xa5, 0xff]), "0009a5ff");
        assert_eq!(decode("0009A5ff"), Some(vec![0, 9, 0xa5, 0xff]));
        for wrong in ["0", "0g", "+1", "é"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
