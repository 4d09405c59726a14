//! What an organization tells about itself, beside its name.

use serde::{Deserialize, Serialize};

/// Longest name of an industry, characters.
pub const MAX_PROFILE_CHARACTERS: usize = 100;

/// An organization's profile; what it has not set is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessProfile {
    /// Where its customers' mail reaches it.
    pub email: Option<String>,
    /// Where its customers' calls reach it (E.164).
    pub phone: Option<String>,
    /// What it does, in a word.
    pub industry: Option<String>,
}
