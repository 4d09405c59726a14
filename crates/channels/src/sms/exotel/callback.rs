//! What Exotel calls us with: status callbacks (POST), and incoming messages (GET or POST), all as form fields.
//!
//! Exotel charges for whatever it has taken, what has failed included, by the units that it tells; only what it does not
//! send because the customer is on a do-not-disturb list is free.
//!
//! Invariant: a number becomes E.164 or is not taken; one without an international prefix is of the account's country.
//!
//! Exotel's pages: <https://developer.exotel.com/api/sms> (status callbacks),
//! <https://docs.exotel.com/messaging-apis/how-is-sms-billed-charged>,
//! <https://support.exotel.com/support/solutions/articles/45270-send-a-sms-reply-in-response-to-an-incoming-sms>.

use std::collections::HashMap;

use switchboard_domain::time::Timestamp;

use crate::sms::report::{Callbacks, Message, Report, State, Status};

/// Fields of one callback that are read; real ones have about ten.
const MOST_FIELDS: usize = 64;
/// Calling code of India, where most of Exotel's accounts are.
const INDIA: &str = "91";

/// Exotel's callbacks.
#[derive(Debug, Clone)]
pub struct ExotelCallbacks {
    country: String,
}

impl ExotelCallbacks {
    /// For an account whose numbers without an international prefix belong to this calling code (`91`).
    pub fn new(country: impl Into<String>) -> Self {
        Self {
            country: country.into(),
        }
    }

    /// `+919052161119` from `+91…`, `0091…`, `09052161119`, `9052161119` or `919052161119`.
    fn phone(&self, written: &str) -> Option<String> {
        let digits: String = written
            .chars()
            .filter(|letter| !matches!(letter, ' ' | '-' | '(' | ')'))
            .collect();
        let country = self.country.as_str();
        let international =
            if let Some(digits) = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00")) {
                digits.to_owned()
            } else if let Some(national) = digits.strip_prefix('0') {
                format!("{country}{national}")
            } else if digits.len() <= 10 {
                format!("{country}{digits}")
            } else {
                digits
            };
        let is_number = (8..=15).contains(&international.len())
            && international.bytes().all(|digit| digit.is_ascii_digit());
        is_number.then(|| format!("+{international}"))
    }

    fn message(&self, id: String, fields: &HashMap<String, String>) -> Report {
        let Some(from) = fields.get("From").and_then(|from| self.phone(from)) else {
            return Report::Skipped("an incoming SMS without a sender's number".into());
        };
        Report::Message(Message {
            id,
            from,
            to: fields.get("To").filter(|to| !to.is_empty()).cloned(),
            text: fields.get("Body").cloned().unwrap_or_default(),
            at: fields.get("Date").and_then(|date| moment(date)),
        })
    }

    fn status(&self, id: String, word: &str, fields: &HashMap<String, String>) -> Report {
        let given = |key: &str| fields.get(key).filter(|value| !value.is_empty());
        let detail = given("DetailedStatus").map_or("", String::as_str);
        let Some(state) = state(word, detail) else {
            let word: String = word.chars().take(40).collect();
            return Report::Skipped(format!("an SMS status {word:?} that is not known"));
        };
        let failure = (state == State::Failed).then(|| {
            let code = given("DetailedStatusCode").map_or("", String::as_str);
            let words: String = format!("{word} {detail} {code}").chars().take(200).collect();
            words.split_whitespace().collect::<Vec<_>>().join(" ")
        });
        Report::Status(Status {
            id,
            state,
            reference: given("CustomField").cloned(),
            to: given("To").and_then(|to| self.phone(to)),
            at: given("DateSent").and_then(|date| moment(date)),
            failure,
            parts: given("SmsUnits").and_then(|units| units.parse().ok()),
            is_free: is_unwanted(word) || is_unwanted(detail),
        })
    }
}

/// For an account in India.
impl Default for ExotelCallbacks {
    fn default() -> Self {
        Self::new(INDIA)
    }
}

impl Callbacks for ExotelCallbacks {
    fn read(&self, form: &[u8]) -> Report {
        let Ok(fields) = serde_urlencoded::from_bytes::<Vec<(String, String)>>(form) else {
            return Report::Skipped("an SMS callback that is no form".into());
        };
        let fields: HashMap<_, _> = fields.into_iter().take(MOST_FIELDS).collect();
        let Some(id) = fields.get("SmsSid").filter(|id| !id.is_empty()).cloned() else {
            return Report::Skipped("an SMS callback without SmsSid".into());
        };
        let status = fields.get("Status").filter(|word| !word.is_empty());
        match status.or_else(|| fields.get("DetailedStatus")) {
            Some(word) => self.status(id, word, &fields),
            None => self.message(id, &fields),
        }
    }
}

/// `sent` is the last that Exotel says of a message; whether it arrived is in the detail.
fn state(word: &str, detail: &str) -> Option<State> {
    match word.to_ascii_lowercase().as_str() {
        "queued" | "sending" => Some(State::Queued),
        "sent" | "submitted" if detail.eq_ignore_ascii_case("DELIVERED_TO_HANDSET") => Some(State::Delivered),
        "sent" | "submitted" | "delivered_to_operator" | "submitted_to_carrier" => Some(State::Sent),
        "delivered" | "delivered_to_handset" => Some(State::Delivered),
        "failed" | "failed_dnd" | "failed-dnd" | "expired" | "undelivered" | "rejected" => {
            Some(State::Failed)
        }
        word if word.starts_with("failed") => Some(State::Failed),
        _ => None,
    }
}

