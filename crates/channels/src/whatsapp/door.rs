//! What WhatsApp tells, in the domain's words: the domain's `Reports` over signature and parser.
//!
//! The hub asks it for every call of the webhook. Invariant: nothing is read before the signature was checked, and
//! whatever a customer sent becomes something that a person can read.

mod incoming;

use std::sync::Arc;

use switchboard_domain::customer::Identity;
use switchboard_domain::message::{Billing, DeliveryReport, DeliveryStatus};
use switchboard_domain::ports::clock::Clock;
use switchboard_domain::ports::reports::{Move, Report, Reports, Unsigned};
use switchboard_domain::time::Timestamp;

use super::report::{self, Addressed, IdentityChange, State, Status};
use super::signature::{AppSecrets, Subscription};

/// Who may tell something, and of which number.
#[derive(Debug)]
pub struct Door {
    secrets: AppSecrets,
    verify_token: VerifyToken,
    number_id: String,
    clock: Arc<dyn Clock>,
}

/// What confirms a subscription.
struct VerifyToken(String);

/// Does not tell it.
impl std::fmt::Debug for VerifyToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(hidden)")
    }
}

impl Door {
    /// For the business number of this id. The clock stands in where the provider does not say when something was.
    pub const fn new(
        secrets: AppSecrets,
        verify_token: String,
        number_id: String,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            secrets,
            verify_token: VerifyToken(verify_token),
            number_id,
            clock,
        }
    }

    fn told(&self, addressed: Addressed) -> Vec<Report> {
        let Addressed { number_id, report } = addressed;
        if let Some(other) = number_id.filter(|id| *id != self.number_id) {
            let other: String = other.chars().take(40).collect();
            return nothing(&format!(
                "of another number than whatsapp.phone_number_id: {other:?}"
            ));
        }
        let now = self.clock.now();
        match report {
            report::Report::Message(message) => vec![came(incoming::message(*message, now))],
            report::Report::Opened(opened) => vec![came(incoming::opened(opened, now))],
            report::Report::Reaction(reaction) => vec![came(incoming::reaction(reaction, now))],
            report::Report::Edit(edit) => vec![came(incoming::edit(*edit, now))],
            report::Report::Deletion(deletion) => vec![came(incoming::deletion(deletion, now))],
            report::Report::IdentityChange(change) => moved(&change, now),
            report::Report::Status(status) => vec![delivery(status, now)],
            report::Report::AccountError(failure) => vec![Report::Account(failure.reason)],
            report::Report::Skipped(skipped) => nothing(&skipped.reason),
        }
    }
}

fn nothing(reason: &str) -> Vec<Report> {
    tracing::warn!(reason, "WhatsApp told nothing to act on");
    Vec::new()
}

fn came(incoming: switchboard_domain::incoming::Incoming) -> Report {
    Report::Message(Box::new(incoming))
}

/// The notice last, from the new address: once it is stored, the moves have been made.
fn moved(change: &IdentityChange, now: Timestamp) -> Vec<Report> {
    let (before, after) = (&change.before, &change.after);
    let phones = before.phone.as_ref().zip(after.phone.as_ref());
    let users = before.user_id.as_ref().zip(after.user_id.as_ref());
    // A user id that is told for the first time belongs to the phone number it comes with, which has been moved by then.
    let phone = after.phone.as_ref().filter(|_| phones.is_some());
    let known = phone.cloned().map(Identity::Phone);
    let known = known.or_else(|| incoming::identities(before).into_iter().next());
    let first = after.user_id.as_ref().filter(|_| users.is_none());
    let moves = [
        phones
            .filter(|(from, to)| from != to)
            .map(|(from, to)| (Identity::Phone(from.clone()), Identity::Phone(to.clone()))),
        known
            .zip(first)
            .map(|(from, to)| (from, Identity::Whatsapp(to.clone()))),
        users
            .filter(|(from, to)| from != to)
            .map(|(from, to)| (Identity::Whatsapp(from.clone()), Identity::Whatsapp(to.clone()))),
    ];
    let notice = || change.id.clone();
    let moves = moves.into_iter().flatten();
    let moves = moves.map(|(from, to)| {
        Report::Moved(Move {
            from,
            to,
            notice: notice(),
        })
    });
    let moves: Vec<_> = moves.collect();
    moves
        .into_iter()
        .chain([came(incoming::moved(change, now))])
        .collect()
}

fn delivery(status: Status, now: Timestamp) -> Report {
    let priced = status.pricing.and_then(|pricing| pricing.is_billable);
    let failure = status.failure.map(|failure| failure.reason);
    let report = DeliveryReport {
        status: match status.state {
            State::Sent => DeliveryStatus::Sent,
            State::Delivered => DeliveryStatus::Delivered,
            State::Read => DeliveryStatus::Read,
            State::Failed => DeliveryStatus::Failed,
        },
        provider_id: Some(status.id),
        at: status.at.unwrap_or(now),
        failure: failure
            .filter(|_| status.state == State::Failed)
            .unwrap_or_default(),
        billing: Billing {
            is_free: priced == Some(false),
            // What is not delivered is not charged.
            is_due_on_failure: false,
            parts: None,
        },
    };
    Report::Delivery {
        reference: status.reference,
        report,
    }
}

impl Reports for Door {
    fn read(&self, signature: Option<&str>, body: &[u8]) -> Result<Vec<Report>, Unsigned> {
        let verified = self.secrets.verify(signature, body);
        let verified = verified.map_err(|why| {
            tracing::warn!(%why, "a call of WhatsApp's webhook was refused");
            Unsigned
        })?;
        let addressed = report::parse(verified);
        Ok(addressed.into_iter().flat_map(|one| self.told(one)).collect())
    }

    fn confirms(&self, mode: &str, token: &str) -> bool {
        let asked = Subscription {
            mode,
            verify_token: token,
            challenge: "",
        };
        asked.answer(&self.verify_token.0).is_some()
    }
}
