//! The hub's one error. It knows no HTTP: each API family gives it a status and a body of its own.
//!
//! Every variant has an outer text that any caller may read; inner detail goes to the log and stays there.

use std::time::Duration;

use switchboard_domain::conversation::life::Refusal;
use switchboard_domain::ports::assistant::AssistantError;
use switchboard_domain::ports::engine::StoreError;

/// What can go wrong in a call into the hub.
#[derive(Debug, Clone, thiserror::Error)]
pub enum HubError {
    /// No credential, or one that does not stand.
    #[error("could not validate credentials")]
    Unauthenticated,
    /// Known caller, but not allowed; the text says what would be needed.
    #[error("{0}")]
    Forbidden(&'static str),
    /// No such record, or none that this caller may know of.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// A value of the caller's is wrong.
    #[error("{field}: {message}")]
    Invalid {
        /// The field's name in the hub's words; families may map it to their own.
        field: &'static str,
        /// What was expected.
        message: String,
    },
    /// It cannot be done in the present state; the text says why.
    #[error("{0}")]
    Conflict(String),
    /// Larger than allowed.
    #[error("{what} is larger than the limit of {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// How much is allowed, in words.
        limit: String,
    },
    /// Too many attempts; try again after this.
    #[error("too many attempts, try again later")]
    Throttled(Duration),
    /// The organization's budget does not cover this.
    #[error("the budget is used up")]
    BudgetUsedUp,
    /// The hub has too much to do right now; nothing was stored.
    #[error("the hub is overloaded, try again shortly")]
    Overloaded,
    /// The disk is full; nothing was stored.
    #[error("no space left to store this")]
    StoreFull,
    /// The hub cannot do this now (starting, draining, store dead); nothing was stored.
    #[error("the service is temporarily unavailable")]
    Unavailable,
    /// A defect or damage; the inner text is for the log alone.
    #[error("internal error")]
    Internal(String),
}

impl HubError {
    /// A wrong value.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            message: message.into(),
        }
    }

    /// A defect, with detail for the log.
    pub fn internal(detail: impl std::fmt::Display) -> Self {
        Self::Internal(detail.to_string())
    }
}

impl From<StoreError> for HubError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::StoreFull,
            StoreError::Overloaded => Self::Overloaded,
            StoreError::Closed => Self::Unavailable,
            StoreError::TooLarge { .. } => Self::TooLarge {
                what: "the record",
                limit: "64 KiB".to_owned(),
            },
            StoreError::Conflict { .. } => {
                Self::Conflict("somebody else changed this record at the same time".to_owned())
            }
            StoreError::Incompatible(_) | StoreError::Damaged(_) | StoreError::Failed(_) => {
                Self::internal(error)
            }
        }
    }
}

impl From<Refusal> for HubError {
    fn from(refusal: Refusal) -> Self {
        Self::Conflict(refusal.to_string())
    }
}

impl From<AssistantError> for HubError {
    fn from(error: AssistantError) -> Self {
        match error {
            AssistantError::Overloaded => Self::Overloaded,
            AssistantError::Unsupported(_) | AssistantError::Failed(_) => Self::internal(error),
        }
    }
}
