//! Says which texts of a FAQ or an article are embedded: what a question is compared with.
//!
//! The model reads about 90 words; a passage beyond that would be found by its beginning only.

use crate::excerpt::sentence_ends;

/// Most words of a passage, unless one sentence alone has more.
pub const LONGEST: usize = 80;

/// The passages of `article`: whole paragraphs where they fit, else runs of whole sentences, in order and verbatim.
///
/// Embed what [`passage_text`] makes of a passage, quote the passage itself.
pub fn passages(article: &str) -> Vec<String> {
    let paragraphs = article
        .split("\n\n")
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty());
    paragraphs.flat_map(split_paragraph).collect()
}

/// The texts of a FAQ to embed; its score for a question is the best of their cosines.
///
/// The question and its variants alone, the question with the whole answer, and with each sentence of the answer,
/// because a customer may name a detail that only the answer names.
pub fn faq_texts<'a>(
    question: &str,
    answer: &str,
    variants: impl IntoIterator<Item = &'a str>,
) -> Vec<String> {
    let variants = variants.into_iter().map(str::to_owned);
    let parts = [answer]
        .into_iter()
        .chain(sentences(answer))
        .map(|part| format!("{question} {part}"));
    let mut texts: Vec<String> = [question.to_owned()]
        .into_iter()
        .chain(variants)
        .chain(parts)
        .collect();
    texts.dedup();
    texts
}

/// The text of a passage to embed, which carries the title of its article.
pub fn passage_text(title: &str, passage: &str) -> String {
    if title.is_empty() {
        passage.to_owned()
    } else {
        format!("{title}. {passage}")
    }
}

fn split_paragraph(paragraph: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut room = 0;
    for sentence in sentences(paragraph) {
        let words = sentence.split_whitespace().count();
        if let Some(passage) = found.last_mut().filter(|_| words <= room) {
            passage.push(' ');
            passage.push_str(sentence);
            room -= words;
        } else {
            found.push(sentence.to_owned());
            room = LONGEST.saturating_sub(words);
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
    fn a_faq_is_compared_by_question_variants_and_sentences() {
        let texts = faq_texts("How?", "Like this. Then so.", ["In what way?"]);
        assert_eq!(
            texts,
            [
                "How?",
                "In what way?",
                "How? Like this. Then so.",
                "How? Like this.",
                "How? Then so."
            ]
        );
        assert_eq!(faq_texts("How?", "Like this.", []), ["How?", "How? Like this."]);
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
