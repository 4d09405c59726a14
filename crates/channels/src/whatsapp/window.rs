//! When free text is allowed: within 24 hours of the customer's last message, else a template alone.
//!
//! Asked before a message is taken, and again before it is sent. Invariant: both times are the provider's or lie before
//! it; the customer's message counts by the provider's clock, never by when its webhook arrived.
//!
//! Meta's page: <https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages>
//! ("Customer service windows").

use std::time::Duration;

use switchboard_domain::time::Timestamp;

/// How long the window stays open after the customer's last message.
pub const SPAN: Duration = Duration::from_secs(24 * 60 * 60);

/// When the window closes that a message of the customer at this time opened.
pub fn closes_at(last_message: Timestamp) -> Timestamp {
    last_message.after(SPAN)
}

/// Whether free text may go out now; `None`: the customer never wrote.
pub fn is_open(last_message: Option<Timestamp>, now: Timestamp) -> bool {
    last_message.is_some_and(|last| now < closes_at(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_open_for_a_day_and_closed_to_whom_never_wrote() {
        let wrote = Timestamp::parse("2026-03-01T10:00:00Z");
        let at = |text| Timestamp::parse(text).unwrap();
        assert!(is_open(wrote, at("2026-03-01T10:00:00Z")));
        assert!(is_open(wrote, at("2026-03-02T09:59:59.999Z")));
        assert!(!is_open(wrote, at("2026-03-02T10:00:00Z")));
        assert!(!is_open(None, at("2026-03-01T10:00:00Z")));
    }

    #[test]
    fn a_customer_whose_clock_is_ahead_of_ours_may_be_answered() {
        let wrote = Timestamp::parse("2026-03-01T10:00:05Z");
        assert!(is_open(wrote, Timestamp::parse("2026-03-01T10:00:00Z").unwrap()));
    }
}
