//! The port of what a channel's provider tells the hub by calling it: customers' messages, and what became of ours.
//!
//! The adapter checks who calls before it reads a byte of what is said. Invariant: reading is total; whatever a provider
//! sends in a call that is signed, nothing of it makes the others of the same call disappear.

use std::fmt;

use crate::customer::Identity;
use crate::incoming::Incoming;
use crate::message::DeliveryReport;

/// What a provider tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A customer sent something.
    Message(Box<Incoming>),
    /// A message of ours has got further, or has failed.
    Delivery {
        /// The name the hub gave it, where the provider repeats it.
        reference: Option<String>,
        /// What is known.
        report: DeliveryReport,
    },
    /// A customer has another address from now on. The notice itself comes behind it as a message from there.
    Moved(Move),
    /// Something is wrong with the account, for staff to mend.
    Account(String),
}

/// One customer under another address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The address so far.
    pub from: Identity,
    /// The address from now on.
    pub to: Identity,
    /// The provider's id of the notice that tells it.
    pub notice: String,
}

/// A call whose signature is missing or wrong: nothing of it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature is missing or wrong")]
pub struct Unsigned;

/// Reads a provider's calls.
pub trait Reports: Send + Sync + fmt::Debug {
    /// What a call tells, in its order. `signature` is the header the provider signs with, `body` the raw bytes.
    ///
    /// # Errors
    /// [`Unsigned`]
    fn read(&self, signature: Option<&str>, body: &[u8]) -> Result<Vec<Report>, Unsigned>;

    /// Whether a provider that asks for the confirmation of its subscription shows the right token.
    fn confirms(&self, mode: &str, token: &str) -> bool;
}
