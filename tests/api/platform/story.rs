//! `platform` as a story is told through it.

use serde_json::json;

use crate::api::teller::{Accounts, Employs, NO_ACCOUNTS, Reads, Request, Side, Stands, Teller};

/// What stands behind every agent's first name.
const LAST_NAME: &str = "Agent";

pub(crate) const TELLER: Teller = Teller {
    family: "platform",
    accounts: Accounts {
        employs: Some(Employs {
            request: |who| {
                let body = json!({"username": who.name, "email": who.email, "password": who.password,
                    "role": "agent", "firstName": who.name, "lastName": LAST_NAME});
                Request::post("/api/admin/users", body)
            },
            shown_as: |who| format!("{} {LAST_NAME}", who.name),
        }),
        ..NO_ACCOUNTS
    },
    teaches: Some(|question, answer| {
        let body = json!({"text": answer, "metadata": {"title": question}});
        Request::post("/api/memory/vectors", body)
    }),
    opens: None,
    says: Some(|told, words| {
        let body =
            json!({"message": {"text": words, "type": "text"}, "channel": "web", "sessionId": told.id});
        Request::post("/api/core/messages", body)
    }),
    answers: None,
    closes: None,
    lists: None,
    reads: Reads {
        by: Side::Staff,
        path: |told| format!("/api/admin/sessions/{}", told.id),
        at: "/messages",
        field: "text",
    },
    stands: Some(Stands {
        by: Side::Staff,
        path: |told| format!("/api/admin/sessions/{}", told.id),
        at: "/session/status",
        with_agent: || json!("with_agent"),
        closed: || json!("closed"),
    }),
};
