//! What a route says of itself: one line a fact, in the table where the route stands.
//!
//! ```text
//! Route::post("/api/faq", Access::Staff, |call| create(call).boxed())
//!     .says("Add a FAQ")                         // the summary: an order, under 60 characters, no full stop
//!     .details("It is answered verbatim …")      // optional: what a caller has to know and cannot see
//!     .takes::<FaqIn>()                          // the JSON body: the very type the endpoint reads
//!     .answers::<Data<FaqOut>>(201),             // status and body of success: the very type it writes
//! Route::read("/api/faq", Access::Staff, list)
//!     .says("List FAQs")
//!     .query(&[Param::PAGE, Param::LIMIT, Param::text("category", "Only FAQs of this category")])
//!     .answers::<Listed<FaqOut>>(200),
//! Route::delete("/api/faq/:id", Access::Staff, |call| delete(call).boxed())
//!     .says("Delete a FAQ")
//!     .answers_nothing(),                        // 204
//! ```
//!
//! Wire types derive [`schemars::JsonSchema`] beside `Serialize` or `Deserialize`; it reads the serde attributes, and
//! doc comments of types and fields become descriptions. `OneOf`, `Count`, `Share`, `Object` and `AnyObject` need
//! nothing. A field of a type from another crate says what it is on the wire: `#[schemars(with = "u64")]` for a
//! `Sequence`, `#[schemars(with = "Time")]` (of `http::wire`) for a time that is text. Bounds that serde does not know
//! are `#[schemars(range(min = 1, max = 5))]`, `#[schemars(length(min = 1, max = 200))]`.
//! A generic type names its parameter: `#[schemars(rename = "DataOf{T}")]`.
//!
//! A capture is text unless `.path(&[Param::count("conversation_id", "The conversation's number")])` says otherwise.
//! Nothing else is to be said: `Access` gives the credentials, 401 and 403, captures give path parameters and 404, the
//! family's `error` gives the form of failures. Examples are put together from the fields (`docs::samples`); a field
//! whose name does not tell its kind has its own, `#[schemars(example = &"…")]`. Invariant, tested over every table: a
//! route has a summary, a body or 204, a request type when it takes JSON, and that type reads the example of it.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;

use super::{Param, Route};
use crate::http::body::{BodyError, parse_json};

/// What the API description tells of a route beside its method, path and access.
#[derive(Debug, Clone, Copy)]
pub struct Doc {
    /// One line: what it does.
    pub summary: &'static str,
    /// More of it, in Markdown; may be empty.
    pub details: &'static str,
    /// The parameters of its query.
    pub query: &'static [Param],
    /// The captures of its path that are no plain text, or have to be explained.
    pub path: &'static [Param],
    /// Its JSON body.
    pub takes: Option<Input>,
    /// What it answers on success; none while nobody has said it.
    pub answers: Option<Success>,
}

/// A JSON body that is read.
#[derive(Debug, Clone, Copy)]
pub struct Input {
    /// Its form.
    pub shape: Shape,
    /// Whether the endpoint would read these bytes; for tests of the examples.
    pub reads: fn(&[u8]) -> Result<(), BodyError>,
}

/// A successful answer.
#[derive(Debug, Clone, Copy)]
pub struct Success {
    /// The status.
    pub status: u16,
    /// What the answer's body is.
    pub content: Content,
}

/// What an answer's body is.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// Nothing.
    None,
    /// JSON of this form.
    Json(Shape),
    /// Something else, of this content type.
    Other(&'static str),
}

/// A wire type's form, written into a generator's definitions.
#[derive(Debug, Clone, Copy)]
pub struct Shape(pub fn(&mut SchemaGenerator) -> Schema);

impl Shape {
    /// The form of this type.
    pub const fn of<T: JsonSchema>() -> Self {
        Self(SchemaGenerator::subschema_for::<T>)
    }
}

impl Doc {
    /// Nothing said yet.
    pub(super) const EMPTY: Self = Self {
        summary: "",
        details: "",
        query: &[],
        path: &[],
        takes: None,
        answers: None,
    };
}

impl Route {
    /// One line: what it does, as an order ("Add a FAQ").
    #[must_use]
    pub const fn says(mut self, summary: &'static str) -> Self {
        self.doc.summary = summary;
        self
    }

    /// What a caller has to know beyond the summary, in Markdown.
    #[must_use]
    pub const fn details(mut self, details: &'static str) -> Self {
        self.doc.details = details;
        self
    }

    /// The parameters of its query.
    #[must_use]
    pub const fn query(mut self, query: &'static [Param]) -> Self {
        self.doc.query = query;
        self
    }

    /// The captures of its path that are no plain text (`Param::count` for a number), or have to be explained.
    #[must_use]
    pub const fn path(mut self, path: &'static [Param]) -> Self {
        self.doc.path = path;
        self
    }

    /// The JSON body it reads.
    #[must_use]
    pub const fn takes<T: JsonSchema + DeserializeOwned>(mut self) -> Self {
        self.doc.takes = Some(Input {
            shape: Shape::of::<T>(),
            reads: |bytes| parse_json::<T>(bytes).map(drop),
        });
        self
    }

    /// The status and JSON body of its success.
    #[must_use]
    pub const fn answers<T: JsonSchema>(self, status: u16) -> Self {
        self.succeeds(status, Content::Json(Shape::of::<T>()))
    }

    /// It answers 204.
    #[must_use]
    pub const fn answers_nothing(self) -> Self {
        self.succeeds(204, Content::None)
    }

    /// It answers 200 with something that is no JSON, such as `text/csv`.
    #[must_use]
    pub const fn answers_with(self, content_type: &'static str) -> Self {
        self.succeeds(200, Content::Other(content_type))
    }

    const fn succeeds(mut self, status: u16, content: Content) -> Self {
        self.doc.answers = Some(Success { status, content });
        self
    }
}
