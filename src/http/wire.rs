//! Building blocks of wire types: what JSON libraries let pass and a caller would not expect.

mod schema;

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Unexpected, Visitor};
use switchboard_actors::hub::analytics::Timeframe;
use switchboard_domain::account::Role;
use switchboard_domain::analysis::Confidence;
use switchboard_domain::customer::Channel;
use switchboard_domain::settings::ResponseStyle;

/// A JSON object, and nothing but an object: a derived type alone would take an array of its fields, too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Object<T>(pub T);

/// A whole number from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub usize);

/// Any JSON object, read for its form alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AnyObject;

/// A number from 0.0 to 1.0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share(pub Confidence);

/// A word out of a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneOf<T>(pub T);

/// A time as it is written: RFC 3339, UTC, milliseconds, `Z`. It stands for such a text in the API description.
#[derive(Debug, Clone, Copy)]
pub struct Time;

/// What [`OneOf`] reads.
pub trait Word: Sized {
    /// The list, in words: `one of a, b, c`.
    const EXPECTED: &'static str;

    /// The value a word stands for.
    fn read(word: &str) -> Option<Self>;

    /// The list.
    fn words() -> Vec<&'static str> {
        let list = Self::EXPECTED;
        list.strip_prefix("one of ").unwrap_or(list).split(", ").collect()
    }
}

impl Word for Channel {
    const EXPECTED: &'static str = "one of web, whatsapp, email, sms";

    fn read(word: &str) -> Option<Self> {
        Self::from_name(word)
    }
}

impl Word for Role {
    const EXPECTED: &'static str = "one of admin, agent, customer";

    fn read(word: &str) -> Option<Self> {
        Self::from_name(word)
    }
}

impl Word for ResponseStyle {
    const EXPECTED: &'static str = "one of friendly, formal, concise";

    fn read(word: &str) -> Option<Self> {
        Self::from_name(word)
    }
}

impl Word for Timeframe {
    const EXPECTED: &'static str = "one of hourly, daily, weekly, monthly";

    fn read(word: &str) -> Option<Self> {
        Self::from_name(word)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

impl<'de> Deserialize<'de> for AnyObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Object::<IgnoredAny>::deserialize(deserializer);
        fields.map(|Object(_)| Self)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor)
    }
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 1")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Count, E> {
        match usize::try_from(value).unwrap_or(usize::MAX) {
            0 => Err(E::invalid_value(Unexpected::Unsigned(value), &self)),
            count => Ok(Count(count)),
        }
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Count, E> {
        Err(E::invalid_value(Unexpected::Signed(value), &self))
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShareVisitor)
    }
}

struct ShareVisitor;

impl Visitor<'_> for ShareVisitor {
    type Value = Share;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number from 0.0 to 1.0")
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a confidence is kept with less precision"
    )]
    fn visit_f64<E: Error>(self, value: f64) -> Result<Share, E> {
        let share = (0.0..=1.0).contains(&value).then_some(value as f32);
        let share = share.and_then(Confidence::new).map(Share);
        share.ok_or_else(|| E::invalid_value(Unexpected::Float(value), &self))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Share, E> {
        let whole = u16::try_from(value).map_or(f64::MAX, f64::from);
        self.visit_f64(whole)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Share, E> {
        Err(E::invalid_value(Unexpected::Signed(value), &self))
    }
}

impl<'de, T: Word> Deserialize<'de> for OneOf<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordVisitor(PhantomData))
    }
}

struct WordVisitor<T>(PhantomData<T>);

impl<T: Word> Visitor<'_> for WordVisitor<T> {
    type Value = OneOf<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<OneOf<T>, E> {
        T::read(word)
            .map(OneOf)
            .ok_or_else(|| E::invalid_value(Unexpected::Str(word), &self))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::http::body::{BodyError, parse_json};

    #[derive(Debug, Deserialize)]
    struct Outer {
        inner: Object<Inner>,
        limit: Option<Count>,
        metadata: Option<AnyObject>,
        channel: Option<OneOf<Channel>>,
        threshold: Option<Share>,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        text: String,
    }

    fn field(json: &str) -> String {
        match parse_json::<Object<Outer>>(json.as_bytes()) {
            Err(BodyError::Field(error)) => error.message,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn an_array_is_no_object() {
        assert_eq!(field(r#"{"inner": ["hello"]}"#), "inner: expected an object");
        assert_eq!(field(r#"[{"text": "a"}]"#), "the body: expected an object");
        assert_eq!(
            field(r#"{"inner": {"text": "a"}, "metadata": []}"#),
            "metadata: expected an object"
        );
    }

    #[test]
    fn a_field_within_an_object_is_named_with_its_path() {
        assert_eq!(
            field(r#"{"inner": {"text": 5}}"#),
            "inner.text: expected a string"
        );
        assert_eq!(field(r#"{"inner": {}}"#), "inner.text: this field is required");
        for wrong in ["0", "-1", "1.5", "\"ten\"", "1e3"] {
            let json = format!(r#"{{"inner": {{"text": "a"}}, "limit": {wrong}}}"#);
            assert_eq!(field(&json), "limit: expected a whole number from 1", "{wrong}");
        }
    }

    #[test]
    fn a_word_or_share_of_another_kind_is_named_with_what_was_expected() {
        for wrong in ["\"fax\"", "5", "[]", "{}", "true"] {
            let json = format!(r#"{{"inner": {{"text": "a"}}, "channel": {wrong}}}"#);
            assert_eq!(
                field(&json),
                "channel: expected one of web, whatsapp, email, sms",
                "{wrong}"
            );
        }
        for wrong in ["1.1", "-0.1", "2", "-1", "\"1\"", "1e300"] {
            let json = format!(r#"{{"inner": {{"text": "a"}}, "threshold": {wrong}}}"#);
            assert_eq!(
                field(&json),
                "threshold: expected a number from 0.0 to 1.0",
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_whole_body_reads_back() {
        let json = br#"{"inner": {"text": "a", "more": [1]}, "limit": 7, "metadata": {"x": {"y": null}},
            "channel": "sms", "threshold": 1}"#;
        let Object(outer) = parse_json::<Object<Outer>>(json).unwrap();
        assert_eq!(
            (outer.inner.0.text.as_str(), outer.limit, outer.metadata),
            ("a", Some(Count(7)), Some(AnyObject))
        );
        assert_eq!(outer.channel, Some(OneOf(Channel::Sms)));
        assert_eq!(outer.threshold, Some(Share(Confidence::clamped(1.0))));
    }
}
