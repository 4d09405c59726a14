//! Whether a text is on a topic that an organization has prohibited. Words alone, no model.
//!
//! Callers: the assistant's turn, before anything is answered. A topic is met where all its words occur as whole words,
//! in any order and case; English plurals count as the word.

/// The first of `topics` that `text` is on.
pub fn prohibited<'a>(topics: &'a [String], text: &str) -> Option<&'a str> {
    let said = words(text);
    let is_met = |topic: &&String| {
        let named = words(topic);
        !named.is_empty()
            && named
                .iter()
                .all(|word| said.iter().any(|other| same(word, other)))
    };
    topics.iter().find(is_met).map(String::as_str)
}

/// The words of a text in lower case, in order.
pub fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn same(a: &str, b: &str) -> bool {
    let plural_of = |many: &str, one: &str| {
        let ending = many.strip_prefix(one);
        one.chars().count() > 2 && matches!(ending, Some("s" | "es"))
    };
    a == b || plural_of(a, b) || plural_of(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> Option<String> {
        let topics = ["medical advice", "Diagnosis", "tax", ""].map(str::to_owned);
        prohibited(&topics, text).map(str::to_owned)
    }

    #[test]
    fn a_topic_is_met_by_all_its_words_in_any_order_and_case() {
        assert_eq!(
            on("Can you give me MEDICAL advice?").as_deref(),
            Some("medical advice")
        );
        assert_eq!(
            on("I want advice on a medical matter").as_deref(),
            Some("medical advice")
        );
        assert_eq!(on("what's my diagnosis?").as_deref(), Some("Diagnosis"));
        assert_eq!(on("Which taxes apply?").as_deref(), Some("tax"));
    }

    #[test]
    fn part_of_a_topic_or_of_a_word_does_not_meet_it() {
        assert_eq!(on("Can you give me advice on boots?"), None);
        assert_eq!(on("Call me a taxi"), None);
        assert_eq!(on("The syntax is wrong"), None);
        assert_eq!(on("???"), None);
    }
}
