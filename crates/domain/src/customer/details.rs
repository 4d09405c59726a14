//! The one form in which tags, phone numbers and email addresses of customers are kept and compared. Pure.
//!
//! Called where customers are written and searched. Invariant: a normalized value normalizes to itself.

/// Most tags of a customer.
pub const MAX_TAGS: usize = 20;
/// Longest tag, characters.
pub const MAX_TAG_CHARACTERS: usize = 50;
/// Most attributes of a customer.
pub const MAX_ATTRIBUTES: usize = 50;
/// Longest name of an attribute, characters.
pub const MAX_ATTRIBUTE_NAME_CHARACTERS: usize = 64;
/// Longest value of an attribute, characters.
pub const MAX_ATTRIBUTE_CHARACTERS: usize = 500;

/// Digits of the shortest and the longest number with its country code (E.164, 6).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A phone number as `+` and its digits (E.164); `None` for what has no country code in front or is no number.
pub fn normalized_phone(text: &str) -> Option<String> {
    let rest = text.trim().strip_prefix('+')?;
    let separators = |c: char| c.is_ascii_digit() || " -().".contains(c);
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let sound =
        rest.chars().all(separators) && PHONE_DIGITS.contains(&digits.len()) && !digits.starts_with('0');
    sound.then(|| format!("+{digits}"))
}

/// An email address as it is compared.
pub fn normalized_email(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Tags in lower case, without blanks around them, each once; `None` when one is empty, too long or has a comma or
/// control character in it, or when they are too many.
pub fn normalized_tags(tags: &[String]) -> Option<Vec<String>> {
    let mut normalized: Vec<String> = Vec::with_capacity(tags.len());
    for tag in tags {
        let tag = normalized_tag(tag)?;
        if !normalized.contains(&tag) {
            normalized.push(tag);
        }
    }
    (normalized.len() <= MAX_TAGS).then_some(normalized)
}

fn normalized_tag(tag: &str) -> Option<String> {
    let tag = tag.trim().to_lowercase();
    let fits = (1..=MAX_TAG_CHARACTERS).contains(&tag.chars().count());
    let sound = fits && !tag.contains(|c: char| c == ',' || c.is_control());
    sound.then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_kept_as_its_digits_with_the_country_code() {
        for written in ["+1 (555) 123-4567", "+15551234567", " +1.555.123.4567 "] {
            assert_eq!(
                normalized_phone(written).as_deref(),
                Some("+15551234567"),
                "{written}"
            );
        }
        for wrong in [
            "",
            "5551234567",
            "+0155512345",
            "+123456",
            "+1234567890123456",
            "+1555x1234567",
            "+1+5551234567",
        ] {
            assert_eq!(normalized_phone(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn tags_are_compared_without_case_and_kept_once() {
        let tags = |tags: &[&str]| {
            let tags: Vec<_> = tags.iter().map(|tag| (*tag).to_owned()).collect();
            normalized_tags(&tags)
        };
        assert_eq!(
            tags(&["VIP", " vip ", "Recurring"]),
            Some(vec!["vip".to_owned(), "recurring".to_owned()])
        );
        for wrong in [&["a,b"][..], &[" "], &["a\nb"], &[&"a".repeat(51)]] {
            assert_eq!(tags(wrong), None, "{wrong:?}");
        }
        let many: Vec<_> = (0..=MAX_TAGS).map(|number| number.to_string()).collect();
        assert_eq!(normalized_tags(&many), None);
    }
}
