//! Finds e-mail addresses, phone numbers, order numbers, amounts, dates and web addresses in a message.
//!
//! By pattern, in time linear in the text. Kinds are tried in a fixed order and never share a character.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use switchboard_domain::analysis::{Entity, EntityKind};

use crate::patterns::literal;

/// Patterns by precedence; group `v`, where there is one, is the value.
static PATTERNS: LazyLock<Vec<(EntityKind, Regex)>> = LazyLock::new(|| {
    let pattern = |(kind, text)| (kind, literal(text));
    SOURCES.into_iter().map(pattern).collect()
});

macro_rules! month {
    () => {
        "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
    };
}

const SOURCES: [(EntityKind, &str); 16] = [
    (EntityKind::Url, r#"(?i)\b(?:https?://|www\.)[^\s<>"']+"#),
    (
        EntityKind::Email,
        r"(?i)\b[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b",
    ),
    (
        EntityKind::OrderNumber,
        r"(?i)#\s?(?P<v>(?:[a-z]{1,5}-?)?\d{3,12}(?:-\d{1,12})*)\b",
    ),
    (EntityKind::OrderNumber, r"(?i)\b(?P<v>ord(?:er)?-\d+(?:-\d+)*)\b"),
    (EntityKind::Date, r"\b\d{4}-\d{2}-\d{2}\b"),
    (EntityKind::Date, r"\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})\b"),
    (EntityKind::OrderNumber, r"\b(?P<v>[A-Z]{2,4}-\d{4,}(?:-\d+)*)\b"),
    (
        EntityKind::OrderNumber,
        r"(?i)\border\s*(?:number|num|no\.?|nr\.?|id)\s*(?:is|was|:|=)?\s*(?P<v>(?:[a-z]{1,5}-?)?\d{3,12}(?:-\d{1,12})*)\b",
    ),
    (
        EntityKind::OrderNumber,
        r"(?i)\border\s*:?\s*(?P<v>(?:[a-z]{1,5}-)?\d{4,12}(?:-\d{1,12})*)\b",
    ),
    (
        EntityKind::Amount,
        r"(?i)(?:[$€£¥₹]|\b(?:usd|eur|gbp|chf|inr|cad|aud))\s?\d+(?:[.,']\d{3})*(?:[.,]\d{1,2})?\b",
    ),
    (
        EntityKind::Amount,
        r"(?i)\b\d+(?:[.,']\d{3})*(?:[.,]\d{1,2})?\s?(?:[$€£¥₹]|(?:usd|eur|gbp|chf|inr|cad|aud|euros?|dollars?|pounds?|bucks|quid|rupees?|francs?|cents?)\b)",
    ),
    (
        EntityKind::Date,
        concat!(
            r"(?i)\b\d{1,2}(?:st|nd|rd|th)?\.?(?:\s+of)?\s+",
            month!(),
            r"\b(?:,?\s+\d{4}\b)?"
        ),
    ),
    (
        EntityKind::Date,
        concat!(
            r"(?i)\b",
            month!(),
            r"\.?\s+\d{1,2}(?:st|nd|rd|th)?\b(?:,?\s+\d{4}\b)?"
        ),
    ),
    (
        EntityKind::Date,
        r"(?i)\b(?:(?:next|last|this)\s+)?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b",
    ),
    (
        EntityKind::Date,
        r"(?i)\b(?:today|tomorrow|yesterday|(?:next|last|this)\s+(?:week|weekend|month|year))\b",
    ),
    (EntityKind::Phone, r"\+?\(?\d[\d\s()./-]{5,20}\d"),
];

/// All entities of `text` in order of appearance.
pub fn entities(text: &str) -> Vec<Entity> {
    let mut found: Vec<(Range<usize>, Entity)> = Vec::new();
    for (kind, pattern) in PATTERNS.iter() {
        for captures in pattern.captures_iter(text) {
            let Some((range, entity)) = read(text, *kind, &captures) else {
                continue;
            };
            if found
                .iter()
                .all(|(other, _)| range.end <= other.start || other.end <= range.start)
            {
                found.push((range, entity));
            }
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found.into_iter().map(|(_, entity)| entity).collect()
}

fn read(text: &str, kind: EntityKind, captures: &Captures<'_>) -> Option<(Range<usize>, Entity)> {
    let whole = captures.get(0)?;
    let written = captures.name("v").unwrap_or(whole).as_str();
    let value = match kind {
        EntityKind::Phone => phone(written, text.get(..whole.start())?, text.get(whole.end()..)?)?,
        EntityKind::Url => written
            .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}'])
            .to_owned(),
        _ => written.to_owned(),
    };
    Some((whole.range(), Entity { kind, value }))
}

/// Digits with a leading `+`, `None` for numbers that are not written as a phone number is.
fn phone(written: &str, before: &str, after: &str) -> Option<String> {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let marked = written.starts_with(['+', '0', '(']);
    let grouped = written.contains([' ', '-', '.', '/']) && digits.len() >= 9;
    let long_enough = (7..=15).contains(&digits.len());
    let part_of_word = before.ends_with(|c: char| c.is_alphanumeric() || c == '-' || c == '#')
        || after.starts_with(|c: char| c.is_alphanumeric());
    let looks_right = long_enough && !part_of_word && (marked || grouped || digits.len() >= 10);
    looks_right.then(|| {
        if written.starts_with('+') {
            format!("+{digits}")
        } else {
            digits
        }
    })
}

#[cfg(test)]
mod tests {
    use super::EntityKind::{Amount, Date, Email, OrderNumber, Phone, Url};
    use super::*;

    fn found(text: &str) -> Vec<(EntityKind, String)> {
        entities(text)
            .into_iter()
            .map(|entity| (entity.kind, entity.value))
            .collect()
    }

    fn assert_found(text: &str, expected: &[(EntityKind, &str)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(kind, value)| (*kind, (*value).to_owned()))
            .collect();
        assert_eq!(found(text), expected, "{text}");
    }

    #[test]
    fn order_numbers_in_all_their_forms() {
        assert_found("Where is #12345?", &[(OrderNumber, "12345")]);
        assert_found("my order 12345 is late", &[(OrderNumber, "12345")]);
        assert_found("order number: 991", &[(OrderNumber, "991")]);
        assert_found("ORD-2024-001 please", &[(OrderNumber, "ORD-2024-001")]);
        assert_found("Order no. FW-20418", &[(OrderNumber, "FW-20418")]);
        assert_found("order #FW-20418-2", &[(OrderNumber, "FW-20418-2")]);
        assert_found("I want to order 100 mugs", &[]);
    }

    #[test]
    fn contact_details() {
        assert_found(
            "I'm anna.smith+x@mail.example.com.",
            &[(Email, "anna.smith+x@mail.example.com")],
        );
        assert_found("call +44 20 7946 0958 now", &[(Phone, "+442079460958")]);
        assert_found("(030) 1234-5678", &[(Phone, "03012345678")]);
        assert_found("ring 555-123-4567, thanks", &[(Phone, "5551234567")]);
        assert_found("I bought 12 34 of them", &[]);
        assert_found("error 1234567", &[]);
    }

    #[test]
    fn web_addresses_without_the_sentence_around() {
        assert_found(
            "(see https://shop.example/a?b=1).",
            &[(Url, "https://shop.example/a?b=1")],
        );
        assert_found("www.example.com, then", &[(Url, "www.example.com")]);
    }

    #[test]
    fn amounts_with_their_currency() {
        assert_found("you charged $1,249.50 twice", &[(Amount, "$1,249.50")]);
        assert_found(
            "it cost 49,90 € or 50 euros",
            &[(Amount, "49,90 €"), (Amount, "50 euros")],
        );
        assert_found("EUR 20 off, 3 items", &[(Amount, "EUR 20")]);
    }

    #[test]
    fn dates_in_several_forms() {
        assert_found("since 2024-05-01", &[(Date, "2024-05-01")]);
        assert_found(
            "on 1.5.2024 or 05/01/24",
            &[(Date, "1.5.2024"), (Date, "05/01/24")],
        );
        assert_found("the 3rd of May 2024", &[(Date, "3rd of May 2024")]);
        assert_found("March 5th, 2025", &[(Date, "March 5th, 2025")]);
        assert_found(
            "last Monday, not tomorrow",
            &[(Date, "last Monday"), (Date, "tomorrow")],
        );
        assert_found("may I come", &[]);
    }

    #[test]
    fn several_entities_come_in_order_and_do_not_overlap() {
        let text = "Order #20418 of 12 March (129 €): mail me at jo@example.org or 0171 2345678";
        let expected = [
            (OrderNumber, "20418"),
            (Date, "12 March"),
            (Amount, "129 €"),
            (Email, "jo@example.org"),
            (Phone, "01712345678"),
        ];
        assert_found(text, &expected);
    }
}
