//! Recognizes plain requests for a person by their words, before the classifier is asked.
//!
//! Missing one costs a customer's patience, so these patterns are generous; none matches a question about goods.

use std::sync::LazyLock;

use regex::RegexSet;

use crate::patterns::literal_set;

static REQUESTS: LazyLock<RegexSet> = LazyLock::new(|| {
    literal_set(&[
        // "talk to a human", "can I speak with your manager", "chat with someone"
        r"(?i)\b(?:talk|speak|chat|spk)\s+(?:(?:to|with|w|2)\s+)?(?:\w+\s+){0,4}?(?:human|humans|person|people|agents?|representative|rep|operator|supervisor|manager|advis[oe]rs?|colleagues?|employees?|staff|someone|somebody|anyone|anybody|customer (?:service|support|care)|support)\b",
        // "transfer me to an agent", "put me through to someone"
        r"(?i)\b(?:connect|transfer|put|hand|pass|redirect|forward|refer|escalate)\s+(?:me|us|this|it)\s+(?:\w+\s+){0,4}?(?:human|person|agent|representative|operator|supervisor|manager|advis[oe]r|colleague|employee|staff|someone|somebody|team|customer (?:service|support|care)|support)\b",
        // "real person please", "an actual human"
        r"(?i)\b(?:real|actual|live|living|human)\s+(?:human|person|people|agent|being|representative|operator|support)\b",
        // "agent!!", "human please", "a representative, now"
        r"(?i)^\W*(?:(?:i|we|can|could|just|want|wanna|need|would|like|get|give|me|us|a|an|the|to|please|pls|plz|have|your)\W+)*(?:human|agent|representative|operator|real person|person|supervisor|customer (?:service|support|care))(?:\W+(?:please|pls|plz|now|asap|thanks|here))*\W*$",
        // "no bots please", "I don't want a robot"
        r"(?i)\bno\s+(?:more\s+)?(?:ro)?bots?\b",
        r"(?i)\b(?:don'?t|do not|not)\s+(?:want\s+)?(?:to\s+)?(?:(?:talk|speak|chat)(?:ing)?\s+(?:to|with)\s+)?(?:a|an|this|your|the)?\s*(?:stupid\s+)?(?:(?:ro|chat)?bot\b|(?:machine|computer)\s*(?:[.,;!?]|$))",
        // "can someone call me back", "have somebody phone me"
        r"(?i)\b(?:someone|somebody|anyone|person|human)\s+(?:please\s+)?(?:to\s+)?(?:call|phone|ring|contact)\s+me\b",
    ])
});

/// `true` when `text` plainly asks for a person instead of the assistant.
pub fn asks_for_person(text: &str) -> bool {
    REQUESTS.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_requests_are_recognized() {
        for text in [
            "talk to a human",
            "Real person please",
            "agent!!",
            "AGENT",
            "human",
            "a human please",
            "Can I speak to your manager?",
            "i wanna speak with a real person",
            "connect me to an agent",
            "put me through to someone",
            "Transfer me to customer service",
            "no bots please",
            "I don't want to talk to a bot",
            "can someone call me back",
            "I need a human",
            "let me chat with a live agent",
            "could I talk to a customer advisor?",
            "customer service please",
            "escalate this to a supervisor",
            "I'd like to speak to somebody",
            "give me a representative now",
        ] {
            assert!(asks_for_person(text), "{text}");
        }
    }

    #[test]
    fn other_words_are_not_requests() {
        for text in [
            "How many people fit into the tent?",
            "Is this a cleaning agent?",
            "the agent was rude to me",
            "Do you support PayPal?",
            "a jacket for a tall person",
            "I spoke about it yesterday",
            "where is my order",
            "do you have human resources jobs",
            "speaker is broken",
            "the manager app crashes",
            "connect my phone to the app",
            "I do not want the computer bag any more, where do I return it",
            "thank you for your support",
        ] {
            assert!(!asks_for_person(text), "{text}");
        }
    }
}
