//! Compares a layer with the defaults: every key has to be one of theirs, and of the same kind.

use figment::value::{Dict, Num, Value};

use super::error::ConfigError;
use super::layer::Layer;
use super::section;

/// Fails at the first key that is unknown or of another kind.
pub(super) fn check(layer: &Layer, defaults: &Dict) -> Result<(), ConfigError> {
    for (name, given) in layer.values() {
        let Some(known) = section(defaults, name) else {
            let known = format!("the sections are {}", names(defaults));
            return Err(unknown(layer, name.clone(), known));
        };
        let Value::Dict(_, keys) = given else {
            return Err(wrong(layer, name.clone(), "a section with keys"));
        };
        check_section(layer, name, keys, known)?;
    }
    Ok(())
}

fn check_section(layer: &Layer, section: &str, given: &Dict, known: &Dict) -> Result<(), ConfigError> {
    for (name, value) in given {
        let key = format!("{section}.{name}");
        let Some(like) = known.get(name) else {
            return Err(unknown(
                layer,
                key,
                format!("the keys of [{section}] are {}", names(known)),
            ));
        };
        if let Some(expected) = mismatch(value, like) {
            return Err(wrong(layer, key, expected));
        }
    }
    Ok(())
}

/// What was expected, when the value is of another kind than the default.
fn mismatch(value: &Value, like: &Value) -> Option<&'static str> {
    let (fits, expected) = match (like, value) {
        (Value::String(..) | Value::Char(..), _) => {
            (matches!(value, Value::String(..) | Value::Char(..)), "a text")
        }
        (Value::Bool(..), _) => (matches!(value, Value::Bool(..)), "true or false"),
        (Value::Array(..), _) => (matches!(value, Value::Array(..)), "a list"),
        (Value::Num(_, Num::F32(_) | Num::F64(_)), _) => (matches!(value, Value::Num(..)), "a number"),
        (_, Value::Num(_, number)) => (is_count(*number), "a whole number, zero or more"),
        _ => (false, "a whole number, zero or more"),
    };
    (!fits).then_some(expected)
}

fn is_count(number: Num) -> bool {
    number.to_u128().is_some() || number.to_i128().is_some_and(|signed| signed >= 0)
}

fn names(dict: &Dict) -> String {
    dict.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn unknown(layer: &Layer, key: String, known: String) -> ConfigError {
    ConfigError::Unknown {
        key,
        origin: layer.origin().to_owned(),
        known,
    }
}

fn wrong(layer: &Layer, key: String, expected: &str) -> ConfigError {
    ConfigError::Invalid {
        key,
        origin: layer.origin().to_owned(),
        expected: expected.to_owned(),
    }
}
