//! Whether two questions that sound alike may have the same answer. Words alone; likeness is measured before.
//!
//! Caller: the answer cache. Embeddings hardly see a number, a "not" or a name, on which the answer may hang: so those
//! must be the same on both sides.

use crate::topics::words;

/// Words that turn a question round.
const NEGATIONS: [&str; 12] = [
    "not", "no", "never", "without", "cannot", "none", "nothing", "nobody", "neither", "nor", "except", "t",
];
/// Numbers as words.
const NUMBERS: [&str; 16] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "twenty", "hundred", "thousand",
];
/// Pairs of words that sound alike to a model and mean the opposite.
const OPPOSITES: [(&str, &str); 12] = [
    ("before", "after"),
    ("open", "close"),
    ("cheapest", "dearest"),
    ("more", "less"),
    ("with", "without"),
    ("buy", "sell"),
    ("men", "women"),
    ("start", "stop"),
    ("add", "remove"),
    ("first", "last"),
    ("increase", "decrease"),
    ("send", "receive"),
];
/// Words that carry nothing an answer hangs on.
const FILLERS: &str = "a an the is are was were be been am do does did done have has had can could will would shall \
    should may might must i me my mine we us our you your yours it its they them their this that these those there \
    here what which how and or but if of to in on at by for with about as so please pls hi hello hey thanks thank \
    just want need like know tell get got any some s m re ve ll d ok also possible";

/// `true` when nothing an answer hangs on differs between the questions.
pub fn agree(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    numbers(&one) == numbers(&other)
        && negations(&one) == negations(&other)
        && !opposed(&one, &other)
        && names(&one) == names(&other)
}

fn numbers(words: &[String]) -> Vec<&str> {
    let is_number = |word: &&str| word.chars().any(|c| c.is_ascii_digit()) || NUMBERS.contains(word);
    sorted(words.iter().map(String::as_str).filter(is_number))
}

fn negations(words: &[String]) -> usize {
    words
        .iter()
        .filter(|word| NEGATIONS.contains(&word.as_str()))
        .count()
}

fn opposed(one: &[String], other: &[String]) -> bool {
    let has = |words: &[String], word: &str| words.iter().any(|own| own == word);
    OPPOSITES.iter().any(|(a, b)| {
        let crossed = |x: &[String], y: &[String]| has(x, a) && !has(x, b) && has(y, b) && !has(y, a);
        crossed(one, other) || crossed(other, one)
    })
}

/// What a question is about: every word that is no filler, without plural and past endings.
fn names(words: &[String]) -> Vec<&str> {
    let is_filler = |word: &str| FILLERS.split_whitespace().any(|filler| filler == word);
    let content = words
        .iter()
        .map(String::as_str)
        .filter(|word| !is_filler(word) && !NEGATIONS.contains(word));
    let mut names = sorted(content.map(stem));
    names.dedup();
    names
}

/// `shipping`, `shipped` and `ships` are `ship`.
fn stem(word: &str) -> &str {
    let long_enough = |stem: &&str| stem.chars().count() > 2;
    let stem = ["ing", "es", "ed", "s", "e"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending).filter(long_enough));
    let Some(stem) = stem else { return word };
    let mut last = stem.char_indices().rev();
    match (last.next(), last.next()) {
        (Some((at, a)), Some((_, b))) if a == b => stem.get(..at).unwrap_or(stem),
        _ => stem,
    }
}

fn sorted<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut words: Vec<_> = words.collect();
    words.sort_unstable();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_in_other_small_words_agrees() {
        for (one, other) in [
            ("How do I return an item?", "how can i return items please"),
            ("Do you ship to Norway?", "hi, are you shipping to norway?"),
            ("What are your opening hours?", "Opening hours?"),
        ] {
            assert!(agree(one, other), "{one} / {other}");
        }
    }

    #[test]
    fn a_number_a_negation_an_opposite_or_a_name_is_never_passed_over() {
        for (one, other) in [
            ("Can I return it after 30 days?", "Can I return it after 60 days?"),
            ("Do you deliver in two days?", "Do you deliver in three days?"),
            ("Can I return worn shoes?", "Can't I return worn shoes?"),
            ("Do you ship to France?", "Do you ship to Germany?"),
            ("What do I pay before delivery?", "What do I pay after delivery?"),
            ("Boots with lining?", "Boots without lining?"),
            ("How do I cancel my order?", "How do I change my order?"),
            ("Which coat is cheapest?", "Which coat is warmest?"),
            ("Where do you deliver?", "When do you deliver?"),
            ("Do you ship from Norway?", "Do you ship to Norway?"),
        ] {
            assert!(!agree(one, other), "{one} / {other}");
            assert!(!agree(other, one), "{other} / {one}");
        }
    }
}
