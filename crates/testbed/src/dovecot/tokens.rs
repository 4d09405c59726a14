//! Access tokens for Dovecot, which checks them by itself: JSON Web Tokens signed with a key that both sides have.
//!
//! Invariant: a token of another key, or one whose time is over, is none.
//!
//! Dovecot's page: <https://doc.dovecot.org/2.3/configuration_manual/authentication/oauth2/> (local validation).

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// The key of both sides.
pub(super) const KEY: &str = "a key that only the tests and their server have";

/// What the server reads.
pub(super) struct Tokens {
    /// Files and folders that the server's account has to own.
    pub(super) paths: Vec<PathBuf>,
}

impl Tokens {
    /// Writes what the server reads into its folder.
    pub(super) fn prepare(folder: &Path) -> io::Result<Self> {
        let (config, keys) = (folder.join("oauth2.conf"), folder.join("keys"));
        let lines = format!(
            "introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix={}/\nusername_attribute = sub\n",
            keys.display()
        );
        std::fs::write(&config, lines)?;
        // By client, algorithm and key, none of which a token of ours names but the second.
        let by_client = keys.join("default");
        let by_algorithm = by_client.join("HS256");
        std::fs::create_dir_all(&by_algorithm)?;
        let key = by_algorithm.join("default");
        std::fs::write(&key, STANDARD.encode(KEY))?;
        Ok(Self {
            paths: vec![config, keys, by_client, by_algorithm, key],
        })
    }
}

/// An access token of an account, good for so long from now on, signed with a key.
pub fn token(address: &str, lifetime: Duration, key: &str) -> String {
    let now = UNIX_EPOCH.elapsed().unwrap_or_default();
    let user = address.split('@').next().unwrap_or_default();
    let claims = json!({"sub": user, "iat": now.as_secs(), "exp": (now + lifetime).as_secs()});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!(
        "{}.{}",
        part(&json!({"typ": "JWT", "alg": "HS256"})),
        part(&claims)
    );
    // HMAC takes a key of any length: there is no error to see here.
    let signature = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map(|mut mac| {
        mac.update(signed.as_bytes());
        mac.finalize().into_bytes()
    });
    let signature = signature.map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
    format!("{signed}.{}", signature.unwrap_or_default())
}
