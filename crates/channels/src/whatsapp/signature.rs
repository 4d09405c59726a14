//! Who may report: the signature over a webhook's raw bytes, and the confirmation of a subscription.
//!
//! The HTTP handler calls it before anything is parsed. Invariant: a [`Verified`] exists only where one of the app's
//! secrets signed exactly these bytes; without a secret nothing is ever verified.
//!
//! Meta's page: <https://developers.facebook.com/docs/graph-api/webhooks/getting-started> ("Validating Payloads",
//! "Verification Requests").

use std::fmt::{self, Write};

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::hex;
use crate::secret;

/// The header that carries the signature.
pub const HEADER: &str = "x-hub-signature-256";
const PREFIX: &str = "sha256=";

/// The app's secrets: two while one takes the other's place, at most.
#[derive(Clone)]
pub struct AppSecrets {
    current: String,
    previous: Option<String>,
}

/// Names no secret.
impl fmt::Debug for AppSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppSecrets").finish_non_exhaustive()
    }
}

/// Bytes that were signed with one of the app's secrets.
#[derive(Debug, Clone, Copy)]
pub struct Verified<'b>(&'b [u8]);

/// Why bytes were not taken for the provider's; the answer to it is 401, with nothing parsed or stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// There is no signature.
    #[error("the request carries no X-Hub-Signature-256")]
    Missing,
    /// It is not `sha256=` with 64 hexadecimal digits.
    #[error("the signature is not sha256= and 64 hexadecimal digits")]
    Unreadable,
    /// None of the secrets made it for these bytes.
    #[error("the signature was not made with the app's secret")]
    Wrong,
}

impl AppSecrets {
    /// The secret in use, and the one it replaces as long as that is still signed with.
    pub const fn new(current: String, previous: Option<String>) -> Self {
        Self { current, previous }
    }

    /// The value of the signature header for `body`, made with the secret in use as the provider makes it; none without
    /// a secret. For whoever tries whether a call would be taken.
    pub fn sign(&self, body: &[u8]) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.current.as_bytes()).ok()?;
        mac.update(body);
        let mut header = PREFIX.to_owned();
        for byte in mac.finalize().into_bytes() {
            write!(header, "{byte:02x}").ok()?;
        }
        (!self.current.is_empty()).then_some(header)
    }

    /// Takes `body` for the provider's if the value of the signature header says so.
    ///
    /// # Errors
    /// What is wrong with the signature.
    pub fn verify<'b>(&self, header: Option<&str>, body: &'b [u8]) -> Result<Verified<'b>, Unverified> {
        let header = header.ok_or(Unverified::Missing)?;
        let digits = header.trim().strip_prefix(PREFIX).ok_or(Unverified::Unreadable)?;
        let signature = unhex(digits).ok_or(Unverified::Unreadable)?;
        // Both are tried, so that the time tells nothing about which one it was.
        let by_current = is_signed(&self.current, &signature, body);
        let by_previous = self
            .previous
            .as_deref()
            .is_some_and(|previous| is_signed(previous, &signature, body));
        if by_current | by_previous {
            Ok(Verified(body))
        } else {
            Err(Unverified::Wrong)
        }
    }
}

impl<'b> Verified<'b> {
    /// The bytes, as they were signed.
    pub const fn bytes(self) -> &'b [u8] {
        self.0
    }
}

fn is_signed(app_secret: &str, signature: &[u8; 32], body: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(app_secret.as_bytes()) else {
        return false;
    };
    mac.update(body);
    mac.verify_slice(signature).is_ok() && !app_secret.is_empty()
}

/// 32 bytes from 64 hexadecimal digits, of either case.
pub(super) fn unhex(digits: &str) -> Option<[u8; 32]> {
    hex::decode(digits)?.try_into().ok()
}

/// What a subscription's confirmation asks: the query of the GET request, each value as decoded text.
#[derive(Debug, Clone, Copy)]
pub struct Subscription<'a> {
    /// `hub.mode`.
    pub mode: &'a str,
    /// `hub.verify_token`.
    pub verify_token: &'a str,
    /// `hub.challenge`.
    pub challenge: &'a str,
}

impl<'a> Subscription<'a> {
    /// The text to answer with (as `text/plain`); `None`: answer 403.
    pub fn answer(&self, expected_token: &str) -> Option<&'a str> {
        let is_ours = secret::is_same(self.verify_token, expected_token);
        (is_ours && self.mode == "subscribe").then_some(self.challenge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"object":"whatsapp_business_account"}"#;

    fn sign(secret: &str, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body);
        let digits: Vec<_> = mac
            .finalize()
            .into_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("sha256={}", digits.concat())
    }

    fn verify(secrets: &AppSecrets, header: Option<&str>) -> Result<(), Unverified> {
        secrets.verify(header, BODY).map(drop)
    }

    #[test]
    fn a_known_signature_is_recognized() {
        // RFC 4231, test case 2.
        let secrets = AppSecrets::new("Jefe".into(), None);
        let header = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let body = b"what do ya want for nothing?";
        assert_eq!(secrets.verify(Some(header), body).unwrap().bytes(), body);
        let upper = header.to_uppercase().replace("SHA256", "sha256");
        assert!(secrets.verify(Some(&upper), body).is_ok());
    }

    #[test]
    fn both_secrets_hold_during_rotation_and_the_old_one_no_longer_after_it() {
        let rotating = AppSecrets::new("new".into(), Some("old".into()));
        assert_eq!(verify(&rotating, Some(&sign("new", BODY))), Ok(()));
        assert_eq!(verify(&rotating, Some(&sign("old", BODY))), Ok(()));
        let rotated = AppSecrets::new("new".into(), None);
        assert_eq!(verify(&rotated, Some(&sign("old", BODY))), Err(Unverified::Wrong));
    }

    #[test]
    fn a_missing_broken_or_foreign_signature_is_told_apart_and_refused() {
        let secrets = AppSecrets::new("secret".into(), None);
        assert_eq!(verify(&secrets, None), Err(Unverified::Missing));
        for broken in ["", "sha256=", "sha1=abc", "sha256=zz", "deadbeef"] {
            assert_eq!(
                verify(&secrets, Some(broken)),
                Err(Unverified::Unreadable),
                "{broken}"
            );
        }
        let other_bytes = sign("secret", b"{}");
        assert_eq!(verify(&secrets, Some(&other_bytes)), Err(Unverified::Wrong));
    }

    #[test]
    fn without_a_secret_nothing_is_verified() {
        let none = AppSecrets::new(String::new(), Some(String::new()));
        assert_eq!(verify(&none, Some(&sign("", BODY))), Err(Unverified::Wrong));
    }

    #[test]
    fn a_subscription_is_confirmed_to_who_knows_the_token() {
        let asked = |mode, verify_token| Subscription {
            mode,
            verify_token,
            challenge: "1158201444",
        };
        assert_eq!(asked("subscribe", "token").answer("token"), Some("1158201444"));
        assert_eq!(asked("subscribe", "tokem").answer("token"), None);
        assert_eq!(asked("unsubscribe", "token").answer("token"), None);
        assert_eq!(asked("subscribe", "").answer(""), None);
    }
}
