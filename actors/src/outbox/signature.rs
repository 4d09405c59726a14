//! How notices are signed, so that their receiver knows who sent them and when.
//!
//! Two ways at once: `X-Webhook-Signature`, keyed with the secret's text, and the three headers of Standard Webhooks
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>), keyed with the bytes
//! that the secret stands for. While a replaced secret is valid the latter carry a signature with each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use switchboard_domain::time::Timestamp;
use switchboard_domain::webhook::{Delivery, Webhook};

/// What stands before the Base64 of a secret.
const PREFIX: &str = "whsec_";

/// The headers that a notice is sent with now.
pub(super) fn headers(webhook: &Webhook, notice: &Delivery, now: Timestamp) -> Vec<(&'static str, String)> {
    let (id, at) = (notice.id.to_string(), now.as_seconds().to_string());
    let content = format!("{id}.{at}.{}", notice.payload);
    let signatures: Vec<_> = webhook
        .secrets(now)
        .map(|secret| standard(secret, &content))
        .collect();
    let plain = mac(webhook.secret.as_bytes(), &notice.payload);
    vec![
        ("content-type", "application/json".to_owned()),
        ("x-webhook-signature", format!("sha256={}", hex(&plain))),
        ("webhook-id", id),
        ("webhook-timestamp", at),
        ("webhook-signature", signatures.join(" ")),
    ]
}

fn standard(secret: &str, content: &str) -> String {
    let encoded = secret.strip_prefix(PREFIX).unwrap_or(secret);
    // Every secret is one that the hub has made.
    let key = STANDARD.decode(encoded).unwrap_or_default();
    format!("v1,{}", STANDARD.encode(mac(&key, content)))
}

fn mac(key: &[u8], content: &str) -> Vec<u8> {
    // HMAC takes keys of any length: this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(content.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_own_example_comes_out() {
        let content = r#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        let signature = standard("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", content);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn the_rfcs_own_example_comes_out() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(
            hex(&mac(b"Jefe", "what do ya want for nothing?")),
            expected,
            "RFC 4231, 4.3"
        );
    }
}
