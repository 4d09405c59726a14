//! One route of a table as an operation of the document.

use hyper::Method;
use serde_json::{Value, json};
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{
    ContentBuilder, Ref, RefOr, Required, Response, ResponseBuilder, SecurityRequirement, Server,
};

use super::components::{Components, prefix};
use super::failures;
use crate::http::route::doc::{Content, Input, Success};
use crate::http::route::{Access, Family, Kind, Param, Route, Upload};

/// The names of the two ways to show who is calling.
pub(super) const BEARER: &str = "bearer";
pub(super) const API_KEY: &str = "apiKey";

/// The route's method as the document names it; none for those it cannot name.
pub(super) fn method(route: &Route) -> Option<HttpMethod> {
    match route.method {
        Method::GET => Some(HttpMethod::Get),
        Method::POST => Some(HttpMethod::Post),
        Method::PUT => Some(HttpMethod::Put),
        Method::DELETE => Some(HttpMethod::Delete),
        Method::PATCH => Some(HttpMethod::Patch),
        _ => None,
    }
}

/// `/api/faq/:id` → `/api/faq/{id}`.
pub(super) fn path(route: &Route) -> String {
    let segments = route
        .pattern
        .split('/')
        .map(|segment| match segment.strip_prefix(':') {
            Some(name) => format!("{{{name}}}"),
            None => segment.to_owned(),
        });
    segments.collect::<Vec<_>>().join("/")
}

/// The operation, its wire types told to `components`.
pub(super) fn operation(family: &Family, route: &Route, components: &mut Components) -> Operation {
    let doc = &route.doc;
    let mut operation = OperationBuilder::new()
        .tag(family.name)
        .operation_id(Some(id(route)))
        .summary(Some(doc.summary))
        .parameters(Some(parameters(route)))
        .request_body(doc.takes.map(|input| body(route, input, components)))
        .securities(Some(securities(route.access)));
    if !family.aliases.is_empty() {
        // Under each of them, too.
        let roots = ["/"].into_iter().chain(family.aliases.iter().copied());
        operation = operation.servers(Some(roots.map(Server::new)));
    }
    if !doc.details.is_empty() {
        operation = operation.description(Some(doc.details));
    }
    if let Some(success) = doc.answers {
        operation = operation.response(success.status.to_string(), answer(success, components));
    }
    failures::of(family, route)
        .into_iter()
        .fold(operation, |operation, (status, name)| {
            operation.response(status, RefOr::Ref::<Response>(Ref::from_response_name(name)))
        })
        .build()
}

/// `GET /api/faq/:id` → `getApiFaqById`: unique, because the pair of method and path is.
fn id(route: &Route) -> String {
    let words = route
        .pattern
        .split(['/', '-', '_'])
        .filter(|word| !word.is_empty());
    let words = words.map(|word| match word.strip_prefix(':') {
        Some(name) => format!("By{}", prefix(name)),
        None => prefix(word),
    });
    let method = route.method.as_str().to_ascii_lowercase();
    words.fold(method, |id, word| id + &word)
}

fn parameters(route: &Route) -> Vec<Parameter> {
    let captures = route
        .pattern
        .split('/')
        .filter_map(|segment| segment.strip_prefix(':'));
    let in_path = captures.map(|name| {
        let stated = route.doc.path.iter().find(|param| param.name == name);
        let param = stated.copied().unwrap_or(Param::text(name, ""));
        parameter(&param, ParameterIn::Path)
    });
    let in_query = route.doc.query.iter();
    let in_query = in_query.map(|param| parameter(param, ParameterIn::Query));
    let in_header = repeats(route).then(idempotency_key);
    in_path.chain(in_query).chain(in_header).collect()
}

/// Whether a route heeds `Idempotency-Key`.
pub(super) fn repeats(route: &Route) -> bool {
    route.method == Method::POST && !route.secret
}

fn idempotency_key() -> Parameter {
    let form = json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"});
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The same request with the same key is done once, and answered the same again",
        ))
        .schema(schema(form))
        .build()
}

fn parameter(param: &Param, place: ParameterIn) -> Parameter {
    let required = param.required || place == ParameterIn::Path;
    let described = (!param.says.is_empty()).then_some(param.says);
    ParameterBuilder::new()
        .name(param.name)
        .parameter_in(place)
        .required(if required { Required::True } else { Required::False })
        .description(described)
        .schema(schema(kind(param.kind)))
        .build()
}

fn kind(kind: Kind) -> Value {
    match kind {
        Kind::Text => json!({"type": "string"}),
        Kind::Number(least) => json!({"type": "integer", "minimum": least}),
        Kind::Word(words) => json!({"type": "string", "enum": words()}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Time => json!({"type": "string", "format": "date-time"}),
    }
}

fn body(route: &Route, input: Input, components: &mut Components) -> RequestBody {
    let content = ContentBuilder::new().schema(schema(components.read(input.shape)));
    let required = match route.upload {
        Upload::MaybeJson => Required::False,
        Upload::None | Upload::Json | Upload::Recording | Upload::Files | Upload::Signed | Upload::Form => {
            Required::True
        }
    };
    let media_type = match route.upload {
        Upload::Form => "application/x-www-form-urlencoded",
        _ => "application/json",
    };
    RequestBodyBuilder::new()
        .required(Some(required))
        .content(media_type, content.build())
        .build()
}

fn answer(success: Success, components: &mut Components) -> Response {
    let sentence = match success.status {
        201 => "Made",
        202 => "Accepted",
        204 => "Done; there is nothing to tell",
        _ => "Done",
    };
    let response = ResponseBuilder::new().description(sentence);
    match success.content {
        Content::None => response.build(),
        Content::Json(shape) => {
            let content = ContentBuilder::new().schema(schema(components.written(shape)));
            response.content("application/json", content.build()).build()
        }
        Content::Other(kind) => {
            let content = ContentBuilder::new().schema(schema(json!({"type": "string"})));
            response.content(kind, content.build()).build()
        }
    }
}

/// A schema that is a reference or plain, as the document's builder takes it.
fn schema(value: Value) -> Option<RefOr<Schema>> {
    serde_json::from_value(value).ok()
}

/// An API key acts with an agent's rights, so that it reaches no route of admins.
fn securities(access: Access) -> Vec<SecurityRequirement> {
    let none = SecurityRequirement::default;
    let by = |name: &str| SecurityRequirement::new::<&str, [&str; 0], &str>(name, []);
    match access {
        Access::Public => vec![none(), by(BEARER), by(API_KEY)],
        Access::Caller | Access::Staff => vec![by(BEARER), by(API_KEY)],
        Access::Admin => vec![by(BEARER)],
    }
}
