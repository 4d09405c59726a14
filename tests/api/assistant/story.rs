//! `assistant` as a story is told through it.

use serde_json::json;

use crate::api::teller::{Accounts, Lists, Me, Reads, Request, Side, Stands, Teller};

pub(crate) const TELLER: Teller = Teller {
    family: "assistant",
    accounts: Accounts {
        logs_in: &[|who| {
            let body = json!({"username": who.email, "password": who.password});
            Request::post("/api/v1/auth/login", body)
        }],
        registers: Some(|who| {
            let body = json!({"username": who.name, "email": who.email, "password": who.password,
                "full_name": who.name});
            Request::post("/api/v1/auth/register", body)
        }),
        employs: None,
        logs_out: Some("/api/v1/auth/logout"),
        me: Some(Me {
            path: "/api/v1/auth/me",
            at: "/username",
            is: |who| who.name,
        }),
    },
    teaches: None,
    opens: None,
    says: Some(|told, words| {
        let body = json!({"message": words, "conversation_id": told.number});
        Request::post("/api/v1/chat/chat", body)
    }),
    answers: None,
    closes: None,
    lists: Some(Lists {
        by: Side::Customer,
        path: "/api/v1/chat/conversations",
        at: "",
        field: "id",
        names: |told| json!(told.number),
    }),
    reads: Reads {
        by: Side::Customer,
        path: |told| format!("/api/v1/chat/conversations/{}", told.number),
        at: "/messages",
        field: "content",
    },
    stands: Some(Stands {
        by: Side::Customer,
        path: |told| format!("/api/v1/chat/conversations/{}", told.number),
        at: "/is_active",
        with_agent: || json!(true),
        closed: || json!(false),
    }),
};
