//! What an error of the Graph API means for a message: never, later, or not before somebody mends the account.
//!
//! Used by the client and the media fetcher. Invariant: the decision is made by the documented `code`, and by the HTTP
//! status only where no code is known; words are for people and decide nothing.
//!
//! Meta's page: <https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes>.

use std::time::Duration;

use serde_json::Value;
use switchboard_domain::ports::transport::SendError;

use crate::http::Answer;

/// Characters of a reason.
const LONGEST_REASON: usize = 500;
/// What one message to the same recipient costs in time, which is what a pair rate limit waits for.
const PAIR_INTERVAL: Duration = Duration::from_secs(6);

/// An error as the Graph API words it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: i64,
    subcode: Option<i64>,
    words: String,
}

/// What follows from an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consequence {
    Refused,
    Later,
    AccountStopped,
}

impl Refusal {
    /// The error within an answer's body, if there is one.
    pub(super) fn read(body: &Value) -> Option<Self> {
        let error = body.get("error")?;
        let word = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let details = error.get("error_data").and_then(|data| word(data, "details"));
        let parts: Vec<String> = word(error, "message").into_iter().chain(details).collect();
        Some(Self {
            code: error.get("code").and_then(Value::as_i64)?,
            subcode: error.get("error_subcode").and_then(Value::as_i64),
            words: parts.join(": "),
        })
    }

    /// What follows from it; `None` for a code that is not documented.
    pub(super) const fn consequence(&self) -> Option<Consequence> {
        // An object that does not exist, or that the token may not see: the number's id or the token is wrong.
        if self.code == 100 && matches!(self.subcode, Some(33)) {
            return Some(Consequence::AccountStopped);
        }
        consequence(self.code)
    }

    /// Code and words, for staff.
    pub(super) fn reason(&self) -> String {
        let hint = hint(self.code).unwrap_or_default();
        let whole = format!("WhatsApp error {}: {}{hint}", self.code, self.words);
        whole.chars().take(LONGEST_REASON).collect()
    }
}

#[expect(
    clippy::match_same_arms,
    reason = "each arm is one reason, not only one consequence"
)]
const fn consequence(code: i64) -> Option<Consequence> {
    match code {
        // Credentials and rights.
        0 | 3 | 10 | 33 | 190 | 200..=299 | 131_005 | 2635 => Some(Consequence::AccountStopped),
        // The account is locked, restricted, unpaid or not registered.
        368 | 131_031 | 131_037 | 131_042 | 131_045 | 133_000 | 133_005 | 133_006 | 133_010 | 133_015
        | 134_011 => Some(Consequence::AccountStopped),
        // Too much at once.
        4 | 17 | 32 | 613 | 80_000..=80_014 | 130_429 | 131_048 | 131_056 | 133_008 | 133_009 | 133_016 => {
            Some(Consequence::Later)
        }
        // The provider is out of order or being worked on.
        1 | 2 | 131_000 | 131_016 | 131_057 | 133_004 => Some(Consequence::Later),
        // This message, to this customer, with this content.
        100 | 130_472 | 130_497 | 131_008 | 131_009 | 131_021 | 131_026 | 131_047 | 131_049..=131_055 => {
            Some(Consequence::Refused)
        }
        131_060..=131_070 | 132_000..=132_999 | 135_000 => Some(Consequence::Refused),
        _ => None,
    }
}

/// Which key to mend, where it is known.
const fn hint(code: i64) -> Option<&'static str> {
    match code {
        0 | 190 => Some(" (mend whatsapp.access_token)"),
        3 | 10 | 200..=299 => Some(" (the token of whatsapp.access_token lacks a permission)"),
        33 => Some(" (mend whatsapp.phone_number_id)"),
        2635 => Some(" (mend whatsapp.graph_version)"),
        131_042 => Some(" (the account cannot be charged: see its payment settings at Meta)"),
        _ => None,
    }
}

/// What an answer other than success means for the message.
pub(super) fn send_error(answer: &Answer) -> SendError {
    let Some(refusal) = Refusal::read(&answer.body) else {
        return unexplained(answer);
    };
    let reason = refusal.reason();
    match refusal.consequence().unwrap_or_else(|| by_status(answer)) {
        Consequence::Refused => SendError::Refused { reason },
        Consequence::AccountStopped => SendError::AccountStopped { reason },
        Consequence::Later => {
            let usual = (refusal.code == 131_056).then_some(PAIR_INTERVAL);
            let after = answer.after.or(usual);
            SendError::Later { reason, after }
        }
    }
}

