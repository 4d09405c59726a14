//! Environment variables as keys: `SWITCHBOARD_SECTION__KEY`.
//!
//! How a value is read follows from the key's default, not from what the value looks like: a secret of digits stays a
//! text, and a list has to be JSON.

use figment::value::{Dict, Num, Tag, Value};

use super::error::ConfigError;
use super::layer::Layer;
use super::section;

const PREFIX: &str = "SWITCHBOARD_";

/// One layer for each variable of ours that has a section. Variables without `__` are left alone: some are put there
/// by container platforms.
pub(super) fn layers(environment: &[(String, String)], defaults: &Dict) -> Result<Vec<Layer>, ConfigError> {
    let ours = environment.iter().filter_map(|(name, value)| {
        let (section, key) = name.strip_prefix(PREFIX)?.split_once("__")?;
        Some((
            name,
            section.to_ascii_lowercase(),
            key.to_ascii_lowercase(),
            value,
        ))
    });
    ours.map(|(name, section, key, text)| layer(name, &section, &key, text, defaults))
        .collect()
}

fn layer(name: &str, in_section: &str, key: &str, text: &str, defaults: &Dict) -> Result<Layer, ConfigError> {
    let origin = format!("the environment variable {name}");
    let value = match section(defaults, in_section).and_then(|keys| keys.get(key)) {
        Some(like) => read(text, like).map_err(|expected| ConfigError::Invalid {
            key: format!("{in_section}.{key}"),
            origin: origin.clone(),
            expected: expected.to_owned(),
        })?,
        // An unknown key, which the check of the shape will name.
        None => Value::from(text),
    };
    let keys = Dict::from([(key.to_owned(), value)]);
    Ok(Layer::new(
        origin,
        Dict::from([(in_section.to_owned(), Value::from(keys))]),
    ))
}

/// Reads the text as a value of the same kind as the default, or says what was expected.
fn read(text: &str, like: &Value) -> Result<Value, &'static str> {
    match like {
        Value::Bool(..) => text.parse::<bool>().map(Value::from).map_err(|_| "true or false"),
        Value::Num(_, number) if is_float(*number) => {
            text.parse::<f64>().map(Value::from).map_err(|_| "a number")
        }
        Value::Num(..) => text
            .parse::<u64>()
            .map(Value::from)
            .map_err(|_| "a whole number, zero or more"),
        Value::Array(..) => list(text).ok_or("a list in JSON, such as [\"a\", \"b\"]"),
        _ => Ok(Value::String(Tag::Default, text.to_owned())),
    }
}

fn is_float(number: Num) -> bool {
    matches!(number, Num::F32(_) | Num::F64(_))
}

fn list(text: &str) -> Option<Value> {
    let items: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
    Value::serialize(items).ok()
}
