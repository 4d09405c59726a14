//! JSON as it stands in a webhook's bytes: its values one behind the other, the texts borrowed.
//!
//! Made from the body by `serde_json`, in whose `Value` every text, list and object is an allocation of its own, and an
//! object's fields a search tree. Here all values are one list, each with what is in it right behind it. Invariant: of a
//! name that is there twice the last one counts, as there.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Number;

/// Bytes of a body for each of its values, or more.
const BYTES_OF_VALUE: usize = 16;

/// A body that was read.
#[derive(Debug)]
pub(in super::super) struct Document<'a> {
    values: Vec<Place<'a>>,
}

/// A value and where the next one stands.
#[derive(Debug)]
struct Place<'a> {
    /// Its name in the object it is in; empty in a list.
    name: Cow<'a, str>,
    value: Value<'a>,
    /// Places it takes with all that is in it.
    places: usize,
}

#[derive(Debug)]
enum Value<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List,
    Object,
}

/// A value in a body that was read, or none.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Json<'d> {
    /// Itself, then what is in it.
    places: &'d [Place<'d>],
}

/// What is in a list or an object, in its order.
#[derive(Debug, Clone)]
pub(in super::super) struct Within<'d> {
    rest: &'d [Place<'d>],
}

impl<'a> Document<'a> {
    /// Reads a body; `None` for what is no JSON.
    pub(in super::super) fn read(body: &'a [u8]) -> Option<Self> {
        // Checked to be text as a whole, which takes a tenth of checking each name and text by itself.
        let body = str::from_utf8(body).ok()?;
        let mut values = Vec::with_capacity(body.len() / BYTES_OF_VALUE);
        let mut reader = serde_json::Deserializer::from_str(body);
        let into = Into {
            values: &mut values,
            name: Cow::Borrowed(""),
        };
        into.deserialize(&mut reader).ok()?;
        reader.end().ok()?;
        Some(Self { values })
    }

    /// All of it.
    pub(in super::super) fn root(&self) -> Json<'_> {
        Json { places: &self.values }
    }
}

impl<'d> Json<'d> {
    /// No value.
    pub(in super::super) const NONE: Self = Self { places: &[] };

    fn value(self) -> Option<&'d Value<'d>> {
        self.places.first().map(|place| &place.value)
    }

    fn within(self) -> Within<'d> {
        Within {
            rest: self.places.get(1..).unwrap_or_default(),
        }
    }

    /// What an object has under a name.
    pub(in super::super) fn get(self, name: &str) -> Option<Self> {
        matches!(self.value()?, Value::Object)
            .then(|| self.within().filter(|field| field.name() == name).last())
            .flatten()
    }

    fn name(self) -> &'d str {
        self.places.first().map_or("", |place| &place.name)
    }

    /// The elements of a list; none where it is no list.
    pub(in super::super) fn elements(self) -> Within<'d> {
        match self.value() {
            Some(Value::List) => self.within(),
            _ => Self::NONE.within(),
        }
    }

    pub(in super::super) fn as_str(self) -> Option<&'d str> {
        match self.value()? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(in super::super) fn as_bool(self) -> Option<bool> {
        match self.value()? {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub(in super::super) fn as_number(self) -> Option<&'d Number> {
        match self.value()? {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }
}

impl<'d> Iterator for Within<'d> {
    type Item = Json<'d>;

    fn next(&mut self) -> Option<Self::Item> {
        let (places, rest) = self.rest.split_at_checked(self.rest.first()?.places)?;
        self.rest = rest;
        Some(Json { places })
    }
}

/// As JSON.
impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whatever was read can be written.
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value() {
            None | Some(Value::Null) => serializer.serialize_unit(),
            Some(Value::Bool(value)) => serializer.serialize_bool(*value),
            Some(Value::Number(number)) => number.serialize(serializer),
            Some(Value::Text(text)) => serializer.serialize_str(text),
            Some(Value::List) => {
                let mut list = serializer.serialize_seq(None)?;
                self.within()
                    .try_for_each(|value| list.serialize_element(&value))?;
                list.end()
            }
            Some(Value::Object) => {
                let mut map = serializer.serialize_map(None)?;
                let mut fields = self.within();
                fields.try_for_each(|field| map.serialize_entry(field.name(), &field))?;
                map.end()
            }
        }
    }
}

/// Reads a value of this name to the end of a list.
struct Into<'l, 'a> {
    values: &'l mut Vec<Place<'a>>,
    name: Cow<'a, str>,
}

