//! A client's frame, read as far as it can be, so that even the error to a broken one carries its `id`.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// A frame of some dialect.
pub(super) struct Parsed<F> {
    /// The client's id for the frame, which its answer carries.
    pub(super) id: Option<String>,
    /// The frame, or what is wrong with it.
    pub(super) frame: Result<F, String>,
}

impl<F: DeserializeOwned> Parsed<F> {
    /// Reads a text frame; never fails.
    pub(super) fn of(text: &str) -> Self {
        let value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => return Self::broken(format!("not JSON: {error}")),
        };
        let id = match value.get("id") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return Self::broken("id: must be a string".to_owned()),
        };
        let frame = F::deserialize(value).map_err(|error| error.to_string());
        Self { id, frame }
    }

    const fn broken(message: String) -> Self {
        Self {
            id: None,
            frame: Err(message),
        }
    }
}
