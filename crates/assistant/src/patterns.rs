//! The one place where regular expressions written in the source are compiled.

use regex::{Regex, RegexSet};

/// Compiles a pattern of the source text; each is exercised by a test of its own module.
#[expect(
    clippy::expect_used,
    reason = "the pattern is a literal of this crate and is compiled by a test"
)]
pub(crate) fn literal(pattern: &'static str) -> Regex {
    Regex::new(pattern).expect("a literal pattern compiles")
}

/// Compiles several patterns into one that matches where any of them does.
#[expect(
    clippy::expect_used,
    reason = "the patterns are literals of this crate and are compiled by a test"
)]
pub(crate) fn literal_set(patterns: &[&'static str]) -> RegexSet {
    RegexSet::new(patterns).expect("literal patterns compile")
}
