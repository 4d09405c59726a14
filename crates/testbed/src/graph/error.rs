//! Errors as the Graph API answers them.
//!
//! Invariant: code, HTTP status and the form of the JSON are the documented ones.
//!
//! Meta's page: <https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes>.

use serde_json::{Value, json};

use crate::http::Answer;

/// A refusal: its status and its JSON.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Refusal {
    /// With a detail, as the Cloud API says it.
    pub(super) fn new(code: i64, details: &str) -> Self {
        let (status, title) = described(code);
        let error = json!({
            "message": format!("(#{code}) {title}"),
            "type": "OAuthException",
            "code": code,
            "error_data": {"messaging_product": "whatsapp", "details": details},
            "fbtrace_id": "A8cLAcByTtHtestbed"
        });
        Self {
            status,
            body: json!({"error": error}),
        }
    }

    /// By the code alone.
    pub(super) fn of_code(code: i64) -> Self {
        Self::new(code, described(code).1)
    }

    /// A wrong or missing parameter.
    pub(super) fn parameter(details: impl AsRef<str>) -> Self {
        Self::new(100, details.as_ref())
    }

    /// What is not there, or not for this token.
    pub(super) fn unknown_object(id: &str) -> Self {
        let message = format!(
            "Unsupported request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, \
             or does not support this operation"
        );
        let error = json!({
            "message": message, "type": "GraphMethodException", "code": 100, "error_subcode": 33,
            "fbtrace_id": "A8cLAcByTtHtestbed"
        });
        Self {
            status: 400,
            body: json!({"error": error}),
        }
    }

    pub(super) fn answer(&self) -> Answer {
        Answer::json(self.status, &self.body)
    }
}

/// Status and title of a documented code.
const fn described(code: i64) -> (u16, &'static str) {
    match code {
        0 => (401, "AuthException"),
        1 => (400, "API Unknown"),
        2 => (503, "API Service"),
        3 => (500, "API Method"),
        4 => (400, "API Too Many Calls"),
        10 | 200..=299 => (403, "Permission Denied"),
        100 => (400, "Invalid parameter"),
        190 => (401, "Access token has expired"),
        368 => (403, "Temporarily blocked for policies violations"),
        80_007 => (400, "Rate limit issues"),
        130_429 => (429, "Rate limit hit"),
        130_472 => (400, "User's number is part of an experiment"),
        131_000 => (500, "Something went wrong"),
        131_005 => (403, "Access denied"),
        131_008 => (400, "Required parameter is missing"),
        33 | 131_009 => (400, "Parameter value is not valid"),
        131_016 => (500, "Service unavailable"),
        131_021 => (400, "Recipient cannot be sender"),
        131_026 => (400, "Message undeliverable"),
        131_031 => (403, "Account has been locked"),
        131_042 => (400, "Business eligibility payment issue"),
        131_047 => (400, "Re-engagement message"),
        131_048 => (400, "Spam rate limit hit"),
        131_051 => (400, "Unsupported message type"),
        131_053 => (400, "Media upload error"),
        131_056 => (400, "(Business Account, Consumer Account) pair rate limit hit"),
        132_000 => (
            400,
            "Number of parameters does not match the expected number of params",
        ),
        132_001 => (404, "Template name does not exist in the translation"),
        133_010 => (400, "Phone number not registered"),
        133_016 => (400, "Account register deregister rate limit exceeded"),
        _ => (400, "Error"),
    }
}
