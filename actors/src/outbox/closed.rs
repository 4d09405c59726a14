//! Lanes whose channel is not configured: what is in them waits, for as long as it would be tried if it were.
//!
//! Run by the dispatcher where an open lane has a runner. Invariant: nothing is sent from here, and nothing given up
//! before the day of its retries is over; so a start without a channel's configuration loses nothing.

use switchboard_domain::outbox::{Errand, Lane, Next, PATIENCE};
use switchboard_domain::time::Timestamp;

use super::lane::settle_overdue;
use super::record;
use crate::error::HubError;
use crate::links::Links;

/// Errands looked at in one go, those that are due first; what lies behind them comes after them.
const AT_ONCE: usize = 10_000;

/// Looks through a closed lane: gives up what has waited for a day, and notes how much waits on.
pub(super) async fn look(links: &Links, lane: Lane) {
    match settle(links, lane).await {
        Ok(waiting) => links.services.conditions.waits(lane, waiting),
        Err(error) => {
            tracing::warn!(%error, ?lane, "a lane that is not configured could not be looked through");
        }
    }
}

async fn settle(links: &Links, lane: Lane) -> Result<usize, HubError> {
    let (services, mut waiting) = (&links.services, 0);
    for errand in services.records().list_errands(lane, AT_ONCE)? {
        let now = services.now();
        if has_waited_enough(&errand.record, now) {
            record::next(links, &errand, Next::Failed(reason(lane))).await?;
        } else if !errand.record.state.is_open() && errand.record.due <= now {
            settle_overdue(links, &errand).await?;
        } else {
            waiting += 1;
        }
    }
    Ok(waiting)
}

/// What may have left already is for its own time to settle.
fn has_waited_enough(errand: &Errand, now: Timestamp) -> bool {
    errand.state.is_open() && errand.since.after(PATIENCE) < now
}

fn reason(lane: Lane) -> String {
    let what = match lane {
        Lane::Whatsapp | Lane::Media => "whatsapp",
        Lane::Sms => "sms",
        Lane::Email => "email",
        Lane::Webhook(_) => "webhooks",
    };
    format!("the channel {what} is not configured, and was not for a day")
}
