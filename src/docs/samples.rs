//! Examples, put together from the schemas: a field's own, else the sample of its name, else one of its kind.
//!
//! Five families name hundreds of fields with a few dozen words, so one table of words gives every body an example that
//! reads like a real one. Invariant, tested: an endpoint reads the example of its own body.

mod words;

use serde_json::{Map, Value, json};

/// How deeply examples are nested; a type that holds itself ends there.
const MAX_DEPTH: usize = 8;

/// Puts examples together, with all components at hand.
pub(super) struct Samples<'a> {
    /// `components.schemas`.
    pub(super) schemas: &'a Map<String, Value>,
}

/// What an example is for: the names of the field and of the component it is in.
#[derive(Clone, Copy)]
struct Place<'a> {
    owner: &'a str,
    field: &'a str,
    depth: usize,
}

impl Samples<'_> {
    /// An example of what this schema describes.
    pub(super) fn of(&self, schema: &Value) -> Value {
        let place = Place {
            owner: "",
            field: "",
            depth: 0,
        };
        self.sample(schema, place)
    }

    /// An example of a parameter on this path; an `id` there is one of what stands before it.
    pub(super) fn parameter(&self, path: &str, parameter: &Value) -> Value {
        let name = parameter["name"].as_str().unwrap_or_default();
        let capture = format!("/{{{name}}}");
        let before = path.split_once(&capture).map_or("", |(before, _)| before);
        let place = Place {
            owner: before.rsplit('/').next().unwrap_or_default(),
            field: name,
            depth: 0,
        };
        self.sample(&parameter["schema"], place)
    }

    fn sample(&self, schema: &Value, place: Place<'_>) -> Value {
        if let Some(own) = own(schema) {
            return own.clone();
        }
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            let inner = Place { owner: name, ..place };
            return self
                .schemas
                .get(name)
                .map_or(Value::Null, |target| self.sample(target, inner));
        }
        if let Some(form) = first_form(schema) {
            return self.sample(form, place);
        }
        match kind(schema) {
            _ if place.depth > MAX_DEPTH => Value::Null,
            "object" => self.object(schema, place),
            "array" => self.array(schema, place),
            "integer" => words::integer(place.field, schema),
            "number" => words::number(place.field, schema),
            "boolean" => json!(words::flag(place.field)),
            "null" => Value::Null,
            _ => words::text(place.owner, place.field, schema),
        }
    }

    fn object(&self, schema: &Value, place: Place<'_>) -> Value {
        let mut fields = Map::new();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            if let Value::Object(more) = self.sample(part, place) {
                fields.extend(more);
            }
        }
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let inner = Place {
                field: name,
                depth: place.depth + 1,
                ..place
            };
            fields.insert(name.clone(), self.sample(field, inner));
        }
        if fields.is_empty() && schema["additionalProperties"].is_object() {
            let inner = Place {
                depth: place.depth + 1,
                ..place
            };
            let value = self.sample(&schema["additionalProperties"], inner);
            fields.insert(words::key(place.field).to_owned(), value);
        }
        Value::Object(fields)
    }

    fn array(&self, schema: &Value, place: Place<'_>) -> Value {
        let inner = Place {
            depth: place.depth + 1,
            ..place
        };
        json!([self.sample(&schema["items"], inner)])
    }
}

/// What a schema says of itself.
fn own(schema: &Value) -> Option<&Value> {
    let first = |list: &str| schema.get(list).and_then(|list| list.get(0));
    let said = [
        schema.get("example"),
        first("examples"),
        schema.get("const"),
        first("enum"),
    ];
    said.into_iter().flatten().find(|value| !value.is_null())
}

/// The first of several forms that is not null.
fn first_form(schema: &Value) -> Option<&Value> {
    let forms = schema["anyOf"].as_array().or(schema["oneOf"].as_array())?;
    forms.iter().find(|form| form["type"] != "null")
}

/// The first type that is not null; what has parts and no type is an object.
fn kind(schema: &Value) -> &str {
    let listed = schema["type"].as_array();
    let first = listed.and_then(|types| types.iter().find(|kind| *kind != "null"));
    let kind = first.unwrap_or(&schema["type"]).as_str();
    let is_object = schema["properties"].is_object() || schema["allOf"].is_array();
    kind.unwrap_or(if is_object { "object" } else { "string" })
}
