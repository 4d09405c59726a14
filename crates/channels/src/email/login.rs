//! Who logs in to a mail server, and with what: a password, or an access token that somebody else keeps fresh.
//!
//! Given by the configuration, used for reading and for sending. Invariant: neither is shown, and a token is read anew
//! for each login, because it is good for an hour or so.
//!
//! XOAUTH2: <https://developers.google.com/workspace/gmail/imap/xoauth2-protocol>.

use std::path::{Path, PathBuf};

use tokio::fs::File;
use tokio::io::AsyncReadExt;

/// Bytes that a token may have; real ones have a few thousand at most.
const LONGEST_TOKEN: u64 = 16 * 1024;

/// What shows that it is them.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// A password.
    Password(String),
    /// The access token (OAuth 2.0) in this file.
    TokenFile(PathBuf),
}

/// Who logs in.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// User name.
    pub username: String,
    /// What shows that it is them.
    pub proof: Proof,
}

/// Never shows the password.
impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl Login {
    /// With a password.
    pub fn with_password(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            proof: Proof::Password(password.into()),
        }
    }
}

/// The token as it is now.
pub(super) async fn read_token(path: &Path) -> Result<String, String> {
    let unreadable = |error| format!("the token file {} cannot be read: {error}", path.display());
    let file = File::open(path).await.map_err(unreadable)?;
    let mut text = String::new();
    let read = file.take(LONGEST_TOKEN).read_to_string(&mut text).await;
    read.map_err(unreadable)?;
    let token = text.trim();
    if token.is_empty() || token.contains(|letter: char| !letter.is_ascii_graphic()) {
        return Err(format!("there is no token in {}", path.display()));
    }
    Ok(token.to_owned())
}
