//! A schema read off samples: the form of a family's failures, found by asking the function that writes them.
//!
//! Invariant: every sample is valid against the schema, and a field is required when all samples have it. Objects
//! that have no field in common are maps: their names are values, too.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What samples of one place have looked like.
#[derive(Default)]
pub(super) struct Seen {
    scalars: Vec<&'static str>,
    items: Option<Box<Seen>>,
    objects: usize,
    fields: BTreeMap<String, (usize, Seen)>,
    /// What stands in any field, for maps.
    values: Option<Box<Seen>>,
}

impl Seen {
    /// Looks at one more sample.
    pub(super) fn look(&mut self, sample: &Value) {
        match sample {
            Value::Object(fields) => self.look_at_object(fields),
            Value::Array(items) => {
                let seen = self.items.get_or_insert_default();
                for item in items {
                    seen.look(item);
                }
            }
            scalar => {
                let kind = kind(scalar);
                if !self.scalars.contains(&kind) {
                    self.scalars.push(kind);
                }
            }
        }
    }

    fn look_at_object(&mut self, fields: &Map<String, Value>) {
        self.objects += 1;
        for (name, value) in fields {
            let (count, seen) = self.fields.entry(name.clone()).or_default();
            *count += 1;
            seen.look(value);
            self.values.get_or_insert_default().look(value);
        }
    }

    /// The schema of all that was seen.
    pub(super) fn schema(&self) -> Value {
        let mut forms = Vec::new();
        if self.objects > 0 {
            forms.push(self.object());
        }
        if let Some(items) = &self.items {
            forms.push(json!({"type": "array", "items": items.schema()}));
        }
        match self.scalars.as_slice() {
            [] => {}
            [one] => forms.push(json!({"type": one})),
            many => forms.push(json!({"type": many})),
        }
        match forms.len() {
            0 => json!({}),
            1 => forms.remove(0),
            _ => json!({"anyOf": forms}),
        }
    }

    fn is_map(&self) -> bool {
        self.objects > 1 && self.fields.values().all(|(count, _)| *count < self.objects)
    }

    fn object(&self) -> Value {
        if let (Some(values), true) = (&self.values, self.is_map()) {
            return json!({"type": "object", "additionalProperties": values.schema()});
        }
        let properties: Map<_, _> = self
            .fields
            .iter()
            .map(|(name, (_, seen))| (name.clone(), seen.schema()))
            .collect();
        let always = self
            .fields
            .iter()
            .filter(|(_, (count, _))| *count == self.objects);
        let required: Vec<_> = always.map(|(name, _)| name.as_str()).collect();
        json!({"type": "object", "properties": properties, "required": required})
    }
}

const fn kind(scalar: &Value) -> &'static str {
    match scalar {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        _ => "string",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_required_when_every_sample_has_it_and_null_when_one_is() {
        let mut seen = Seen::default();
        seen.look(&json!({"detail": "no", "code": null}));
        seen.look(&json!({"detail": [{"loc": ["body"]}], "code": "x", "more": 1}));
        let schema = seen.schema();
        assert_eq!(schema["required"], json!(["code", "detail"]));
        assert_eq!(schema["properties"]["code"], json!({"type": ["null", "string"]}));
        let list = &schema["properties"]["detail"]["anyOf"][0];
        assert_eq!(
            list["items"]["properties"]["loc"]["items"],
            json!({"type": "string"})
        );
    }

    #[test]
    fn objects_that_share_no_field_are_a_map() {
        let mut seen = Seen::default();
        seen.look(&json!({"email": "is taken"}));
        seen.look(&json!({"limit": "a whole number"}));
        assert_eq!(
            seen.schema(),
            json!({"type": "object", "additionalProperties": {"type": "string"}})
        );
    }
}
