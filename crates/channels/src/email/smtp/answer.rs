//! What a mail server's answer means for the message (RFC 5321, section 4.2).
//!
//! Called for every step that fails. Invariant: an answer with a code is certain, whichever step it came at.

use lettre::transport::smtp::Error;
use switchboard_domain::ports::transport::SendError;

/// Codes that say that nobody of this account gets anything through: log in, log in otherwise, wrong password, needs
/// encryption (RFC 4954, section 6).
const ACCOUNT: [u16; 4] = [530, 534, 535, 538];

/// Where in the conversation it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Connecting, the greeting, encryption.
    Open,
    /// Logging in.
    Login,
    /// Sender, receivers and the word DATA: nothing of the mail has left.
    Envelope,
    /// The mail itself is on its way, or was.
    Mail,
}

/// What a failure at a step means.
pub(super) fn meaning(step: Step, error: &Error) -> SendError {
    let reason = reason(step, error);
    let Some(code) = error.status().map(u16::from) else {
        return without_code(step, error, reason);
    };
    match step {
        _ if error.is_transient() => SendError::Later { reason, after: None },
        // A server that will not even greet or let in refuses us, not this mail.
        Step::Open | Step::Login => SendError::AccountStopped { reason },
        _ if ACCOUNT.contains(&code) => SendError::AccountStopped { reason },
        Step::Envelope | Step::Mail => SendError::Refused { reason },
    }
}

/// Lost, timed out or not understood.
fn without_code(step: Step, error: &Error, reason: String) -> SendError {
    match step {
        Step::Mail => SendError::Uncertain { reason },
        // The server cannot do what the configuration asks for (STARTTLS, a way to log in).
        Step::Open | Step::Login if error.is_client() => SendError::AccountStopped { reason },
        _ => SendError::Later { reason, after: None },
    }
}

/// What is said when nothing came in time.
pub(super) fn timed_out(step: Step) -> SendError {
    let reason = format!("{}: no answer in time", name(step));
    match step {
        Step::Mail => SendError::Uncertain { reason },
        _ => SendError::Later { reason, after: None },
    }
}

fn reason(step: Step, error: &Error) -> String {
    let words: String = error
        .to_string()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(400)
        .collect();
    format!("{}: {words}", name(step))
}

fn name(step: Step) -> &'static str {
    match step {
        Step::Open => "the mail server cannot be reached",
        Step::Login => "the mail server does not let us in",
        Step::Envelope => "the mail server did not take sender or receiver",
        Step::Mail => "handing over the mail",
    }
}
