//! Whatever a caller sends: never a 5xx, always the family's form of errors, and nothing stored.

use bytes::Bytes;
use hyper::Method;
use serde_json::{Value, json};
use switchboard::api::FAMILIES;
use switchboard::http::route::{Family, Param, Route, Upload};

use super::CASES;
use super::roles::sample;
use crate::support::{Answer, World};

/// The answer is a failure in the form of the family.
pub(super) fn assert_form(family: &str, answer: &Answer) {
    let body = &answer.body;
    let fits = match family {
        "platform" => {
            body["error"]["code"].is_string()
                && body["error"]["message"].is_string()
                && body["requestId"] == answer.header("x-request-id")
        }
        "care" => {
            let details = &body["error"]["details"];
            body["error"]["code"].is_string()
                && body["error"]["message"].is_string()
                && (details.is_null() || details.is_object())
        }
        "assistant" if answer.status == 422 => body["detail"].as_array().unwrap().iter().all(|entry| {
            entry["loc"][0].is_string() && entry["msg"].is_string() && entry["type"].is_string()
        }),
        "rooms" | "assistant" => body["detail"].is_string(),
        "omnichannel" => {
            body["success"] == false
                && body["message"].is_string()
                && body["code"].is_string()
                && body["errors"].is_array()
        }
        other => panic!("no form is known for {other}"),
    };
    assert!(fits, "not the form of {family}: {}", answer.text);
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(answer.header("x-request-id").starts_with("req_"));
}

/// The statuses that tell a wrong value in this family.
fn mistakes(family: &str) -> &'static [u16] {
    if family == "assistant" {
        &[422, 400]
    } else {
        &[400]
    }
}

