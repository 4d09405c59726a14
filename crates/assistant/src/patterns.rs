//! The one place where regular expressions written in the source are compiled.

use regex::Regex;

/// Compiles a pattern of the source text; each is exercised by a test of its own module.
#[expect(clippy::expect_used, reason = "the pattern is a literal of this crate and is compiled by a test")]
pub(crate) fn literal(pattern: &'static str) -> Regex {
    Regex::new(pattern).expect("a literal pattern compiles")
}