fn by_status(answer: &Answer) -> Consequence {
    match answer.status.as_u16() {
        401 | 403 => Consequence::AccountStopped,
        408 | 425 | 429 | 500.. => Consequence::Later,
        _ => Consequence::Refused,
    }
}

/// An answer that is not the Graph API's: of something on the way to it.
fn unexplained(answer: &Answer) -> SendError {
    let reason = format!("WhatsApp answered {} and no reason", answer.status.as_u16());
    match answer.status.as_u16() {
        401 | 403 => SendError::AccountStopped {
            reason: format!("{reason} (mend whatsapp.access_token)"),
        },
        // A gateway that waited for the provider in vain does not know either.
        502 | 504 | 200..=299 => SendError::Uncertain { reason },
        408 | 425 | 429 | 500.. => SendError::Later {
            reason,
            after: answer.after,
        },
        413 => SendError::Refused { reason },
        _ => SendError::AccountStopped {
            reason: format!("{reason} (mend whatsapp.graph_base_url)"),
        },
    }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: Value) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            after: None,
            body,
        }
    }

    fn class(status: u16, code: i64) -> Consequence {
        let body = json!({"error": {"message": "m", "code": code, "fbtrace_id": "t"}});
        match send_error(&answer(status, body)) {
            SendError::Refused { .. } => Consequence::Refused,
            SendError::Later { .. } => Consequence::Later,
            SendError::AccountStopped { .. } => Consequence::AccountStopped,
            SendError::Uncertain { .. } | SendError::NotYet { .. } => {
                unreachable!("an error that says what it is")
            }
        }
    }

    #[test]
    fn each_documented_code_has_its_class_whatever_the_status() {
        let stopped = [
            0, 3, 10, 33, 190, 200, 250, 299, 368, 131_005, 131_031, 131_042, 133_010,
        ];
        let later = [
            1, 2, 4, 80_007, 130_429, 131_000, 131_016, 131_048, 131_056, 131_057, 133_016,
        ];
        let refused = [
            100, 130_472, 131_008, 131_009, 131_026, 131_047, 131_051, 131_053, 132_000, 132_068,
        ];
        for (codes, expected) in [
            (&stopped[..], Consequence::AccountStopped),
            (&later, Consequence::Later),
            (&refused, Consequence::Refused),
        ] {
            for &code in codes {
                assert_eq!([class(400, code), class(500, code)], [expected; 2], "{code}");
            }
        }
    }

    #[test]
    fn a_code_that_is_not_documented_is_judged_by_the_status() {
        let by_status = [
            (400, Consequence::Refused),
            (401, Consequence::AccountStopped),
            (403, Consequence::AccountStopped),
            (429, Consequence::Later),
            (503, Consequence::Later),
        ];
        for (status, expected) in by_status {
            assert_eq!(class(status, 999_999), expected, "{status}");
        }
    }

    #[test]
    fn a_number_that_the_token_does_not_see_stops_the_account_and_no_message() {
        let body = json!({"error": {"message": "does not exist", "code": 100, "error_subcode": 33}});
        let error = send_error(&answer(400, body));
        assert!(matches!(error, SendError::AccountStopped { .. }), "{error:?}");
    }

    #[test]
    fn an_answer_without_a_reason_is_uncertain_only_where_the_message_may_be_on_its_way() {
        let plain = |status| send_error(&answer(status, Value::Null));
        assert!(matches!(plain(200), SendError::Uncertain { .. }));
        assert!(matches!(plain(504), SendError::Uncertain { .. }));
        assert!(matches!(plain(503), SendError::Later { .. }));
        assert!(matches!(plain(302), SendError::AccountStopped { .. }));
        assert!(matches!(plain(404), SendError::AccountStopped { .. }));
    }

    #[test]
    fn a_reason_names_the_code_and_the_key_to_mend_and_is_not_endless() {
        let body = json!({"error": {"message": "expired ".repeat(200), "code": 190}});
        let refusal = Refusal::read(&body).unwrap();
        assert!(refusal.reason().starts_with("WhatsApp error 190: expired"));
        assert_eq!(refusal.reason().chars().count(), LONGEST_REASON);
        assert!(hint(190).unwrap().contains("whatsapp.access_token"));
    }
}