fn taking_json() -> impl Iterator<Item = (&'static str, &'static Route)> {
    FAMILIES.iter().flat_map(|family| {
        let routes = family.routes.iter().copied().flatten();
        // A provider's call is nothing but bytes until its signature was checked.
        let is_bytes = |route: &Route| matches!(route.upload, Upload::Signed | Upload::Form);
        let with_body = routes.filter(move |route| route.upload != Upload::None && !is_bytes(route));
        with_body.map(|route| (family.name, route))
    })
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_a_mistake_everywhere() {
    let world = World::start().await;
    let deep = "[".repeat(100_000);
    let deep_object = format!("{}1{}", r#"{"a":"#.repeat(64), "}".repeat(64));
    let bodies: [&[u8]; 12] = [
        b"",
        b"   ",
        b"{",
        b"{\"a\": 1} x",
        b"nonsense",
        b"5",
        b"null",
        b"\"text\"",
        b"[[\"a\", \"b\"]]",
        b"{\"a\": \"\xFF\"}",
        deep.as_bytes(),
        deep_object.as_bytes(),
    ];
    for (family, route) in taking_json() {
        for body in bodies {
            if body.is_empty() && route.upload == Upload::MaybeJson {
                continue;
            }
            let bytes = Bytes::copy_from_slice(body);
            let answer = world
                .admin
                .send(
                    route.method.clone(),
                    &sample(route),
                    Some("application/json"),
                    bytes,
                )
                .await;
            assert!(
                mistakes(family).contains(&answer.status),
                "{} {:?}: {}",
                route.pattern,
                &body[..body.len().min(20)],
                answer.text
            );
            assert_form(family, &answer);
        }
    }
}

#[tokio::test]
async fn another_content_type_is_refused_and_a_large_body_is_not_read() {
    let world = World::start().await;
    let large = Bytes::from(format!("{{\"text\": \"{}\"}}", "a".repeat(1_048_600)));
    for (family, route) in taking_json() {
        let body = Bytes::from_static(b"text=hello");
        let form = Some("application/x-www-form-urlencoded");
        let answer = world
            .admin
            .send(route.method.clone(), &sample(route), form, body)
            .await;
        assert_eq!(answer.status, 415, "{}: {}", route.pattern, answer.text);
        assert_form(family, &answer);
        // Recordings and files have limits of their own.
        if !matches!(route.upload, Upload::Recording | Upload::Files) {
            let answer = world
                .admin
                .send(
                    route.method.clone(),
                    &sample(route),
                    Some("application/json"),
                    large.clone(),
                )
                .await;
            assert_eq!(answer.status, 413, "{}: {}", route.pattern, answer.text);
            assert_form(family, &answer);
        }
    }
}

/// Lists of a family by page, but those of one record.
fn by_page(family: &Family) -> impl Iterator<Item = &'static str> {
    let is_paged = |route: &Route| route.doc.query.iter().any(|param| param.name == Param::PAGE.name);
    let routes = family.routes.iter().copied().flatten();
    let paged = routes.filter(move |route| is_paged(route) && !route.pattern.contains("/:"));
    paged.map(|route| route.pattern)
}

#[tokio::test]
async fn every_paged_list_refuses_what_is_no_page() {
    let world = World::start().await;
    for path in FAMILIES.iter().flat_map(by_page) {
        for wrong in [
            "page=0",
            "page=-1",
            "page=x",
            "page=1.5",
            "limit=0",
            "limit=-5",
            "limit=",
            "limit=%00",
        ] {
            let answer = world.admin.get(&format!("{path}?{wrong}")).await;
            assert_eq!(answer.status, 400, "{path}?{wrong}: {}", answer.text);
            let field = wrong.split('=').next().unwrap();
            assert!(answer.text.contains(&format!("{field}: ")), "{}", answer.text);
        }
        for fine in [
            "page=99999999999999999999",
            "limit=99999999999999999999",
            "page=2&limit=101",
        ] {
            let answer = world.admin.get(&format!("{path}?{fine}")).await;
            assert_eq!(answer.status, 200, "{path}?{fine}: {}", answer.text);
        }
    }
}

/// An endpoint, a body it takes, and fields with values it does not take.
pub(super) struct Case {
    pub(super) family: &'static str,
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) valid: Value,
    pub(super) wrong: Vec<(&'static str, Value)>,
}

pub(super) fn long(characters: usize) -> Value {
    Value::String("a".repeat(characters))
}

/// Values that are no text.
pub(super) fn no_text(field: &'static str) -> Vec<(&'static str, Value)> {
    let values = [json!(5), json!(true), json!(["a"]), json!({"a": 1}), json!(1e300)];
    values.into_iter().map(|value| (field, value)).collect()
}

fn cases() -> impl Iterator<Item = Case> {
    CASES.iter().flat_map(|cases| cases())
}

/// The valid body with one field replaced; null takes it away.
fn spoiled(valid: &Value, field: &str, value: &Value) -> Value {
    let mut body = valid.clone();
    let mut place = &mut body;
    for name in field.split('.') {
        place = place.as_object_mut().unwrap().entry(name).or_insert(Value::Null);
    }
    *place = value.clone();
    body
}

/// What is stored, as far as lists tell: the total of each, or all of it where it has none. Reports are left out, since
/// they tell of time as well.
async fn stored(world: &World) -> Vec<(&'static str, Value)> {
    let mut found = Vec::new();
    for (path, at) in [
        ("/api/admin/users", "/pagination/total"),
        ("/api/admin/sessions/active", "/pagination/total"),
        ("/api/faq", "/pagination/total"),
        ("/api/customers", "/pagination/total"),
        ("/api/v1/logs/logs", ""),
        ("/api/admin/api-keys", "/apiKeys"),
        ("/api/admin/system-config", ""),
        ("/api/webhooks", "/data"),
        ("/api/business/credits", "/data"),
        ("/api/business/ai-config", "/data"),
    ] {
        if is_served(path) {
            let answer = world.admin.get(path).await;
            let shown = answer.body.pointer(at).cloned();
            found.push((path, shown.unwrap_or_else(|| panic!("{path}: {}", answer.text))));
        }
    }
    found
}

fn is_served(path: &str) -> bool {
    let mut routes = FAMILIES
        .iter()
        .flat_map(|family| family.routes.iter().copied().flatten());
    routes.any(|route| route.pattern == path && route.method == Method::GET)
}

#[tokio::test]
async fn a_wrong_value_is_named_by_its_field_and_nothing_is_stored() {
    let world = World::start().await;
    let before = stored(&world).await;
    for case in cases() {
        for (field, value) in &case.wrong {
            let body = spoiled(&case.valid, field, value);
            let answer = world.admin.json(case.method.clone(), case.path, &body).await;
            let told = format!(
                "{} {field} {}: {}",
                case.path,
                value.to_string().get(..30).unwrap_or("…"),
                answer.text
            );
            assert!(mistakes(case.family).contains(&answer.status), "{told}");
            assert_form(case.family, &answer);
            let leaf = field.rsplit('.').next().unwrap();
            let name = if case.family == "assistant" { leaf } else { field };
            assert!(answer.text.contains(name), "the field is not named: {told}");
        }
    }
    assert_eq!(stored(&world).await, before);
}

#[tokio::test]
async fn the_bodies_that_are_spoiled_are_valid_without_it() {
    let world = World::start().await;
    for case in cases() {
        let mut body = case.valid.clone();
        body["something_unknown"] = json!({"is": ["ignored"]});
        let answer = world.admin.json(case.method, case.path, &body).await;
        assert!(answer.status < 300, "{}: {}", case.path, answer.text);
    }
}
