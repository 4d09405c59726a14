//! Comparing secrets without telling through time how much of a guess was right.
//!
//! Used by the check of WhatsApp's verify token and for the token in the address that an SMS service calls, which is
//! derived here. Invariant: an empty secret is no secret, and nothing equals it.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Whether `given` is the `expected` secret; takes the same time whatever the guess, its length included.
pub fn is_same(given: &str, expected: &str) -> bool {
    let equal = Sha256::digest(given).ct_eq(&Sha256::digest(expected));
    bool::from(equal) && !expected.is_empty()
}

/// A secret for one purpose, made from one for all: 64 hexadecimal digits, the same for the same `label`; nobody gets
/// from it to the other. Empty where nothing can be made.
pub fn derived(secret: &[u8], label: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return String::new();
    };
    mac.update(label.as_bytes());
    let digest = mac.finalize().into_bytes();
    let digits: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_secret_depends_on_its_label_and_on_what_it_is_made_from() {
        // RFC 4231, test case 2.
        let known = derived(b"Jefe", "what do ya want for nothing?");
        assert_eq!(
            known,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_ne!(derived(b"a", "sms"), derived(b"b", "sms"));
        assert_ne!(derived(b"a", "sms"), derived(b"a", "mail"));
    }

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
