//! Bodies of the `assistant` family, and what spoils them.

use hyper::Method;
use serde_json::{Value, json};

use crate::api::wrong_input::{Case, long, no_text};

pub(in crate::api) fn cases() -> Vec<Case> {
    vec![register(), log()]
}

fn register() -> Case {
    let mut wrong = no_text("username");
    wrong.extend(no_text("full_name"));
    wrong.extend([
        ("username", Value::Null),
        ("username", json!("with space")),
        ("email", Value::Null),
        ("email", json!("nobody")),
        ("password", json!("short")),
        ("full_name", long(101)),
    ]);
    Case {
        family: "assistant",
        method: Method::POST,
        path: "/api/v1/auth/register",
        valid: json!({"username": "newest", "email": "newest@example.com", "password": "long enough"}),
        wrong,
    }
}

fn log() -> Case {
    let mut wrong = no_text("title");
    wrong.extend(no_text("description"));
    wrong.extend([
        ("title", Value::Null),
        ("title", json!(" ")),
        ("title", long(201)),
        ("description", Value::Null),
        ("description", long(8_001)),
        ("log_type", json!("")),
        ("log_type", long(65)),
        ("category", json!(5)),
        ("category", long(65)),
        ("priority", json!("later")),
        ("priority", json!(1)),
    ]);
    Case {
        family: "assistant",
        method: Method::POST,
        path: "/api/v1/logs/logs",
        valid: json!({"title": "Login", "description": "It fails"}),
        wrong,
    }
}
