//! Texts of messages: everyday words, never twice the same, so that no engine stores one text a million times.

const WORDS: [&str; 32] = [
    "order", "parcel", "please", "thank", "tomorrow", "delivery", "size", "jacket", "boots", "return",
    "refund", "address", "street", "number", "email", "question", "answer", "minute", "arrived", "damaged",
    "colour", "invoice", "payment", "card", "voucher", "account", "password", "phone", "friend", "weekend",
    "tent", "shop",
];

/// Words in a sentence: about 90 bytes.
const LENGTH: usize = 13;

/// A sentence; another one for each number.
pub(crate) fn sentence(number: u64) -> String {
    let mut text = format!("{number}");
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for _ in 0..LENGTH {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let index = usize::try_from(state >> 59).unwrap_or(0);
        text.push(' ');
        text.push_str(WORDS.get(index).copied().unwrap_or_default());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_differ_and_are_of_a_chat_messages_length() {
        let texts: std::collections::HashSet<_> = (0..1000).map(sentence).collect();
        assert_eq!(texts.len(), 1000);
        assert!(texts.iter().all(|text| (60..130).contains(&text.len())));
    }
}
