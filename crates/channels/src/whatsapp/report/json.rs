//! Reading JSON that may be anything: whatever is missing or of another type is simply not there.
//!
//! Used by every part of the report's parser. Invariant: no function here fails, whatever value it is given.

mod tape;

use std::borrow::Cow;

use serde_json::Number;
use switchboard_domain::time::Timestamp;

pub(super) use self::tape::{Document, Json, Within};

/// Elements of the list at `key`; none where there is no list.
pub(super) fn list<'d>(value: Json<'d>, key: &str) -> Within<'d> {
    value.get(key).unwrap_or(Json::NONE).elements()
}

/// The text at `key`, trimmed of nothing; numbers are read as their digits, an empty text is none.
pub(super) fn text(value: Json<'_>, key: &str) -> Option<String> {
    words(value, key).map(Cow::into_owned)
}

/// The same, borrowed where it stands as it is.
pub(super) fn words<'d>(value: Json<'d>, key: &str) -> Option<Cow<'d, str>> {
    let found = value.get(key)?;
    let words = found.as_str().filter(|words| !words.is_empty());
    let number = || found.as_number().map(Number::to_string);
    words.map(Cow::Borrowed).or_else(|| number().map(Cow::Owned))
}

/// Whether `key` holds `true`.
pub(super) fn is_true(value: Json<'_>, key: &str) -> bool {
    value.get(key).and_then(Json::as_bool).unwrap_or(false)
}

/// The number at `key`, also where it is written as text.
pub(super) fn integer(value: Json<'_>, key: &str) -> Option<i64> {
    let found = value.get(key)?;
    let number = found.as_number().and_then(Number::as_i64);
    number.or_else(|| found.as_str()?.parse().ok())
}

/// The moment at `key`: seconds since 1970 as text or number. What lies beyond the year 9999 is none.
pub(super) fn moment(value: Json<'_>, key: &str) -> Option<Timestamp> {
    const YEAR_10000: i64 = 253_402_300_800;
    let seconds = integer(value, key)?;
    (0..YEAR_10000)
        .contains(&seconds)
        .then(|| Timestamp::from_millis(seconds * 1000))
}

/// The phone number at `key` as E.164: `+` and 5 to 15 digits. The provider writes it without the `+`.
pub(super) fn phone(value: Json<'_>, key: &str) -> Option<String> {
    let written = words(value, key)?;
    let digits = written.strip_prefix('+').unwrap_or(&written);
    let is_number = (5..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| ["+", digits].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Document<'_> {
        Document::read(json.as_bytes()).unwrap()
    }

    #[test]
    fn what_is_there_is_read_and_what_is_not_is_none() {
        let read = read(r#"{"a": "text", "n": 7, "s": "1739321024", "e": "", "l": [1], "t": true}"#);
        let value = read.root();
        assert_eq!(text(value, "a").as_deref(), Some("text"));
        assert_eq!(text(value, "n").as_deref(), Some("7"));
        assert_eq!(text(value, "e"), None);
        assert_eq!(integer(value, "s"), Some(1_739_321_024));
        assert_eq!(
            moment(value, "s").unwrap().to_string(),
            "2025-02-12T00:43:44.000Z"
        );
        assert!(is_true(value, "t") && !is_true(value, "a"));
        assert_eq!((list(value, "l").count(), list(value, "a").count()), (1, 0));
    }

    #[test]
    fn a_phone_number_has_digits_only_and_no_moment_is_out_of_time() {
        for wrong in [r#""+""#, r#""12a45""#, r#""1234567890123456""#, "[]"] {
            let told = format!(r#"{{"p": {wrong}}}"#);
            assert_eq!(phone(read(&told).root(), "p"), None, "{wrong}");
        }
        assert_eq!(
            phone(read(r#"{"p": "16505551234"}"#).root(), "p").as_deref(),
            Some("+16505551234")
        );
        assert_eq!(moment(read(r#"{"t": -1}"#).root(), "t"), None);
        assert_eq!(moment(read(r#"{"t": 9223372036854775807}"#).root(), "t"), None);
    }
}
