//! Bodies of the `platform` family, and what spoils them.

use hyper::Method;
use serde_json::{Value, json};

use crate::api::wrong_input::{Case, long, no_text};

pub(in crate::api) fn cases() -> Vec<Case> {
    vec![
        messages(),
        recordings(),
        users(),
        organizations(),
        keys(),
        vectors(),
        memories(),
        search(),
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

fn vectors() -> Case {
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

fn memories() -> Case {
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

fn search() -> Case {
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
