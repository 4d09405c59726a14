//! What a family offers to those who tell a story through whichever families there are: requests, and where their
//! answers say what.
//!
//! Each family has its own in its `story.rs`, registered in `TELLERS`. Invariant: nobody outside a family's folder knows
//! its paths from anywhere else but here.

use serde_json::Value;

/// Somebody with an account, or on the way to one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Somebody<'a> {
    pub(crate) name: &'a str,
    pub(crate) email: &'a str,
    pub(crate) password: &'a str,
}

/// A conversation that is told of.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) id: String,
    /// By which the one family with numbers knows it.
    pub(crate) number: u64,
}

/// What is sent.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    /// Null where there is none.
    pub(crate) body: Value,
}

impl Request {
    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        let path = path.into();
        Self {
            method: "POST",
            path,
            body,
        }
    }
}

/// On whose side of a conversation a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Customer,
    Staff,
}

/// How accounts are made and used.
pub(crate) struct Accounts {
    /// Every address at which one logs in; the answers carry `access_token`.
    pub(crate) logs_in: &'static [fn(Somebody<'_>) -> Request],
    /// A customer registers.
    pub(crate) registers: Option<fn(Somebody<'_>) -> Request>,
    /// An admin makes an account of staff.
    pub(crate) employs: Option<Employs>,
    /// Ends the token it is called with.
    pub(crate) logs_out: Option<&'static str>,
    /// Shows the caller's account.
    pub(crate) me: Option<Me>,
}

/// How an account of staff is made.
pub(crate) struct Employs {
    pub(crate) request: fn(Somebody<'_>) -> Request,
    /// The name that customers then see.
    pub(crate) shown_as: fn(Somebody<'_>) -> String,
}

/// How the caller's account is shown.
pub(crate) struct Me {
    pub(crate) path: &'static str,
    /// A place in the answer, and what stands there.
    pub(crate) at: &'static str,
    pub(crate) is: fn(Somebody<'_>) -> &str,
}

/// How a conversation is opened, and where its id is told.
pub(crate) struct Opens {
    pub(crate) request: fn() -> Request,
    pub(crate) at: &'static str,
}

/// How a conversation is listed: a path, the place of the entries, and the field that names one.
pub(crate) struct Lists {
    pub(crate) by: Side,
    pub(crate) path: &'static str,
    pub(crate) at: &'static str,
    pub(crate) field: &'static str,
    pub(crate) names: fn(&Told) -> Value,
}

/// How all that was said is read: a path, the place of the messages, and the field of their words.
pub(crate) struct Reads {
    pub(crate) by: Side,
    pub(crate) path: fn(&Told) -> String,
    pub(crate) at: &'static str,
    pub(crate) field: &'static str,
}

/// How it is told who is in charge, and the words for that.
pub(crate) struct Stands {
    pub(crate) by: Side,
    pub(crate) path: fn(&Told) -> String,
    pub(crate) at: &'static str,
    pub(crate) with_agent: fn() -> Value,
    pub(crate) closed: fn() -> Value,
}

/// A family, as stories know it.
pub(crate) struct Teller {
    pub(crate) family: &'static str,
    pub(crate) accounts: Accounts,
    /// Staff teach the assistant an answer to a question.
    pub(crate) teaches: Option<fn(&str, &str) -> Request>,
    /// A customer opens a conversation.
    pub(crate) opens: Option<Opens>,
    /// The customer says something.
    pub(crate) says: Option<fn(&Told, &str) -> Request>,
    /// An agent says something.
    pub(crate) answers: Option<fn(&Told, &str) -> Request>,
    /// Staff close the conversation.
    pub(crate) closes: Option<fn(&Told) -> Request>,
    pub(crate) lists: Option<Lists>,
    pub(crate) reads: Reads,
    pub(crate) stands: Option<Stands>,
}

/// No accounts are made here.
pub(crate) const NO_ACCOUNTS: Accounts = Accounts {
    logs_in: &[],
    registers: None,
    employs: None,
    logs_out: None,
    me: None,
};
