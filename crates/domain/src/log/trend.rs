//! Which words rise: named by a larger share of the logs of a span than of those before it. Pure.
//!
//! Shares are compared, not counts, so that a busy day alone makes no trend. A word is counted once a log; stop words,
//! numbers and words of one or two letters say nothing of an issue. A single log is no trend: a word must be named by two.

use std::collections::{BTreeSet, HashMap};

use crate::figures::share;
use crate::topics::words;

/// The most words that are told apart, so that nobody fills the memory with invented ones.
const MAX_WORDS: usize = 50_000;
/// Logs that must name a word.
const LEAST: u64 = 2;
/// Letters a word may have.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=40;

/// Words that say nothing of an issue, sorted.
const STOP_WORDS: &[&str] = &[
    "about",
    "after",
    "again",
    "all",
    "also",
    "always",
    "and",
    "any",
    "anyone",
    "are",
    "aren",
    "because",
    "been",
    "before",
    "being",
    "but",
    "can",
    "cannot",
    "could",
    "couldn",
    "day",
    "days",
    "did",
    "didn",
    "does",
    "doesn",
    "doing",
    "don",
    "even",
    "ever",
    "every",
    "for",
    "from",
    "get",
    "gets",
    "getting",
    "give",
    "got",
    "had",
    "has",
    "hasn",
    "have",
    "haven",
    "having",
    "hello",
    "help",
    "her",
    "here",
    "him",
    "his",
    "how",
    "into",
    "isn",
    "issue",
    "its",
    "just",
    "keep",
    "keeps",
    "like",
    "make",
    "may",
    "more",
    "most",
    "much",
    "need",
    "never",
    "new",
    "not",
    "now",
    "off",
    "one",
    "only",
    "other",
    "our",
    "out",
    "over",
    "please",
    "problem",
    "problems",
    "really",
    "same",
    "she",
    "should",
    "since",
    "some",
    "something",
    "still",
    "such",
    "tell",
    "than",
    "thank",
    "thanks",
    "that",
    "the",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "this",
    "too",
    "tried",
    "try",
    "trying",
    "unable",
    "until",
    "very",
    "want",
    "was",
    "wasn",
    "what",
    "when",
    "where",
    "which",
    "why",
    "with",
    "you",
];

/// A word that rises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trend {
    /// The word, in lower case.
    pub word: String,
    /// Logs of the span that name it.
    pub count: u64,
}

/// The logs of a span, and of the time before it.
#[derive(Debug, Clone, Default)]
pub struct Trends {
    words: HashMap<String, Naming>,
    logs: Naming,
}

/// Logs in the span, and before it.
#[derive(Debug, Clone, Copy, Default)]
struct Naming {
    within: u64,
    before: u64,
}

impl Naming {
    fn count(&mut self, is_within: bool) {
        if is_within {
            self.within += 1;
        } else {
            self.before += 1;
        }
    }
}

impl Trends {
    /// Takes in the words of one log, of the span or of the time before it.
    pub fn add(&mut self, text: &str, is_within: bool) {
        self.logs.count(is_within);
        let named: BTreeSet<String> = words(text).into_iter().filter(|word| is_telling(word)).collect();
        for word in named {
            if self.words.len() < MAX_WORDS || self.words.contains_key(&word) {
                self.words.entry(word).or_default().count(is_within);
            }
        }
    }

    /// The words that rise, the steepest first, at most `limit`.
    pub fn rising(self, limit: usize) -> Vec<Trend> {
        let logs = self.logs;
        let rise = |naming: Naming| share(naming.within, logs.within) - share(naming.before, logs.before);
        let mut rising: Vec<_> = self
            .words
            .into_iter()
            .filter(|(_, naming)| naming.within >= LEAST && rise(*naming) > 0.0)
            .collect();
        rising.sort_by(|(a, one), (b, other)| {
            let by_rise = rise(*other).total_cmp(&rise(*one));
            by_rise.then(other.within.cmp(&one.within)).then_with(|| a.cmp(b))
        });
        let told = rising.into_iter().take(limit).map(|(word, naming)| Trend {
            word,
            count: naming.within,
        });
        told.collect()
    }
}

fn is_telling(word: &str) -> bool {
    LENGTHS.contains(&word.chars().count())
        && word.chars().any(char::is_alphabetic)
        && STOP_WORDS.binary_search(&word).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rising(before: &[&str], within: &[&str]) -> Vec<(String, u64)> {
        let mut trends = Trends::default();
        for text in before {
            trends.add(text, false);
        }
        for text in within {
            trends.add(text, true);
        }
        let told = trends.rising(10).into_iter();
        told.map(|trend| (trend.word, trend.count)).collect()
    }

    #[test]
    fn the_stop_words_are_sorted() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn a_word_rises_by_its_share_and_not_by_its_count() {
        let before = [
            "billing question",
            "billing again",
            "login fails",
            "login",
            "slow page",
            "login",
        ];
        let within = [
            "The login fails",
            "LOGIN page!",
            "login",
            "billing",
            "crash",
            "crash crash crash",
        ];
        // login: 3 of 6 before and now. billing: 2 of 6 before, 1 now. crash: none before, 2 of 6 now.
        assert_eq!(rising(&before, &within), [("crash".to_owned(), 2)]);
    }

    #[test]
    fn without_a_past_the_most_named_is_first() {
        let within = [
            "login password",
            "login password 500",
            "login 500",
            "something else",
        ];
        assert_eq!(
            rising(&[], &within),
            [("login".to_owned(), 3), ("password".to_owned(), 2)]
        );
        assert_eq!(rising(&[], &["login"]), []);
    }
}
