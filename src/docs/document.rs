//! The whole document, generated from the families' tables.
//!
//! utoipa's types say what it is made of; components are put in as they come from schemars, which knows more of JSON
//! Schema. Invariant: the same tables make the same document, byte for byte.

use serde_json::{Map, Value, json};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApiBuilder, Paths, Server};

use super::components::{Components, Finished};
use super::operation::{API_KEY, BEARER};
use super::samples::Samples;
use super::{failures, health, operation, tags};
use crate::http::health::VERSION;
use crate::http::route::Family;

/// Headers of answers: name, what it says, its schema's type.
const HEADERS: &[(&str, &str, &str)] = &[
    (
        "X-Request-Id",
        "The request's id, as it stands in the hub's log",
        "string",
    ),
    ("X-RateLimit-Limit", "Requests allowed in a window", "integer"),
    ("X-RateLimit-Remaining", "Requests left in this window", "integer"),
    (
        "X-RateLimit-Reset",
        "When the window ends, in seconds since 1970",
        "integer",
    ),
    ("Retry-After", "Seconds to wait before trying again", "integer"),
];

/// The document, and the names of components that two forms wanted.
pub(super) struct Document {
    /// OpenAPI 3.1.
    pub(super) value: Value,
    /// Empty, or a defect.
    pub(super) disputed: Vec<String>,
}

/// Tells these families, and what belongs to none.
pub(super) fn build(families: &[Family]) -> Document {
    let mut paths = Paths::new();
    let mut finished = Finished::default();
    let mut responses = Map::new();
    for family in families {
        let mut components = Components::of(family.name);
        for route in family.routes.iter().copied().flatten() {
            if let Some(method) = operation::method(route) {
                let told = operation::operation(family, route, &mut components);
                paths.add_path_operation(operation::path(route), vec![method], told);
            }
        }
        components.finish(&mut finished);
        let failures = failures::told(family);
        finished.schemas.insert(failures.name, failures.schema);
        responses.extend(failures.responses);
    }
    health::tell(&mut paths, &mut finished);
    let mut value = frame(families, paths);
    finish_paths(&mut value, &finished.schemas);
    for (name, response) in &mut responses {
        let waits = name.ends_with("TooManyRequests") || name.ends_with("Failed");
        put(
            response,
            "headers",
            references(|header| waits || header != "Retry-After"),
        );
    }
    if let Some(components) = value.get_mut("components") {
        put(components, "headers", headers());
        put(components, "responses", Value::Object(responses));
        put(components, "schemas", Value::Object(finished.schemas));
    }
    Document {
        value,
        disputed: finished.disputed,
    }
}

/// The document without its components.
fn frame(families: &[Family], paths: Paths) -> Value {
    let names = families.iter().map(|family| family.name).chain([tags::HEALTH]);
    let tags = names.map(|name| {
        TagBuilder::new()
            .name(name)
            .description(Some(tags::text(name)))
            .build()
    });
    let info = InfoBuilder::new()
        .title("Switchboard")
        .version(VERSION)
        .description(Some(tags::OVERVIEW))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ));
    let document = OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([Server::new("/")]))
        .paths(paths)
        .tags(Some(tags))
        .components(Some(credentials().build()))
        .build();
    serde_json::to_value(document).unwrap_or_default()
}

fn credentials() -> ComponentsBuilder {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "A token from any family's login, or from a configured issuer",
        ));
    let key = ApiKeyValue::with_description("X-API-Key", "A service's key: POST /api/admin/api-keys");
    ComponentsBuilder::new()
        .security_scheme(BEARER, SecurityScheme::Http(bearer.build()))
        .security_scheme(API_KEY, SecurityScheme::ApiKey(ApiKey::Header(key)))
}

fn headers() -> Value {
    let told = HEADERS.iter().map(|(name, says, kind)| {
        let header = json!({"description": says, "schema": {"type": kind}});
        ((*name).to_owned(), header)
    });
    Value::Object(told.collect())
}

fn references(wanted: impl Fn(&str) -> bool) -> Value {
    let names = HEADERS.iter().map(|(name, ..)| *name).filter(|name| wanted(name));
    let referred = names.map(|name| {
        let reference = json!({"$ref": format!("#/components/headers/{name}")});
        (name.to_owned(), reference)
    });
    Value::Object(referred.collect())
}

/// Gives every operation what can be told once its wire types are known: headers, and examples.
fn finish_paths(document: &mut Value, schemas: &Map<String, Value>) {
    let samples = Samples { schemas };
    for (path, item) in fields(document.get_mut("paths")) {
        for (_, operation) in fields(Some(item)) {
            for parameter in items(operation.get_mut("parameters")) {
                let example = samples.parameter(path, parameter);
                put(parameter, "example", example);
            }
            exemplify(operation.get_mut("requestBody"), &samples);
            for (_, response) in fields(operation.get_mut("responses")) {
                finish_response(response, &samples);
            }
        }
    }
}

/// A response that is no reference has the headers of every answer, and an example.
fn finish_response(response: &mut Value, samples: &Samples<'_>) {
    if response.get("$ref").is_none() {
        put(response, "headers", references(|name| name != "Retry-After"));
        exemplify(Some(response), samples);
    }
}

fn exemplify(holder: Option<&mut Value>, samples: &Samples<'_>) {
    let contents = holder.and_then(|holder| holder.get_mut("content"));
    for (kind, content) in fields(contents) {
        if kind == "application/json" {
            let example = samples.of(content.get("schema").unwrap_or(&Value::Null));
            put(content, "example", example);
        }
    }
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

fn fields(value: Option<&mut Value>) -> impl Iterator<Item = (&String, &mut Value)> {
    value.and_then(Value::as_object_mut).into_iter().flatten()
}

fn items(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.and_then(Value::as_array_mut).into_iter().flatten()
}
