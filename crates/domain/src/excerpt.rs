//! Cuts a text to a length without cutting a sentence, if one sentence fits at all.

/// The longest beginning of `text` within `max_characters` that ends where a sentence does, else where a word does.
pub fn excerpt(text: &str, max_characters: usize) -> &str {
    let text = text.trim();
    let cut = first_characters(text, max_characters);
    if cut.len() == text.len() {
        return text;
    }
    let end = sentence_ends(text).take_while(|end| *end <= cut.len()).last();
    let end = end
        .or_else(|| cut.rfind(char::is_whitespace))
        .unwrap_or(cut.len());
    text.get(..end).unwrap_or(cut).trim_end()
}

/// The first `count` characters of `text`.
pub fn first_characters(text: &str, count: usize) -> &str {
    let end = text
        .char_indices()
        .nth(count)
        .map_or(text.len(), |(index, _)| index);
    text.get(..end).unwrap_or(text)
}

/// Byte positions just behind each sentence: a full stop, question or exclamation mark before a blank, or a line's end.
pub(crate) fn sentence_ends(text: &str) -> impl Iterator<Item = usize> {
    let next = text.chars().skip(1).map(Some).chain([None]);
    text.char_indices().zip(next).filter_map(|((index, c), next)| {
        let closes = matches!(c, '.' | '!' | '?' | '…') && next.is_none_or(char::is_whitespace);
        (closes || next == Some('\n')).then_some(index + c.len_utf8())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_kept() {
        assert_eq!(excerpt(" All of it. ", 50), "All of it.");
    }

    #[test]
    fn a_long_text_ends_with_a_sentence() {
        assert_eq!(
            excerpt("It costs 4.95 € to ship. Orders above 60 € are free. Ask us.", 40),
            "It costs 4.95 € to ship."
        );
    }

    #[test]
    fn a_sentence_too_long_ends_with_a_word() {
        assert_eq!(
            excerpt("Überlong sentences never seem to end", 19),
            "Überlong sentences"
        );
        assert_eq!(excerpt("Überlong", 3), "Übe");
    }
}
