//! The building blocks in the API description: each says exactly what its reader takes.
//!
//! All but [`Object`] are written where they are used; an [`Object`] is its content under its content's name.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{AnyObject, Count, Object, OneOf, Share, Time, Word};

impl<T: JsonSchema> JsonSchema for Object<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<T: Word> JsonSchema for OneOf<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Word")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "enum": T::words()})
    }
}

/// A block without parts of its own.
macro_rules! block {
    ($name:ident, $schema:tt) => {
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

block!(Count, {"type": "integer", "minimum": 1});
block!(Share, {"type": "number", "minimum": 0, "maximum": 1});
block!(AnyObject, {"type": "object"});
block!(Time, {"type": "string", "format": "date-time"});

#[cfg(test)]
mod tests {
    use switchboard_actors::hub::analytics::Timeframe;
    use switchboard_domain::account::Role;
    use switchboard_domain::customer::Channel;
    use switchboard_domain::settings::ResponseStyle;

    use super::*;

    fn read_all<T: Word>() -> bool {
        let words = T::words();
        words.len() > 1 && words.iter().all(|word| T::read(word).is_some())
    }

    #[test]
    fn every_listed_word_is_read() {
        assert!(read_all::<Role>() && read_all::<Channel>() && read_all::<ResponseStyle>());
        assert!(read_all::<Timeframe>());
    }

    #[test]
    fn an_object_is_its_content_under_its_contents_name() {
        let mut generator = SchemaGenerator::default();
        let direct = generator.subschema_for::<Object<Vec<OneOf<Role>>>>();
        let expected = json_schema!({
            "type": "array",
            "items": {"type": "string", "enum": ["admin", "agent", "customer"]},
        });
        assert_eq!(direct, expected);
    }
}
