//! Bodies of the `rooms` family, and what spoils them.

use hyper::Method;
use serde_json::{Value, json};

use crate::api::wrong_input::{Case, long, no_text};

pub(in crate::api) fn cases() -> Vec<Case> {
    vec![register(), config(), rooms(), analyze()]
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

fn rooms() -> Case {
    let mut wrong = no_text("customer_name");
    wrong.extend([
        ("customer_name", Value::Null),
        ("customer_name", json!(" ")),
        ("customer_name", long(101)),
        ("customer_name", json!("a\u{7}")),
    ]);
    Case {
        family: "rooms",
        method: Method::POST,
        path: "/api/chat/rooms",
        valid: json!({"customer_name": "Anna"}),
        wrong,
    }
}

fn analyze() -> Case {
    let mut wrong = no_text("message");
    wrong.extend([
        ("message", Value::Null),
        ("message", json!("  ")),
        ("message", long(8_001)),
    ]);
    Case {
        family: "rooms",
        method: Method::POST,
        path: "/api/chat/analyze",
        valid: json!({"message": "Hello"}),
        wrong,
    }
}
