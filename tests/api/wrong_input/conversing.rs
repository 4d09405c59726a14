//! Rooms, what is asked about a message, what is remembered and known: bodies with what they do not take.

use hyper::Method;
use serde_json::{Value, json};

use super::{Case, long, no_text};

pub(super) fn rooms() -> Case {
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

pub(super) fn analyze() -> Case {
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

pub(super) fn memories() -> Case {
    let mut wrong = no_text("key");
    wrong.extend(no_text("userId"));
    wrong.extend([
        ("userId", Value::Null),
        ("userId", json!("")),
        ("userId", long(129)),
        ("type", Value::Null),
        ("type", json!("forever")),
        ("key", Value::Null),
        ("key", json!(" ")),
        ("key", long(201)),
        ("key", json!("a\nb")),
        ("value", long(16_384)),
        ("metadata", json!([0.8])),
        ("metadata.importance", json!(1.1)),
        ("metadata.importance", json!("high")),
        ("metadata.source", json!(5)),
        ("metadata.source", long(101)),
    ]);
    Case {
        family: "platform",
        method: Method::POST,
        path: "/api/memory/memories",
        valid: json!({"userId": "anna", "type": "long_term", "key": "size", "value": 41, "metadata": {}}),
        wrong,
    }
}

pub(super) fn vectors() -> Case {
    let mut wrong = no_text("text");
    wrong.extend(no_text("metadata.title"));
    wrong.extend([
        ("text", Value::Null),
        ("text", json!(" ")),
        ("text", long(8_001)),
        ("metadata", json!(["Return Policy"])),
        ("metadata.title", long(501)),
        ("metadata.source", long(501)),
        ("metadata.sourceId", long(501)),
        ("metadata.url", long(501)),
    ]);
    Case {
        family: "platform",
        method: Method::POST,
        path: "/api/memory/vectors",
        valid: json!({"text": "We ship on Mondays.", "metadata": {"title": "Shipping"}}),
        wrong,
    }
}

pub(super) fn search() -> Case {
    let mut wrong = no_text("query");
    wrong.extend([
        ("query", Value::Null),
        ("query", json!("")),
        ("query", long(8_001)),
        ("limit", json!(0)),
        ("limit", json!(-1)),
        ("limit", json!(1.5)),
        ("limit", json!("5")),
        ("organizationId", json!(5)),
    ]);
    Case {
        family: "platform",
        method: Method::POST,
        path: "/api/memory/knowledge/search",
        valid: json!({"query": "When do you ship?"}),
        wrong,
    }
}
