//! Whatever a caller sends: never a 5xx, always the family's form of errors, and nothing stored.

mod assistant;
mod care;
mod conversing;
mod omnichannel;

use bytes::Bytes;
use hyper::Method;
use serde_json::{Value, json};
use switchboard::api::FAMILIES;
use switchboard::http::route::{Route, Upload};

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
        let with_body = routes.filter(|route| route.upload != Upload::None);
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
        if route.upload != Upload::Recording {
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

#[tokio::test]
async fn every_paged_list_refuses_what_is_no_page() {
    let world = World::start().await;
    for path in [
        "/api/admin/users",
        "/api/admin/sessions/active",
        "/api/faq",
        "/api/customers",
        "/api/conversations",
        "/api/webhooks",
    ] {
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

#[tokio::test]
async fn every_list_by_offset_refuses_what_is_no_page() {
    let world = World::start().await;
    let opened = world.admin.post("/conversations", &json!({})).await;
    let id = opened.body["conversation_id"].as_str().unwrap().to_owned();
    for path in [
        "/conversations".to_owned(),
        format!("/v1/conversations/{id}/messages"),
    ] {
        for wrong in ["offset=-1", "offset=x", "limit=0", "limit=-5", "limit="] {
            let answer = world.admin.get(&format!("{path}?{wrong}")).await;
            assert_eq!(answer.status, 400, "{path}?{wrong}: {}", answer.text);
            let field = wrong.split('=').next().unwrap();
            assert!(
                answer.body["error"]["details"][field].is_string(),
                "{}",
                answer.text
            );
        }
        for fine in ["offset=99999999999999999999", "limit=99999999999999999999"] {
            let answer = world.admin.get(&format!("{path}?{fine}")).await;
            assert_eq!(answer.status, 200, "{path}?{fine}: {}", answer.text);
        }
    }
}

/// An endpoint, a body it takes, and fields with values it does not take.
struct Case {
    family: &'static str,
    method: Method,
    path: &'static str,
    valid: Value,
    wrong: Vec<(&'static str, Value)>,
}

fn long(characters: usize) -> Value {
    Value::String("a".repeat(characters))
}

/// Values that are no text.
fn no_text(field: &'static str) -> Vec<(&'static str, Value)> {
    let values = [json!(5), json!(true), json!(["a"]), json!({"a": 1}), json!(1e300)];
    values.into_iter().map(|value| (field, value)).collect()
}

fn cases() -> Vec<Case> {
    vec![
        messages(),
        recordings(),
        conversing::vectors(),
        conversing::memories(),
        conversing::search(),
        users(),
        organizations(),
        keys(),
        omnichannel::faqs(),
        omnichannel::customers(),
        omnichannel::webhooks(),
        omnichannel::credits(),
        omnichannel::ai_config(),
        register(),
        conversing::rooms(),
        conversing::analyze(),
        config(),
        care::register(),
        care::open(),
        assistant::register(),
        assistant::log(),
    ]
}

fn messages() -> Case {
    let mut wrong = no_text("message.text");
    wrong.extend(no_text("userId"));
    wrong.extend(no_text("sessionId"));
    wrong.extend(no_text("message.id"));
    wrong.extend([
        ("message", Value::Null),
        ("message", json!("hello")),
        ("message", json!(["hello", "text"])),
        ("message.text", Value::Null),
        ("message.text", json!("")),
        ("message.text", json!("  \n ")),
        ("message.text", long(8_001)),
        ("message.type", json!("image")),
        ("message.type", json!(1)),
        ("message.id", json!("")),
        ("message.id", long(129)),
        ("message.id", json!("a\u{0}b")),
        ("channel", json!("fax")),
        ("channel", json!(3)),
        ("userId", Value::Null),
        ("userId", json!("")),
        ("userId", long(129)),
        ("sessionId", json!("")),
        ("sessionId", long(129)),
        ("sessionId", json!("a\nb")),
        ("metadata", json!("en")),
        ("metadata", json!(["en"])),
    ]);
    Case {
        family: "platform",
        method: Method::POST,
        path: "/api/core/messages",
        valid: json!({"message": {"text": "Hello"}, "userId": "anna", "channel": "web"}),
        wrong,
    }
}

fn recordings() -> Case {
    let mut wrong = no_text("audio");
    wrong.extend(no_text("format"));
    wrong.extend([
        ("audio", json!("")),
        ("audio", json!("not base64!")),
        ("audio", json!("aGVsbG8gd29ybGQ=")),
        ("format", json!("exe")),
        ("format", json!("mp3")),
        ("userId", Value::Null),
        ("channel", json!("radio")),
        ("sessionId", json!("")),
    ]);
    Case {
        family: "platform",
        method: Method::POST,
        path: "/api/core/messages/audio",
        valid: json!({"audio": "ZkxhQwAAACI=", "format": "flac", "userId": "anna"}),
        wrong,
    }
}

fn users() -> Case {
    let mut wrong = no_text("email");
    wrong.extend(no_text("password"));
    wrong.extend([
        ("email", Value::Null),
        ("email", json!("nobody")),
        ("email", json!("admin@localhost")),
        ("password", json!("short")),
        ("password", long(257)),
        ("firstName", long(101)),
        ("lastName", json!("a\u{7}")),
        ("role", Value::Null),
        ("role", json!("owner")),
        ("role", json!(1)),
        ("organizationId", json!(7)),
    ]);
    Case {
        family: "platform",
        method: Method::POST,
        path: "/api/admin/users",
        valid: json!({"email": "new@example.com", "password": "long enough", "role": "agent"}),
        wrong,
    }
}

fn organizations() -> Case {
    Case {
        family: "platform",
        method: Method::POST,
        path: "/api/admin/organizations",
        valid: json!({"name": "Third", "adminEmail": "a@third.example", "adminPassword": "long enough"}),
        wrong: vec![
            ("name", json!(1)),
            ("name", json!(" ")),
            ("name", long(101)),
            ("adminEmail", json!("third")),
            ("adminEmail", json!("admin@localhost")),
            ("adminPassword", json!("short")),
            ("adminPassword", Value::Null),
        ],
    }
}

fn keys() -> Case {
    Case {
        family: "platform",
        method: Method::POST,
        path: "/api/admin/api-keys",
        valid: json!({"name": "shop", "scopes": ["care"]}),
        wrong: vec![
            ("name", Value::Null),
            ("name", json!("")),
            ("scopes", json!("care")),
            ("scopes", json!(["nowhere"])),
            ("scopes", json!([5])),
        ],
    }
}

fn register() -> Case {
    let mut wrong = no_text("username");
    wrong.extend([
        ("username", Value::Null),
        ("username", json!("")),
        ("username", json!("with space")),
        ("username", json!("admin")),
        ("email", json!("nobody")),
        ("email", json!("ADMIN@localhost")),
        ("password", json!("short")),
        ("user_type", json!("robot")),
        ("user_type", json!(1)),
    ]);
    Case {
        family: "rooms",
        method: Method::POST,
        path: "/api/auth/register",
        valid: json!({"username": "fresh", "email": "fresh@example.com", "password": "long enough",
            "user_type": "customer"}),
        wrong,
    }
}

fn config() -> Case {
    Case {
        family: "rooms",
        method: Method::PUT,
        path: "/api/admin/system-config",
        valid: json!({"auto_reply_enabled": true}),
        wrong: vec![
            ("auto_reply_enabled", json!("yes")),
            ("auto_reply_enabled", json!(1)),
            ("max_response_length", json!(0)),
            ("max_response_length", json!(19)),
            ("max_response_length", json!(8_001)),
            ("max_response_length", json!(99.5)),
            ("max_response_length", json!(1e18)),
            ("ai_confidence_threshold", json!(1.01)),
            ("ai_confidence_threshold", json!(-0.1)),
            ("ai_confidence_threshold", json!("0.5")),
            ("response_style_default", json!("rude")),
            ("response_style_default", json!([])),
            ("handover_message", json!(" ")),
            ("fallback_message", long(8_001)),
            ("complaints_to_agent", json!("no")),
        ],
    }
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

/// What is stored, as far as lists tell.
async fn stored(world: &World) -> Vec<Value> {
    let mut totals = Vec::new();
    for path in [
        "/api/admin/users",
        "/api/admin/sessions/active",
        "/api/faq",
        "/api/customers",
    ] {
        totals.push(world.admin.get(path).await.body["pagination"]["total"].clone());
    }
    totals.push(world.admin.get("/api/v1/logs/logs").await.body);
    totals.push(world.admin.get("/api/admin/api-keys").await.body["apiKeys"].clone());
    totals.push(world.admin.get("/api/admin/system-config").await.body.clone());
    for path in [
        "/api/webhooks",
        "/api/business/credits",
        "/api/business/ai-config",
    ] {
        totals.push(world.admin.get(path).await.body["data"].clone());
    }
    totals
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
