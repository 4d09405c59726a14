//! Recognizes plain complaints by their words, before the classifier is asked.
//!
//! An angry customer names orders and articles too, which draws the classifier to those; these words decide first.

use std::sync::LazyLock;

use regex::RegexSet;

use crate::patterns::literal_set;

static COMPLAINTS: LazyLock<RegexSet> = LazyLock::new(|| {
    literal_set(&[
        // "this is a disgrace", "absolutely unacceptable"
        r"(?i)\b(?:disgrace(?:ful)?|outrageous|unacceptable|appalling|disgusting|shameful|inexcusable)\b",
        // "shame on you", "I am fed up", "I'm furious"
        r"(?i)\b(?:shame on you|fed up|furious|livid|sick of (?:this|you|it)|had enough)\b",
        // "what a rip-off", "you are scammers"
        r"(?i)\b(?:rip[- ]?off|ripped off|scam(?:med|mers?)?|fraud(?:sters?)?)\b",
        // "worst service ever", "terrible customer service"
        r"(?i)\b(?:worst|terrible|awful|horrible|lousy|pathetic)\s+(?:\w+\s+)?(?:service|support|company|shop|store|experience)\b",
        // "I want to complain", "file a complaint"
        r"(?i)\b(?:(?:want|like|need|have|wish)\s+to\s+(?:(?:make|file|lodge)\s+a\s+)?complain(?:t)?|(?:make|file|lodge|formal)\s+(?:a\s+)?complaint)\b",
        // "never buying here again", "I will never order from you again"
        r"(?i)\bnever\s+(?:\w+\s+){0,4}?again\b",
        // "nobody answers", "no one replies"
        r"(?i)\b(?:nobody|no one|no-one)\s+(?:ever\s+)?(?:answers|replies|responds|helps|cares)\b",
    ])
});

/// `true` when `text` is plainly a complaint.
pub fn complains(text: &str) -> bool {
    COMPLAINTS.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_complaints_are_recognized() {
        for text in [
            "My order arrived completely broken and nobody answers, this is a disgrace!",
            "This is UNACCEPTABLE",
            "worst customer service ever",
            "I want to make a complaint",
            "I will never buy from you again",
            "what a rip-off",
            "I'm fed up with waiting",
        ] {
            assert!(complains(text), "{text}");
        }
    }

    #[test]
    fn other_words_are_not_complaints() {
        for text in [
            "Where is my order?",
            "Is the jacket good in the worst weather?",
            "no complaints so far, lovely tent",
            "How do I return something?",
            "my zip is broken, can you repair it",
            "I never received an email",
            "does anybody answer on Sundays?",
        ] {
            assert!(!complains(text), "{text}");
        }
    }
}
