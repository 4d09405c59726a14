//! The machine-readable part of a delivery report (RFC 3464, section 2) and enhanced status codes (RFC 3463).
//!
//! Called for reports alone. Invariant: of several receivers the worst outcome counts, and a report of success is none.

use super::Outcome;
use crate::email::mail::Headers;

/// How many receivers of one report are looked at.
const RECIPIENTS: usize = 100;

/// What one receiver's group of fields says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Recipient {
    pub(super) address: Option<String>,
    pub(super) outcome: Outcome,
    pub(super) status: String,
    pub(super) diagnostic: String,
}

/// The worst that a report tells of; `None` when every receiver got it.
pub(super) fn worst(report: &str) -> Option<Recipient> {
    let report = report.replace("\r\n", "\n");
    let groups = report.split("\n\n").take(RECIPIENTS);
    let recipients = groups.filter_map(|group| recipient(&Headers::of(group.as_bytes())));
    recipients.max_by_key(|recipient| recipient.outcome)
}

fn recipient(fields: &Headers) -> Option<Recipient> {
    let action = fields.get("action").unwrap_or_default().to_ascii_lowercase();
    let status = fields.get("status").and_then(enhanced_code);
    let diagnostic = fields.get("diagnostic-code").map(after_type).unwrap_or_default();
    let status = status.or_else(|| enhanced_code(diagnostic)).unwrap_or_default();
    let outcome = match (
        action.split_whitespace().next().unwrap_or_default(),
        status.as_bytes().first(),
    ) {
        ("delayed", _) => Outcome::Delayed,
        ("failed" | "", Some(b'4')) => Outcome::Transient,
        ("failed", _) | ("", Some(b'5')) => Outcome::Permanent,
        _ => return None,
    };
    let to = fields
        .get("original-recipient")
        .or_else(|| fields.get("final-recipient"))
        .map(after_type);
    let recipient = to.map(|address| address.trim_matches(['<', '>', ' ']).to_lowercase());
    let diagnostic = if diagnostic.is_empty() {
        status.clone()
    } else {
        diagnostic.to_owned()
    };
    Some(Recipient {
        address: recipient.filter(|address| !address.is_empty()),
        outcome,
        status,
        diagnostic,
    })
}

/// `smtp; 550 …` without its type.
fn after_type(value: &str) -> &str {
    value.split_once(';').map_or(value, |(_, rest)| rest).trim()
}

/// The first enhanced status code of a failure in a text: `class.subject.detail`.
pub(super) fn enhanced_code(text: &str) -> Option<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.'));
    words
        .map(|word| word.trim_matches('.'))
        .find(|word| is_code(word))
        .map(str::to_owned)
}

fn is_code(word: &str) -> bool {
    let numbers: Vec<_> = word.splitn(4, '.').collect();
    let is_number =
        |text: &&str| (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    numbers.len() == 3 && matches!(numbers.first(), Some(&("4" | "5"))) && numbers.iter().all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_other_numbers() {
        let cases = [
            ("550 5.1.1 no such user", Some("5.1.1")),
            ("#5.7.1#", Some("5.7.1")),
            ("4.2.2 (mailbox full)", Some("4.2.2")),
            ("from 5.6.7.8 and 2.0.0, version 1.2.3", None),
            ("5.1", None),
            ("5.1111.1", None),
        ];
        for (text, want) in cases {
            assert_eq!(enhanced_code(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn the_worst_of_several_receivers_counts_and_success_is_none() {
        let group = |action: &str, status: &str, to: &str| {
            format!("\n\nFinal-Recipient: rfc822;{to}\nAction: {action}\nStatus: {status}")
        };
        let head = "Reporting-MTA: dns;mx.example".to_owned();
        let mixed = head.clone() + &group("delivered", "2.0.0", "a@x") + &group("failed", "5.1.1", "B@x");
        let mixed = worst(&(mixed + &group("delayed", "4.4.1", "c@x"))).unwrap();
        assert_eq!(
            (mixed.outcome, mixed.address.as_deref()),
            (Outcome::Permanent, Some("b@x"))
        );
        assert_eq!(worst(&(head.clone() + &group("relayed", "2.0.0", "a@x"))), None);
        assert_eq!(worst(&head), None);
        let full = worst(&(head + &group("failed", "4.2.2", "a@x"))).unwrap();
        assert_eq!(
            (full.outcome, full.status.as_str()),
            (Outcome::Transient, "4.2.2")
        );
    }
}
