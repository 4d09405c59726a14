//! Looking at a body's fields with the eyes of the Graph API: required, of the right type, and no others.
//!
//! Invariant: what passes has been looked at in full; a key that nobody asked for is refused like a wrong one.

use serde_json::{Map, Value};

use super::error::Refusal;

/// An object whose fields are taken one by one; what is left in the end is refused.
pub(super) struct Fields<'a> {
    name: &'a str,
    object: Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(name: &'a str, value: &Value) -> Result<Self, Refusal> {
        let object = value
            .as_object()
            .ok_or_else(|| Refusal::parameter(format!("Param {name} must be a JSON object.")))?;
        Ok(Self {
            name,
            object: object.clone(),
        })
    }

    /// A field that has to be there.
    pub(super) fn required(&mut self, key: &str) -> Result<Value, Refusal> {
        self.object.remove(key).ok_or_else(|| {
            let place = self.place(key);
            Refusal::parameter(format!("The parameter {place} is required."))
        })
    }

    /// A field that may be there.
    pub(super) fn optional(&mut self, key: &str) -> Option<Value> {
        self.object.remove(key)
    }

    /// A text that has to be there, of 1 to `most` characters.
    pub(super) fn text(&mut self, key: &str, most: usize) -> Result<String, Refusal> {
        let value = self.required(key)?;
        self.check_text(key, &value, most)
    }

    /// A text that may be there.
    pub(super) fn optional_text(&mut self, key: &str, most: usize) -> Result<Option<String>, Refusal> {
        let value = self.optional(key);
        value.map(|value| self.check_text(key, &value, most)).transpose()
    }

    /// A boolean that may be there.
    pub(super) fn optional_flag(&mut self, key: &str) -> Result<(), Refusal> {
        match self.optional(key) {
            None | Some(Value::Bool(_)) => Ok(()),
            Some(_) => Err(Refusal::parameter(format!(
                "Param {} must be a boolean.",
                self.place(key)
            ))),
        }
    }

    /// A text that has to be one of these.
    pub(super) fn one_of(&mut self, key: &str, words: &[&str]) -> Result<String, Refusal> {
        let word = self.text(key, 100)?;
        if words.contains(&word.as_str()) {
            return Ok(word);
        }
        let words = words.join(", ").to_uppercase();
        Err(Refusal::parameter(format!(
            "Param {} must be one of {{{words}}} - got \"{word}\".",
            self.place(key)
        )))
    }

    /// Refuses what nobody asked for.
    pub(super) fn end(self) -> Result<(), Refusal> {
        self.object.keys().next().map_or(Ok(()), |key| {
            Err(Refusal::parameter(format!(
                "Unexpected key \"{key}\" on param \"{}\".",
                self.name
            )))
        })
    }

    fn check_text(&self, key: &str, value: &Value, most: usize) -> Result<String, Refusal> {
        let place = self.place(key);
        let text = value
            .as_str()
            .ok_or_else(|| Refusal::parameter(format!("Param {place} must be a string.")))?;
        let length = text.chars().count();
        if (1..=most).contains(&length) {
            return Ok(text.to_owned());
        }
        Err(Refusal::parameter(format!(
            "Param {place} must be 1 to {most} characters long."
        )))
    }

    fn place(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}['{key}']", self.name)
        }
    }
}
