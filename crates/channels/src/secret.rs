//! Comparing secrets without telling through time how much of a guess was right.
//!
//! Used by the check of WhatsApp's verify token and for the token in the address that an SMS service calls. Invariant:
//! an empty secret is no secret, and nothing equals it.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Whether `given` is the `expected` secret; takes the same time whatever the guess, its length included.
pub fn is_same(given: &str, expected: &str) -> bool {
    let equal = Sha256::digest(given).ct_eq(&Sha256::digest(expected));
    bool::from(equal) && !expected.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_secret_is_the_secret_and_nothing_equals_an_empty_one() {
        assert!(is_same("open sesame", "open sesame"));
        for (given, expected) in [
            ("open", "open sesame"),
            ("open sesame", "open"),
            ("", "open"),
            ("", ""),
        ] {
            assert!(!is_same(given, expected), "{given} {expected}");
        }
    }
}
