//! The few fields of the hub's frames that are counted, found without reading the JSON as a whole.
//!
//! The texts sent here hold no quotes, so a name in quotes is always a field.

/// A frame's type; empty where it has none.
pub(crate) fn kind(frame: &[u8]) -> &[u8] {
    let Some(value) = after(frame, b"\"type\":\"") else {
        return &[];
    };
    value.split(|&byte| byte == b'"').next().unwrap_or_default()
}

/// A frame's sequence.
pub(crate) fn sequence(frame: &[u8]) -> Option<u64> {
    let digits = after(frame, b"\"sequence\":")?
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    digits
        .map(|digit| u64::from(digit - b'0'))
        .fold(None, |number, digit| Some(number.unwrap_or(0) * 10 + digit))
}

/// Whether the assistant has said it.
pub(crate) fn is_by_assistant(frame: &[u8]) -> bool {
    after(frame, b"\"sender\":\"ai\"").is_some()
}

fn after<'a>(frame: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let at = frame.windows(name.len()).position(|window| window == name)?;
    frame.get(at + name.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_wherever_they_stand() {
        let frame = br#"{"sender":"ai","sequence":1207,"type":"message"}"#;
        assert_eq!(
            (kind(frame), sequence(frame)),
            (b"message".as_slice(), Some(1207))
        );
        assert!(is_by_assistant(frame));
        assert_eq!((kind(b"{}"), sequence(br#"{"sequence":null}"#)), (&[][..], None));
    }
}
