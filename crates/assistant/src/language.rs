//! Tells whether a message is in a language the model understands, which is English alone.
//!
//! Short English must never be refused: without a sign of another language a message counts as known.

use std::collections::HashSet;
use std::sync::LazyLock;

static ENGLISH: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words_of(include_str!("../data/language/english.txt")));

/// Frequent words of other languages, without those that English has too.
static FOREIGN: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let all = words_of(include_str!("../data/language/foreign.txt"));
    all.difference(&ENGLISH)
        .copied()
        .filter(|word| !SHARED.contains(word))
        .collect()
});

/// Words that English texts use as well, as words, names or letters.
const SHARED: [&str; 16] = [
    "die", "o", "e", "y", "i", "on", "my", "du", "sure", "van", "pay", "tag", "war", "con", "per", "retour",
];

/// Share of words the vocabulary must know whole when no frequent word of any language is found.
const WHOLE_SHARE: f32 = 0.5;

fn words_of(file: &'static str) -> HashSet<&'static str> {
    file.split_whitespace().collect()
}

/// `true` unless `text` shows signs of a language other than English.
///
/// `is_whole` tells whether the model's vocabulary has a lower-case word in one piece.
pub fn is_language_known(text: &str, is_whole: impl Fn(&str) -> bool) -> bool {
    if is_foreign_script(text) {
        return false;
    }
    let text = text.to_lowercase().replace('’', "'");
    let words: Vec<&str> = words_in(&text).collect();
    let count = |set: &HashSet<&str>| words.iter().filter(|word| set.contains(**word)).count();
    let (english, foreign) = (count(&ENGLISH), count(&FOREIGN));
    let accented = words.iter().filter(|word| !word.is_ascii()).count();
    if foreign > 0 || accented > 0 {
        return english > foreign + accented.saturating_sub(1);
    }
    english > 0 || words.len() < 4 || whole_share(&words, is_whole) >= WHOLE_SHARE
}

/// Words that are not part of an address, a number or a link.
fn words_in(text: &str) -> impl Iterator<Item = &str> {
    let plain = |chunk: &&str| !chunk.contains(['@', '/']) && !chunk.contains(|c: char| c.is_ascii_digit());
    let chunks = text.split_whitespace().filter(plain);
    let words = chunks.flat_map(|chunk| chunk.split(|c: char| !c.is_alphabetic() && c != '\'' && c != '-'));
    words
        .map(|word| word.trim_matches(['\'', '-']))
        .filter(|word| !word.is_empty())
}

/// More than three letters in ten are not Latin.
fn is_foreign_script(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let (all, foreign) = letters.fold((0_usize, 0_usize), |(all, foreign), c| {
        let latin = c < '\u{0250}' || ('\u{1E00}'..'\u{1F00}').contains(&c);
        (all + 1, foreign + usize::from(!latin))
    });
    foreign * 10 > all * 3
}

#[expect(clippy::cast_precision_loss, reason = "a message has few words")]
fn whole_share(words: &[&str], is_whole: impl Fn(&str) -> bool) -> f32 {
    let long: Vec<_> = words.iter().filter(|word| word.chars().count() > 2).collect();
    if long.is_empty() {
        return 1.0;
    }
    long.iter().filter(|word| is_whole(word)).count() as f32 / long.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    fn known(text: &str) -> bool {
        static MODEL: LazyLock<Model> = LazyLock::new(|| Model::load().unwrap());
        is_language_known(text, |word| MODEL.is_whole_token(word))
    }

    #[test]
    fn english_is_known_however_short() {
        for text in [
            "hi",
            "refund pls",
            "order #12345?",
            "",
            "???",
            "ok",
            "12345",
            "anna@example.com",
            "Where is my order?",
            "size chart boots",
            "wher iz my pakage",
            "zipper stuck",
            "waterproof hiking boots women",
            "I ❤️ it",
            "my café order from Zürich is late",
            "Hello, this is Søren, where is my parcel?",
            "de-icer available?",
            "tent pole snapped",
            "gift card balance",
            "agent!!",
            "John's order",
            "how do I return the Fjällräven jacket",
        ] {
            assert!(known(text), "{text}");
        }
    }

    #[test]
    fn other_languages_are_not() {
        for text in [
            "¿Dónde está mi pedido?",
            "Wo ist meine Bestellung?",
            "où est ma commande",
            "我的订单在哪里",
            "donde esta mi pedido",
            "Где мой заказ?",
            "أين طلبي",
            "注文はどこですか",
            "주문이 어디에 있나요",
            "dov'è il mio ordine",
            "onde está minha encomenda",
            "waar is mijn bestelling",
            "gdzie jest moja paczka",
            "Quiero devolver los zapatos",
            "ich möchte die Schuhe zurückgeben",
            "je voudrais un remboursement s'il vous plaît",
            "siparişim nerede",
            "hej, var är mitt paket?",
            "hola",
            "Guten Tag",
            "bonjour",
            "unde este comanda mea",
        ] {
            assert!(!known(text), "{text}");
        }
    }
}
