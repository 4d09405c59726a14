//! WordPiece, the uncased tokenizer of BERT: clean, lower, split at blanks and punctuation, then the longest known pieces.
//!
//! It must cut exactly as the model's makers did, else the vectors mean something else: golden tests hold it to that.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::{MAX_TOKENS, ModelError};
use crate::patterns::literal;

const LONGEST_WORD: usize = 100;

static UNSEEN: LazyLock<Regex> = LazyLock::new(|| literal(r"[\p{Cc}\p{Cf}\p{Co}\p{Cn}\x{FFFD}]"));
static MARK: LazyLock<Regex> = LazyLock::new(|| literal(r"\p{Mn}"));
static PUNCTUATION: LazyLock<Regex> = LazyLock::new(|| literal(r"\p{P}"));

/// The vocabulary, split into pieces that begin a word and pieces that continue one.
#[derive(Debug)]
pub(super) struct Tokenizer {
    starts: HashMap<&'static str, u32>,
    continuations: HashMap<&'static str, u32>,
    unknown: u32,
    first: u32,
    last: u32,
}

impl Tokenizer {
    /// Reads a vocabulary of one piece a line; the line number is the id.
    pub(super) fn new(vocabulary: &'static str) -> Result<Self, ModelError> {
        let (mut starts, mut continuations) = (HashMap::new(), HashMap::new());
        for (id, piece) in (0..).zip(vocabulary.lines()) {
            match piece.strip_prefix("##").filter(|rest| !rest.is_empty()) {
                Some(rest) => continuations.insert(rest, id),
                None => starts.insert(piece, id),
            };
        }
        let mark = |name| {
            starts
                .get(name)
                .copied()
                .ok_or(ModelError::Damaged("its vocabulary lacks a mark"))
        };
        let (unknown, first, last) = (mark("[UNK]")?, mark("[CLS]")?, mark("[SEP]")?);
        Ok(Self {
            starts,
            continuations,
            unknown,
            first,
            last,
        })
    }

    /// Token ids between the two end marks, [`MAX_TOKENS`] at most.
    pub(super) fn encode(&self, text: &str) -> Vec<u32> {
        let mut ids = vec![self.first];
        for word in words(text) {
            self.push_pieces(&word, &mut ids);
            if ids.len() >= MAX_TOKENS {
                break;
            }
        }
        ids.truncate(MAX_TOKENS - 1);
        ids.push(self.last);
        ids
    }

    /// `true` when `word` is a piece of its own.
    pub(super) fn is_whole(&self, word: &str) -> bool {
        self.starts.contains_key(word)
    }

    fn push_pieces(&self, word: &str, ids: &mut Vec<u32>) {
        let before = ids.len();
        let mut rest = if word.chars().count() > LONGEST_WORD {
            None
        } else {
            Some(word)
        };
        let mut pieces = &self.starts;
        while let Some(part) = rest.filter(|part| !part.is_empty()) {
            rest = longest_piece(pieces, part).map(|(id, left)| {
                ids.push(id);
                left
            });
            pieces = &self.continuations;
        }
        if rest.is_none() {
            ids.truncate(before);
            ids.push(self.unknown);
        }
    }
}

/// The longest piece `text` begins with, and what follows it.
fn longest_piece<'a>(pieces: &HashMap<&'static str, u32>, text: &'a str) -> Option<(u32, &'a str)> {
    let ends = text.char_indices().map(|(start, c)| start + c.len_utf8()).rev();
    ends.filter_map(|end| text.split_at_checked(end))
        .find_map(|(piece, left)| pieces.get(piece).map(|id| (*id, left)))
}

/// Words and punctuation marks of `text`, cleaned, without accents, in lower case, lazily.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(char::is_whitespace)
        .flat_map(|chunk| split_chunk(&normalize(chunk)))
}

fn normalize(chunk: &str) -> String {
    if chunk.is_ascii() {
        return chunk
            .chars()
            .filter(|c| !c.is_ascii_control())
            .map(|c| c.to_ascii_lowercase())
            .collect();
    }
    let spaced: String = chunk
        .chars()
        .filter(|c| !is(*c, &UNSEEN))
        .flat_map(space_ideographs)
        .collect();
    spaced
        .nfd()
        .filter(|c| !is(*c, &MARK))
        .flat_map(char::to_lowercase)
        .collect()
}

fn is(c: char, class: &Regex) -> bool {
    class.is_match(c.encode_utf8(&mut [0; 4]))
}

/// An ideograph is a word of its own: blanks around it.
fn space_ideographs(c: char) -> impl Iterator<Item = char> {
    let blank = is_ideograph(c).then_some(' ');
    blank.into_iter().chain([c]).chain(blank)
}

const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{20000}'..='\u{2A6DF}'
        | '\u{2A700}'..='\u{2B73F}' | '\u{2B740}'..='\u{2B81F}' | '\u{2B920}'..='\u{2CEAF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}')
}

fn split_chunk(chunk: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in chunk.chars() {
        let alone = is_punctuation(c);
        if (alone || c.is_whitespace()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if alone {
            words.push(c.to_string());
        } else if !c.is_whitespace() {
            word.push(c);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || (!c.is_ascii() && is(c, &PUNCTUATION))
}
