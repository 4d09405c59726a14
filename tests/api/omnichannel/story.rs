//! `omnichannel` as a story is told through it.

use serde_json::json;

use crate::api::teller::{Lists, NO_ACCOUNTS, Reads, Request, Side, Stands, Teller};

pub(crate) const TELLER: Teller = Teller {
    family: "omnichannel",
    accounts: NO_ACCOUNTS,
    teaches: Some(|question, answer| {
        let body = json!({"question": question, "answer": answer});
        Request::post("/api/faq", body)
    }),
    opens: None,
    says: None,
    answers: Some(|told, words| {
        let path = format!("/api/conversations/{}/messages", told.id);
        Request::post(path, json!({"content": words}))
    }),
    closes: Some(|told| {
        let path = format!("/api/conversations/{}/close", told.id);
        Request::post(path, json!({"reason": "RESOLVED", "summary": "Told"}))
    }),
    lists: Some(Lists {
        by: Side::Customer,
        path: "/api/conversations",
        at: "/data",
        field: "id",
        names: |told| json!(told.id),
    }),
    reads: Reads {
        by: Side::Staff,
        path: |told| format!("/api/conversations/{}/messages?limit=100", told.id),
        at: "/data",
        field: "content",
    },
    stands: Some(Stands {
        by: Side::Staff,
        path: |told| format!("/api/conversations/{}", told.id),
        at: "/data/status",
        with_agent: || json!("TRANSFERRED"),
        closed: || json!("CLOSED"),
    }),
};
