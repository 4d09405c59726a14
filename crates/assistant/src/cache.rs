//! Remembers the vectors of recent texts by the hash of the text, never the text itself.
//!
//! Two generations instead of a list of uses: what was not asked for during a whole generation is forgotten.

use std::collections::HashMap;

use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use switchboard_domain::vector::Embedding;

type Key = [u8; 32];

/// Vectors of recent texts, bounded.
#[derive(Debug)]
pub(crate) struct VectorCache {
    generation_size: usize,
    generations: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Key, Embedding>,
    old: HashMap<Key, Embedding>,
}

impl VectorCache {
    /// Holds `capacity` vectors at most.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            generation_size: capacity.div_ceil(2).max(1),
            generations: Mutex::default(),
        }
    }

    /// The vector of `text`, when it was asked for not long ago.
    pub(crate) fn find(&self, text: &str) -> Option<Embedding> {
        let key = key(text);
        let mut generations = self.generations.lock();
        if let Some(vector) = generations.young.get(&key) {
            return Some(vector.clone());
        }
        let vector = generations.old.remove(&key)?;
        self.insert_young(&mut generations, key, vector.clone());
        Some(vector)
    }

    /// Remembers the vector of `text`.
    pub(crate) fn insert(&self, text: &str, vector: Embedding) {
        self.insert_young(&mut self.generations.lock(), key(text), vector);
    }

    fn insert_young(&self, generations: &mut Generations, key: Key, vector: Embedding) {
        if generations.young.len() >= self.generation_size {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(key, vector);
    }
}

fn key(text: &str) -> Key {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector() -> Embedding {
        Embedding::from_raw(vec![1.0])
    }

    #[test]
    fn never_holds_more_than_its_capacity() {
        let cache = VectorCache::new(10);
        (0..100).for_each(|index| cache.insert(&index.to_string(), vector()));
        assert!(
            (0..100)
                .filter(|index| cache.find(&index.to_string()).is_some())
                .count()
                <= 10
        );
    }

    #[test]
    fn what_is_used_stays() {
        let cache = VectorCache::new(10);
        cache.insert("often", vector());
        for index in 0..100 {
            cache.insert(&index.to_string(), vector());
            assert!(cache.find("often").is_some(), "forgotten after {index}");
        }
        assert!(cache.find("0").is_none());
    }
}
