//! JSON to a wire type, with an error that a caller can act on: which field, and what was expected there.

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::BodyError;

/// How deeply arrays and objects may be nested.
const MAX_DEPTH: usize = 32;

/// One field that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FieldError {
    /// The field's path, such as `items[2].name`; empty for the whole body.
    pub field: String,
    /// What was expected there, such as `a string`.
    pub expected: String,
    /// A sentence that names both.
    pub message: String,
    /// Whether it should be there and is not.
    pub is_missing: bool,
    /// Which part of the request it is in.
    pub place: Place,
}

/// A part of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Place {
    /// The body.
    #[default]
    Body,
    /// The query.
    Query,
    /// A header.
    Header,
}

impl Place {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

impl FieldError {
    /// A field that has another kind or value than `expected`.
    pub fn new(field: impl Into<String>, expected: impl Into<String>) -> Self {
        let (field, expected) = (field.into(), expected.into());
        let subject = if field.is_empty() { "the body" } else { &field };
        let message = format!("{subject}: expected {expected}");
        Self {
            field,
            expected,
            message,
            is_missing: false,
            place: Place::Body,
        }
    }

    /// The same, of the query.
    #[must_use]
    pub fn in_query(self) -> Self {
        Self {
            place: Place::Query,
            ..self
        }
    }

    /// The same, of a header.
    #[must_use]
    pub fn in_header(self) -> Self {
        Self {
            place: Place::Header,
            ..self
        }
    }

    /// A field that has to be there and is not.
    pub fn missing(field: impl Into<String>) -> Self {
        let field = field.into();
        let message = format!("{field}: this field is required");
        Self {
            field,
            expected: "a value".to_owned(),
            message,
            is_missing: true,
            place: Place::Body,
        }
    }
}

/// Reads JSON bytes, at most 32 levels deep.
///
/// # Errors
/// [`BodyError::NotJson`] for what is no JSON, [`BodyError::Field`] for JSON of another shape.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BodyError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(BodyError::NotJson("The body is empty: expected JSON".to_owned()));
    }
    if is_deeper_than(bytes, MAX_DEPTH) {
        return Err(BodyError::NotJson(format!(
            "The body is nested deeper than {MAX_DEPTH} levels"
        )));
    }
    // Fields that are skipped are not looked into, so this cannot be left to the reader.
    let text = std::str::from_utf8(bytes)
        .map_err(|_| BodyError::NotJson("The body is not JSON: it is not UTF-8".to_owned()))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| explain(&path_of(error.path()), error.inner()))?;
    reader.end().map_err(|error| explain("", &error))?;
    Ok(value)
}

/// Whether any value is nested deeper; brackets within strings do not count.
fn is_deeper_than(bytes: &[u8], limit: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'[' | b'{') => depth += 1,
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return true;
        }
    }
    false
}

fn path_of(path: &serde_path_to_error::Path) -> String {
    let text = path.to_string();
    if text == "." { String::new() } else { text }
}

/// Turns serde's words into ours.
fn explain(path: &str, error: &serde_json::Error) -> BodyError {
    let full = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let text = full.strip_suffix(&position).unwrap_or(&full);
    match error.classify() {
        Category::Data => BodyError::Field(explain_field(path, text)),
        Category::Io | Category::Syntax | Category::Eof => {
            BodyError::NotJson(format!("The body is not JSON: {full}"))
        }
    }
}

fn explain_field(path: &str, text: &str) -> FieldError {
    if let Some(name) = quoted_after(text, "missing field ") {
        return FieldError::missing(join(path, name));
    }
    if let Some(name) = quoted_after(text, "unknown field ") {
        let field = if path.ends_with(name) {
            path.to_owned()
        } else {
            join(path, name)
        };
        return FieldError {
            message: format!("{field}: this field is not known here"),
            expected: after_expected(text),
            field,
            is_missing: false,
            place: Place::Body,
        };
    }
    if let Some((_, expected)) = text.split_once(", expected ") {
        return FieldError::new(path, expected);
    }
    let subject = if path.is_empty() { "the body" } else { path };
    let message = format!("{subject}: {text}");
    FieldError {
        field: path.to_owned(),
        expected: text.to_owned(),
        message,
        is_missing: false,
        place: Place::Body,
    }
}

fn after_expected(text: &str) -> String {
    text.split_once(", expected ")
        .map_or("no such field", |(_, expected)| expected)
        .to_owned()
}

fn quoted_after<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    text.strip_prefix(start)?.strip_prefix('`')?.split('`').next()
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