/// Whether it was not sent because the customer is on a do-not-disturb list.
fn is_unwanted(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    matches!(word.as_str(), "failed_dnd" | "failed-dnd")
}

/// `2024-01-15 14:30:45`, in India's time whatever the account's country.
fn moment(date: &str) -> Option<Timestamp> {
    let (day, time) = date.trim().split_once(' ')?;
    let moment = Timestamp::parse(&format!("{day}T{time}+05:30"))?;
    // Not yet sent is written as the first moment of 1970.
    (moment.as_seconds() > 24 * 60 * 60).then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: &str) -> Report {
        ExotelCallbacks::default().read(form.as_bytes())
    }

    fn status(form: &str) -> Status {
        match read(form) {
            Report::Status(status) => status,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_incoming_message_is_read_with_its_sender_in_e164() {
        let form = "SmsSid=abc&From=09052161119&To=56070&Date=2026-03-01+10%3A00%3A00&Body=Hello+World";
        let Report::Message(message) = read(form) else {
            panic!("a message");
        };
        assert_eq!(message.id, "abc");
        assert_eq!(message.from, "+919052161119");
        assert_eq!(message.text, "Hello World");
        assert_eq!(message.to.as_deref(), Some("56070"));
        assert_eq!(message.at.unwrap().to_string(), "2026-03-01T04:30:00.000Z");
    }

    #[test]
    fn a_status_comes_with_our_reference_and_why_it_failed() {
        let delivered = status(
            "SmsSid=s1&Status=sent&DetailedStatus=DELIVERED_TO_HANDSET&SmsUnits=2&CustomField=out_1&To=%2B4915112345678\
             &DateSent=2026-03-01+10:00:00",
        );
        assert_eq!(delivered.state, State::Delivered);
        assert_eq!(delivered.reference.as_deref(), Some("out_1"));
        assert_eq!((delivered.parts, delivered.failure), (Some(2), None));
        assert_eq!(delivered.to.as_deref(), Some("+4915112345678"));
        assert!(!delivered.is_free);
        let failed = status("SmsSid=s1&Status=failed_dnd&DetailedStatus=FAILED_DND&DetailedStatusCode=30007");
        assert_eq!(failed.state, State::Failed);
        assert_eq!(failed.failure.as_deref(), Some("failed_dnd FAILED_DND 30007"));
        assert_eq!(failed.at, None);
    }

    #[test]
    fn of_what_has_failed_only_what_the_customer_did_not_want_is_free() {
        for (fields, is_free) in [
            ("Status=failed_dnd&DetailedStatus=FAILED_DND", true),
            ("Status=failed-dnd", true),
            ("Status=failed&DetailedStatus=FAILED_DND", true),
            ("Status=failed&DetailedStatus=FAILED_INVALID_NUMBER", false),
            ("Status=expired", false),
        ] {
            let told = status(&format!("SmsSid=s&SmsUnits=2&{fields}"));
            assert_eq!((told.is_free, told.parts), (is_free, Some(2)), "{fields}");
        }
    }

    #[test]
    fn each_documented_status_has_its_place() {
        for (word, expected) in [
            ("queued", State::Queued),
            ("sending", State::Queued),
            ("submitted", State::Sent),
            ("sent", State::Sent),
            ("delivered", State::Delivered),
            ("failed", State::Failed),
            ("expired", State::Failed),
            ("undelivered", State::Failed),
        ] {
            assert_eq!(
                status(&format!("SmsSid=s&Status={word}")).state,
                expected,
                "{word}"
            );
        }
        assert_eq!(
            status("SmsSid=s&DetailedStatus=DELIVERED_TO_HANDSET").state,
            State::Delivered
        );
    }

    #[test]
    fn what_cannot_be_read_is_skipped_with_a_reason_that_names_nobody() {
        for form in [
            "",
            "From=%2B4915112345678&Body=Hi",
            "SmsSid=&Body=Hi",
            "SmsSid=1&Body=Hi",
            "SmsSid=1&From=BANK&Body=Hi",
            "SmsSid=1&Status=eaten",
            "%%%=%ff",
        ] {
            let Report::Skipped(reason) = read(form) else {
                panic!("{form}");
            };
            assert!(!reason.contains("4915112345678"), "{reason}");
        }
    }

    #[test]
    fn a_number_is_e164_or_nothing() {
        let callbacks = ExotelCallbacks::default();
        for (written, expected) in [
            ("+49 151 1234-5678", Some("+4915112345678")),
            ("004915112345678", Some("+4915112345678")),
            ("919052161119", Some("+919052161119")),
            ("9052161119", Some("+919052161119")),
            ("VM-BANK", None),
            ("+", None),
        ] {
            assert_eq!(callbacks.phone(written).as_deref(), expected, "{written}");
        }
        let german = ExotelCallbacks::new("49");
        for (written, expected) in [
            ("0151 12345678", "+4915112345678"),
            ("15112345", "+4915112345"),
            ("+919052161119", "+919052161119"),
        ] {
            assert_eq!(german.phone(written).as_deref(), Some(expected), "{written}");
        }
    }
}
