//! `rooms` as a story is told through it.

use serde_json::json;

use crate::api::teller::{Accounts, Employs, Lists, Me, Opens, Reads, Request, Side, Stands, Teller};

pub(crate) const TELLER: Teller = Teller {
    family: "rooms",
    accounts: Accounts {
        logs_in: &[|who| {
            let body = json!({"username": who.name, "password": who.password});
            Request::post("/api/auth/login", body)
        }],
        registers: Some(|who| {
            let body = json!({"username": who.name, "email": who.email, "password": who.password,
                "user_type": "customer"});
            Request::post("/api/auth/register", body)
        }),
        employs: Some(Employs {
            request: |who| {
                let body = json!({"username": who.name, "email": who.email, "password": who.password,
                    "user_type": "admin"});
                Request::post("/api/auth/register", body)
            },
            shown_as: |who| who.name.to_owned(),
        }),
        logs_out: Some("/api/auth/logout"),
        me: Some(Me {
            path: "/api/auth/me",
            at: "/username",
            is: |who| who.name,
        }),
    },
    teaches: None,
    opens: Some(Opens {
        request: || Request::post("/api/chat/rooms", json!({"customer_name": "Ann"})),
        at: "/room_id",
    }),
    says: Some(|told, words| {
        let body = json!({"content": words, "user_type": "customer"});
        Request::post(format!("/api/chat/rooms/{}/messages", told.id), body)
    }),
    answers: Some(|told, words| {
        let body = json!({"content": words, "user_type": "admin"});
        Request::post(format!("/api/chat/rooms/{}/messages", told.id), body)
    }),
    closes: Some(|told| Request::post(format!("/api/chat/rooms/{}/close", told.id), json!({}))),
    lists: Some(Lists {
        by: Side::Customer,
        path: "/api/chat/rooms",
        at: "",
        field: "id",
        names: |told| json!(told.id),
    }),
    reads: Reads {
        by: Side::Customer,
        path: |told| format!("/api/chat/rooms/{}/messages?limit=100", told.id),
        at: "",
        field: "content",
    },
    stands: Some(Stands {
        by: Side::Customer,
        path: |told| format!("/api/chat/rooms/{}", told.id),
        at: "/status",
        with_agent: || json!("with_agent"),
        closed: || json!("closed"),
    }),
};
