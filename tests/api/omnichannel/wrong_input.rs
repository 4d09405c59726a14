//! Bodies of the `omnichannel` family, and what spoils them.

use hyper::Method;
use serde_json::{Value, json};

use crate::api::wrong_input::{Case, long, no_text};

pub(in crate::api) fn cases() -> Vec<Case> {
    vec![faqs(), customers(), webhooks(), credits(), ai_config()]
}

fn faqs() -> Case {
    let mut wrong = no_text("question");
    wrong.extend(no_text("answer"));
    wrong.extend([
        ("question", Value::Null),
        ("question", json!(" ")),
        ("question", long(501)),
        ("answer", json!("")),
        ("answer", long(8_001)),
        ("category", json!(5)),
        ("category", long(501)),
        ("questionVariants", json!("When?")),
        ("questionVariants", json!([5])),
        ("questionVariants", json!([""])),
        ("questionVariants", Value::from(vec!["a"; 21])),
    ]);
    Case {
        family: "omnichannel",
        method: Method::POST,
        path: "/api/faq",
        valid: json!({"question": "When do you ship?", "answer": "On Mondays."}),
        wrong,
    }
}

fn customers() -> Case {
    let mut wrong = no_text("name");
    wrong.extend(no_text("email"));
    wrong.extend(no_text("phone"));
    wrong.extend([
        ("name", Value::Null),
        ("name", json!(" ")),
        ("name", long(101)),
        ("email", json!("john")),
        ("phone", json!("5551234567")),
        ("phone", json!("+1")),
        ("tags", json!("vip")),
        ("tags", json!([""])),
        ("tags", json!(["a,b"])),
        ("tags", json!(["a".repeat(51)])),
        ("tags", (0..21).map(|tag| tag.to_string()).collect()),
        ("isVerified", json!("yes")),
        ("attributes", json!(["a"])),
        ("attributes.appointmentAt", json!(5)),
        ("attributes", json!({"": "a"})),
        ("attributes", json!({"a": "b".repeat(501)})),
        ("unsubscribed", json!(["FAX"])),
    ]);
    Case {
        family: "omnichannel",
        method: Method::POST,
        path: "/api/customers",
        valid: json!({"name": "John", "attributes": {}}),
        wrong,
    }
}

fn webhooks() -> Case {
    let mut wrong = no_text("url");
    wrong.extend([
        ("url", Value::Null),
        ("url", json!("")),
        ("url", json!("ftp://example.com/")),
        ("url", json!("https://user:secret@example.com/")),
        ("url", json!(format!("https://example.com/{}", "a".repeat(2_048)))),
        ("events", Value::Null),
        ("events", json!([])),
        ("events", json!("message.sent")),
        ("events", json!(["message"])),
        ("events", json!(["message.sent", "message.sent"])),
        ("active", json!("yes")),
    ]);
    Case {
        family: "omnichannel",
        method: Method::POST,
        path: "/api/webhooks",
        valid: json!({"url": "https://example.com/hooks", "events": ["message.sent"]}),
        wrong,
    }
}

fn credits() -> Case {
    Case {
        family: "omnichannel",
        method: Method::PUT,
        path: "/api/business/credits",
        valid: json!({"totalCredits": null, "monthlyBudget": 0.5}),
        wrong: vec![
            ("totalCredits", json!("1000")),
            ("totalCredits", json!(-0.01)),
            ("monthlyBudget", json!(1e13)),
            ("monthlyBudget", json!([1])),
        ],
    }
}

fn ai_config() -> Case {
    let mut wrong = no_text("customPrompt");
    wrong.extend([
        ("customPrompt", long(4_001)),
        ("tone", long(51)),
        ("language", json!("english please")),
        ("prohibitedTopics", json!("diagnosis")),
        ("prohibitedTopics", json!([" "])),
        ("prohibitedTopics", Value::from(vec!["a"; 51])),
        ("fallbackMessage", json!("")),
    ]);
    Case {
        family: "omnichannel",
        method: Method::PUT,
        path: "/api/business/ai-config",
        valid: json!({"customPrompt": "You are kind.", "prohibitedTopics": ["diagnosis"]}),
        wrong,
    }
}
