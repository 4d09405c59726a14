//! What is wrong with the configuration, told to the operator: the key, where it came from, what was expected.
//!
//! A value is never repeated: it may be a secret.

use figment::Figment;
use figment::error::Kind;

/// Why the hub does not start with this configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read, or is no TOML.
    #[error("{origin}: {reason}")]
    Unreadable {
        /// Which file.
        origin: String,
        /// Why, in the words of the system or the parser.
        reason: String,
    },
    /// There is no such key.
    #[error("`{key}` (from {origin}) is not known: {known}")]
    Unknown {
        /// The key, with its section.
        key: String,
        /// The file or variable it came from.
        origin: String,
        /// What is known there.
        known: String,
    },
    /// The key's value does not fit.
    #[error("`{key}` (from {origin}) is wrong: expected {expected}")]
    Invalid {
        /// The key, with its section.
        key: String,
        /// The file or variable it came from.
        origin: String,
        /// What was expected.
        expected: String,
    },
}

/// A section's own finding; `of_section` adds where the key came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The key, without its section.
    key: &'static str,
    /// What was expected.
    expected: String,
}

impl Invalid {
    /// A value that does not fit.
    pub(super) fn new(key: &'static str, expected: impl Into<String>) -> Self {
        Self {
            key,
            expected: expected.into(),
        }
    }
}

/// Fails with this key and expectation unless `holds`.
pub(super) fn require(holds: bool, key: &'static str, expected: &str) -> Result<(), Invalid> {
    if holds {
        Ok(())
    } else {
        Err(Invalid::new(key, expected))
    }
}

/// Adds section and origin to a section's finding.
pub(super) fn of_section(figment: &Figment, section: &str, invalid: &Invalid) -> ConfigError {
    let key = format!("{section}.{}", invalid.key);
    let origin = figment
        .find_metadata(&key)
        .map_or_else(|| "the defaults".to_owned(), |found| found.name.to_string());
    ConfigError::Invalid {
        key,
        origin,
        expected: invalid.expected.clone(),
    }
}

/// Turns what the deserializer found into our words.
pub(super) fn of_figment(error: figment::Error) -> ConfigError {
    let origin = error
        .metadata
        .as_ref()
        .map_or_else(|| "the defaults".to_owned(), |found| found.name.to_string());
    let mut key = error.path.join(".");
    let expected = match error.kind {
        Kind::UnknownVariant(_, known) => format!("one of {}", quoted(known)),
        Kind::UnknownField(name, known) => {
            key = format!("{key}.{name}");
            format!("one of the keys {}", quoted(known))
        }
        Kind::MissingField(name) => format!("an entry with the key \"{name}\""),
        Kind::InvalidType(_, expected)
        | Kind::InvalidValue(_, expected)
        | Kind::InvalidLength(_, expected) => plain(&expected),
        Kind::Message(message) => message,
        _ => "a whole number that is not as large".to_owned(),
    };
    ConfigError::Invalid {
        key,
        origin,
        expected,
    }
}

fn quoted(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("\"{word}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The deserializer's name of a type in words of the operator's.
fn plain(expected: &str) -> String {
    match expected {
        "u16" => "a whole number from 0 to 65535".to_owned(),
        "u32" | "u64" | "usize" => "a whole number, zero or more".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" => "a text".to_owned(),
        "a sequence" => "a list".to_owned(),
        other => other.to_owned(),
    }
}
