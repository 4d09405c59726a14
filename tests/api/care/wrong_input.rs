//! Bodies of the `care` family, and what spoils them.

use hyper::Method;
use serde_json::{Value, json};

use crate::api::wrong_input::{Case, long, no_text};

pub(in crate::api) fn cases() -> Vec<Case> {
    vec![register(), open()]
}

fn register() -> Case {
    let mut wrong = no_text("name");
    wrong.extend(no_text("email"));
    wrong.extend([
        ("name", Value::Null),
        ("name", long(101)),
        ("name", json!("a\u{7}")),
        ("email", Value::Null),
        ("email", json!("nobody")),
        ("email", json!("ADMIN@localhost")),
        ("password", json!("short")),
        ("password", long(257)),
    ]);
    Case {
        family: "care",
        method: Method::POST,
        path: "/auth/register",
        valid: json!({"email": "care@example.com", "password": "long enough", "name": "John Doe"}),
        wrong,
    }
}

fn open() -> Case {
    Case {
        family: "care",
        method: Method::POST,
        path: "/v1/conversations",
        valid: json!({"customer_id": "anna"}),
        wrong: vec![
            ("customer_id", json!(5)),
            ("customer_id", json!("")),
            ("customer_id", long(129)),
            ("metadata", json!("web")),
        ],
    }
}
