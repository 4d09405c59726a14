//! Cuts an article into the passages that are embedded and quoted one by one.
//!
//! The model reads about 90 words; a passage beyond that would be found by its beginning only.

use crate::excerpt::sentence_ends;

/// Most words of a passage, unless one sentence alone has more.
pub const LONGEST: usize = 80;

/// The passages of `article`: whole paragraphs where they fit, else runs of whole sentences, in order and verbatim.
///
/// Embed a passage together with its article's title (`"{title}. {passage}"`), quote it without.
pub fn passages(article: &str) -> Vec<String> {
    let paragraphs = article
        .split("\n\n")
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty());
    paragraphs.flat_map(split_paragraph).collect()
}

fn split_paragraph(paragraph: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut room = 0;
    for sentence in sentences(paragraph) {
        let words = sentence.split_whitespace().count();
        match found.last_mut().filter(|_| words <= room) {
            Some(passage) => {
                passage.push(' ');
                passage.push_str(sentence);
                room -= words;
            }
            None => {
                found.push(sentence.to_owned());
                room = LONGEST.saturating_sub(words);
            }
        }
    }
    found
}

fn sentences(paragraph: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    sentence_ends(paragraph)
        .chain([paragraph.len()])
        .filter_map(move |end| {
            let sentence = paragraph.get(start..end)?.trim();
            start = end;
            (!sentence.is_empty()).then_some(sentence)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_become_passages() {
        assert_eq!(passages("One. Two.\n\n\n\nThree"), ["One. Two.", "Three"]);
        assert!(passages(" \n\n ").is_empty());
    }

    #[test]
    fn a_long_paragraph_is_cut_between_sentences() {
        let sentence = format!("{}end.", "word ".repeat(29));
        let found = passages(&[sentence.as_str(); 5].join(" "));
        let words: Vec<usize> = found
            .iter()
            .map(|passage| passage.split_whitespace().count())
            .collect();
        assert_eq!(words, [60, 60, 30]);
    }
}
