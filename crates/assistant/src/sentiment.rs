//! The mood of a message, from the words it uses and what it wants.
//!
//! A list of words with a sign each; "not", "never" and their like turn the sign of the next three words.

use std::collections::HashSet;
use std::sync::LazyLock;

use switchboard_domain::analysis::{Intent, Sentiment};

static GOOD: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../data/sentiment/good.txt").lines().collect());
static BAD: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../data/sentiment/bad.txt").lines().collect());

/// How many words a negation reaches.
const REACH: u8 = 3;

/// The mood of `text`, which was understood as `intent`.
pub fn sentiment(text: &str, intent: Intent) -> Sentiment {
    match words_weigh(text) + intent_weighs(intent) {
        ..=-1 => Sentiment::Negative,
        0 => Sentiment::Neutral,
        1.. => Sentiment::Positive,
    }
}

/// What the intent says when the words say nothing; a clear word outweighs it.
const fn intent_weighs(intent: Intent) -> i32 {
    match intent {
        Intent::Complaint => -1,
        Intent::Feedback | Intent::Thanks => 1,
        _ => 0,
    }
}

fn words_weigh(text: &str) -> i32 {
    let text = text.to_lowercase().replace('’', "'");
    let mut weight = 0;
    let mut negated = 0_u8;
    for word in text
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
    {
        let sign = if negated > 0 { -1 } else { 1 };
        weight += 2 * sign * word_weighs(word);
        negated = if is_negation(word) {
            REACH
        } else {
            negated.saturating_sub(1)
        };
    }
    weight
}

fn word_weighs(word: &str) -> i32 {
    i32::from(GOOD.contains(word)) - i32::from(BAD.contains(word))
}

fn is_negation(word: &str) -> bool {
    matches!(
        word,
        "not" | "no" | "never" | "without" | "hardly" | "cannot" | "dont" | "isnt" | "wasnt"
    ) || word.ends_with("n't")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_decide() {
        for (text, expected) in [
            ("I love this jacket", Sentiment::Positive),
            ("this is terrible", Sentiment::Negative),
            ("Where is my order?", Sentiment::Neutral),
            ("I am not happy with this", Sentiment::Negative),
            ("not bad at all", Sentiment::Positive),
            ("I don't like it", Sentiment::Negative),
            ("It isn’t good.", Sentiment::Negative),
            ("", Sentiment::Neutral),
        ] {
            assert_eq!(sentiment(text, Intent::Inquiry), expected, "{text}");
        }
    }

    #[test]
    fn the_intent_decides_when_words_do_not() {
        assert_eq!(
            sentiment("You sent the other one again", Intent::Complaint),
            Sentiment::Negative
        );
        assert_eq!(sentiment("cheers", Intent::Thanks), Sentiment::Positive);
    }
}
