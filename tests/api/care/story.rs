//! `care` as a story is told through it.

use serde_json::json;

use crate::api::teller::{Accounts, Lists, Me, Opens, Reads, Request, Side, Stands, Teller};

pub(crate) const TELLER: Teller = Teller {
    family: "care",
    accounts: Accounts {
        logs_in: &[
            |who| {
                Request::post(
                    "/auth/login",
                    json!({"email": who.email, "password": who.password}),
                )
            },
            |who| {
                Request::post(
                    "/v1/auth/login",
                    json!({"email": who.email, "password": who.password}),
                )
            },
        ],
        registers: Some(|who| {
            let body = json!({"email": who.email, "password": who.password, "name": who.name});
            Request::post("/auth/register", body)
        }),
        employs: None,
        logs_out: Some("/auth/logout"),
        me: Some(Me {
            path: "/auth/me",
            at: "/email",
            is: |who| who.email,
        }),
    },
    teaches: None,
    opens: Some(Opens {
        request: || Request::post("/conversations", json!({})),
        at: "/conversation_id",
    }),
    says: Some(|told, words| {
        let body = json!({"message": words, "metadata": {"device": "web"}});
        Request::post(format!("/conversations/{}/messages", told.id), body)
    }),
    answers: None,
    closes: Some(|told| Request::post(format!("/conversations/{}/close", told.id), json!({}))),
    lists: Some(Lists {
        by: Side::Customer,
        path: "/conversations",
        at: "",
        field: "conversation_id",
        names: |told| json!(told.id),
    }),
    reads: Reads {
        by: Side::Customer,
        path: |told| format!("/conversations/{}/messages?limit=100", told.id),
        at: "",
        field: "message",
    },
    stands: Some(Stands {
        by: Side::Customer,
        path: |told| format!("/conversations/{}", told.id),
        at: "/status",
        with_agent: || json!("with_agent"),
        closed: || json!("closed"),
    }),
};