impl<'a> Into<'_, 'a> {
    fn put(self, value: Value<'a>) {
        self.values.push(Place {
            name: self.name,
            value,
            places: 1,
        });
    }

    /// Puts a list or an object, and behind it what is read.
    fn put_all<E>(
        self,
        value: Value<'a>,
        mut read: impl FnMut(&mut Vec<Place<'a>>) -> Result<bool, E>,
    ) -> Result<(), E> {
        let Self { values, name } = self;
        let start = values.len();
        Into { values, name }.put(value);
        while read(values)? {}
        let places = values.len() - start;
        if let Some(place) = values.get_mut(start) {
            place.places = places;
        }
        Ok(())
    }
}

impl<'a> DeserializeSeed<'a> for Into<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Into<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.put(Value::Null);
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.put(Value::Bool(value));
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.put(Value::Number(value.into()));
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.put(Value::Number(value.into()));
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.put(Number::from_f64(value).map_or(Value::Null, Value::Number));
        Ok(())
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<(), E> {
        self.put(Value::Text(Cow::Borrowed(text)));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.put(Value::Text(Cow::Owned(text.to_owned())));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut elements: A) -> Result<(), A::Error> {
        self.put_all(Value::List, |values| {
            let name = Cow::Borrowed("");
            Ok(elements.next_element_seed(Into { values, name })?.is_some())
        })
    }

    fn visit_map<A: MapAccess<'a>>(self, mut fields: A) -> Result<(), A::Error> {
        self.put_all(Value::Object, |values| {
            let Some(Name(name)) = fields.next_key()? else {
                return Ok(false);
            };
            fields.next_value_seed(Into { values, name })?;
            Ok(true)
        })
    }
}

/// The name of a field, borrowed where it stands without escapes.
struct Name<'a>(Cow<'a, str>);

impl<'a> Deserialize<'a> for Name<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameReader).map(Self)
    }
}

struct NameReader;

impl<'a> Visitor<'a> for NameReader {
    type Value = Cow<'a, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'a str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Document<'_> {
        Document::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn what_was_read_is_written_as_it_stood() {
        let text = r#"{"a":[null,true,-7,2.5,"w\u00f6rds \"so\""],"b":{"":{}},"c":[]}"#;
        let read = read(text);
        let words = read.root().get("a").unwrap().elements().nth(4).unwrap();
        assert_eq!(words.as_str(), Some("wörds \"so\""));
        let again = r#"{"a":[null,true,-7,2.5,"wörds \"so\""],"b":{"":{}},"c":[]}"#;
        assert_eq!(read.root().to_string(), again);
        assert_eq!(read.root().get("b").unwrap().to_string(), r#"{"":{}}"#);
    }

    #[test]
    fn a_field_is_found_in_its_own_object_only() {
        let read = read(r#"{"a": {"inner": 1}, "b": [{"inner": 2}], "c": 3}"#);
        let root = read.root();
        assert!(root.get("inner").is_none() && root.get("").is_none());
        let [list, number] = ["b", "c"].map(|name| root.get(name).unwrap());
        assert!(list.get("inner").is_none() && number.get("inner").is_none());
        assert_eq!(list.elements().next().unwrap().to_string(), r#"{"inner":2}"#);
        assert_eq!(
            root.get("a").unwrap().elements().count(),
            0,
            "an object is no list"
        );
        assert!(Json::NONE.get("a").is_none() && Json::NONE.elements().next().is_none());
    }

    #[test]
    fn of_a_name_that_is_there_twice_the_last_one_counts() {
        let read = read(r#"{"a": [1, 2], "a": {"b": 3}}"#);
        assert_eq!(read.root().get("a").unwrap().to_string(), r#"{"b":3}"#);
    }

    #[test]
    fn texts_without_escapes_are_borrowed() {
        let read = read(r#"["plain", "esc\"aped"]"#);
        let borrowed = read
            .values
            .iter()
            .map(|place| matches!(place.value, Value::Text(Cow::Borrowed(_))));
        assert_eq!(borrowed.collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn what_is_no_json_is_none_however_deep_it_is() {
        let deep = "[".repeat(100_000);
        for wrong in ["", "{", "{} {}", r#"{"a"}"#, "[1,]", &deep] {
            assert!(Document::read(wrong.as_bytes()).is_none(), "{wrong:.20}");
        }
        assert!(Document::read(b"\"\xff\"").is_none(), "no text");
    }
}
