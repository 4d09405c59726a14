//! The wire types of one family as components of the document, named after the family and the type.
//!
//! What is read and what is written are told apart: an optional field may be left out of what is sent, while an answer
//! always has it. Invariant: a name stands for one form; [`Components::finish`] names those that would not.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

use crate::http::route::doc::Shape;

/// Where schemars refers to, and where the document has it.
const THERE: &str = "#/$defs/";
const HERE: &str = "#/components/schemas/";

/// The components of one family, while its routes are told.
pub(super) struct Components {
    prefix: String,
    read: SchemaGenerator,
    written: SchemaGenerator,
}

/// What the document lists under `components.schemas`, and names that two forms wanted.
#[derive(Default)]
pub(super) struct Finished {
    pub(super) schemas: Map<String, Value>,
    pub(super) disputed: Vec<String>,
}

impl Components {
    /// Of the family of this name.
    pub(super) fn of(family: &str) -> Self {
        let settings = SchemaSettings::draft2020_12;
        Self {
            prefix: prefix(family),
            read: settings().for_deserialize().into_generator(),
            written: settings().for_serialize().into_generator(),
        }
    }

    /// A type that requests are read as.
    pub(super) fn read(&mut self, shape: Shape) -> Value {
        let Shape(write) = shape;
        rename(write(&mut self.read), &self.prefix)
    }

    /// A type that answers are written from.
    pub(super) fn written(&mut self, shape: Shape) -> Value {
        let Shape(write) = shape;
        rename(write(&mut self.written), &self.prefix)
    }

    /// All that was told, added to what other families have told.
    pub(super) fn finish(mut self, into: &mut Finished) {
        let read = self.read.take_definitions(true);
        let written = self.written.take_definitions(true);
        for (name, mut schema) in read.into_iter().chain(written) {
            refer(&mut schema, &self.prefix);
            let name = named(&self.prefix, &name);
            match into.schemas.get(&name) {
                Some(known) if *known != schema => into.disputed.push(name),
                _ => drop(into.schemas.insert(name, schema)),
            }
        }
    }
}

/// `care` → `Care`.
pub(super) fn prefix(family: &str) -> String {
    let mut letters = family.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// `FaqOut` of `Omnichannel` → `OmnichannelFaqOut`.
fn named(prefix: &str, name: &str) -> String {
    format!("{prefix}{name}")
}

fn rename(schema: Schema, prefix: &str) -> Value {
    let mut value = schema.to_value();
    refer(&mut value, prefix);
    value
}

/// Points every reference within at the document's own components.
fn refer(value: &mut Value, prefix: &str) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field.as_str().and_then(|text| text.strip_prefix(THERE)) {
                    Some(target) if name == "$ref" => {
                        *field = Value::from(format!("{HERE}{}", named(prefix, target)));
                    }
                    _ => refer(field, prefix),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| refer(item, prefix)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde_json::json;

    use super::*;

    #[derive(JsonSchema)]
    #[schemars(rename = "EnvelopeOf{T}")]
    #[expect(dead_code, reason = "its form alone is looked at")]
    struct Envelope<T> {
        data: Vec<T>,
        note: Option<String>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "its form alone is looked at")]
    struct Faq {
        question: String,
    }

    #[test]
    fn components_bear_the_familys_name_and_refer_to_each_other() {
        let mut components = Components::of("omnichannel");
        let told = components.written(Shape::of::<Envelope<Faq>>());
        assert_eq!(
            told,
            json!({"$ref": "#/components/schemas/OmnichannelEnvelopeOfFaq"})
        );
        let mut finished = Finished::default();
        components.finish(&mut finished);
        let envelope = &finished.schemas["OmnichannelEnvelopeOfFaq"];
        assert_eq!(
            envelope["properties"]["data"]["items"],
            json!({"$ref": "#/components/schemas/OmnichannelFaq"})
        );
        assert_eq!(envelope["required"], json!(["data", "note"]));
        assert!(finished.disputed.is_empty());
    }

    #[test]
    fn a_type_that_is_read_and_written_in_two_forms_is_named() {
        let mut components = Components::of("care");
        components.read(Shape::of::<Envelope<Faq>>());
        components.written(Shape::of::<Envelope<Faq>>());
        let mut finished = Finished::default();
        components.finish(&mut finished);
        assert_eq!(finished.disputed, ["CareEnvelopeOfFaq"]);
    }
}
