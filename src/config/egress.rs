//! `[egress]`: requests of our own to the outside.

use serde::Deserialize;

/// The section's keys.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Egress {
    /// Whether private and loopback addresses may be called.
    pub allow_private: bool,
}
