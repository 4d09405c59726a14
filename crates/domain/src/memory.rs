//! What is remembered of a customer beyond one conversation, told by a service, by staff or by the customer.
//!
//! Written and read through the hub; the assistant is told the customer's own ones with every turn ([`for_turn`]).
//! Invariant: a memory is one customer's, and nothing in here joins two customers.

use serde::{Deserialize, Serialize};

use crate::analysis::Confidence;
use crate::excerpt::first_characters;
use crate::id::{CustomerId, MemoryId, OrganizationId};
use crate::time::Timestamp;

/// Memories of one customer; beyond that the least worth go ([`least_worth`]).
pub const MAX_MEMORIES: usize = 200;
/// Longest key, characters.
pub const MAX_KEY_CHARACTERS: usize = 200;
/// Longest value as JSON text, bytes.
pub const MAX_VALUE_BYTES: usize = 16 * 1024;
/// Longest name of a source, characters.
pub const MAX_SOURCE_CHARACTERS: usize = 100;
/// Memories the assistant is told in a turn.
const TURN_MEMORIES: usize = 20;
/// Longest memory as the assistant is told it, characters.
const TURN_CHARACTERS: usize = 300;
/// Longest name a customer is called by, characters.
const MAX_NAME_CHARACTERS: usize = 40;
/// Keys under which a customer's name is kept, the most wanted first.
const NAME_KEYS: [&str; 4] = ["preferred_name", "preferredName", "first_name", "name"];

/// How long a memory lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MemoryKind {
    /// It ends by itself.
    ShortTerm,
    /// It stays.
    LongTerm,
}

impl MemoryKind {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ShortTerm => "short_term",
            Self::LongTerm => "long_term",
        }
    }

    /// The kind of that wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::ShortTerm, Self::LongTerm]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// One thing that is remembered: at most one of a customer has the same kind and key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// Its id.
    pub id: MemoryId,
    /// Whose customer.
    pub organization: OrganizationId,
    /// Of whom.
    pub customer: CustomerId,
    /// How long it lasts.
    pub kind: MemoryKind,
    /// What it is about.
    pub key: String,
    /// What is remembered: any JSON, as text.
    pub value: String,
    /// How much it is worth, 0.0 to 1.0.
    pub importance: Confidence,
    /// Where it comes from.
    pub source: String,
    /// When it was first told.
    pub created_at: Timestamp,
    /// When it was told last.
    pub updated_at: Timestamp,
    /// When it was last asked for, or told.
    pub last_accessed: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

impl Memory {
    /// Whether it has ended.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// `key: value`, as the assistant is told it.
    fn line(&self) -> String {
        let plain = serde_text(&self.value).unwrap_or(&self.value);
        let line = format!("{}: {plain}", self.key);
        first_characters(&line, TURN_CHARACTERS).to_owned()
    }
}

/// The inside of a JSON text without escapes.
fn serde_text(json: &str) -> Option<&str> {
    let inside = json.strip_prefix('"')?.strip_suffix('"')?;
    (!inside.contains(['\\', '"'])).then_some(inside)
}

/// The one that goes first when there are too many: short-term, of little importance, long not asked for.
pub fn least_worth(memories: &[Memory]) -> Option<&Memory> {
    memories.iter().min_by(|one, other| {
        one.kind
            .cmp(&other.kind)
            .then(one.importance.value().total_cmp(&other.importance.value()))
            .then(one.last_accessed.cmp(&other.last_accessed))
    })
}

/// What the assistant is told in a turn with this customer, a line each, most important first.
pub fn for_turn(mut memories: Vec<Memory>) -> Vec<String> {
    memories.sort_by(|one, other| {
        let by_importance = other.importance.value().total_cmp(&one.importance.value());
        by_importance.then(other.updated_at.cmp(&one.updated_at))
    });
    memories.iter().take(TURN_MEMORIES).map(Memory::line).collect()
}

/// What the customer is called, if one of the lines of [`for_turn`] tells a name.
pub fn name_in(lines: &[String]) -> Option<&str> {
    let called = |key: &str| {
        let mut named = lines
            .iter()
            .filter_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        named.find(|name| is_name(name))
    };
    NAME_KEYS.into_iter().find_map(called)
}

/// Letters with what stands between those of a name; a memory's words are not to be put into the assistant's mouth.
fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '.');
    let begins = text.chars().next().is_some_and(char::is_alphabetic);
    begins && text.chars().count() <= MAX_NAME_CHARACTERS && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(kind: MemoryKind, key: &str, value: &str, importance: f32, at: i64) -> Memory {
        let at = Timestamp::from_millis(at);
        Memory {
            id: MemoryId::from_bytes([1; 16]),
            organization: OrganizationId::from_bytes([2; 16]),
            customer: CustomerId::from_bytes([3; 16]),
            kind,
            key: key.to_owned(),
            value: value.to_owned(),
            importance: Confidence::clamped(importance),
            source: String::new(),
            created_at: at,
            updated_at: at,
            last_accessed: at,
            expires_at: None,
        }
    }

    #[test]
    fn short_term_goes_first_then_the_unimportant_then_the_forgotten() {
        let long = memory(MemoryKind::LongTerm, "long", "1", 0.1, 1);
        let vital = memory(MemoryKind::ShortTerm, "vital", "1", 0.9, 1);
        let old = memory(MemoryKind::ShortTerm, "old", "1", 0.5, 1);
        let fresh = memory(MemoryKind::ShortTerm, "fresh", "1", 0.5, 2);
        let mut all = vec![long, vital, fresh, old];
        let mut order = Vec::new();
        while let Some(key) = least_worth(&all).map(|memory| memory.key.clone()) {
            all.retain(|memory| memory.key != key);
            order.push(key);
        }
        assert_eq!(order, ["old", "fresh", "vital", "long"]);
    }

    #[test]
    fn the_assistant_is_told_the_most_important_first_and_each_within_bounds() {
        let long = format!("\"{}\"", "a".repeat(1_000));
        let told = for_turn(vec![
            memory(
                MemoryKind::LongTerm,
                "shipping",
                r#"{"preferred":"express"}"#,
                0.2,
                1,
            ),
            memory(MemoryKind::ShortTerm, "note", &long, 0.8, 1),
        ]);
        assert_eq!(told[1], r#"shipping: {"preferred":"express"}"#);
        assert_eq!(told[0].chars().count(), TURN_CHARACTERS);
    }

    #[test]
    fn a_name_is_taken_from_its_own_keys_and_only_if_it_is_one() {
        let lines = |value: &str| vec!["tone: brief".to_owned(), format!("preferred_name: {value}")];
        assert_eq!(name_in(&lines("Anne-Marie O’Neill")), Some("Anne-Marie O’Neill"));
        for odd in [
            "",
            " ",
            "https://evil.example",
            "Anna 5",
            "{\"a\":1}",
            &"a".repeat(41),
        ] {
            assert_eq!(name_in(&lines(odd)), None, "{odd}");
        }
        assert_eq!(name_in(&["nickname: Al".to_owned()]), None);
    }
}
