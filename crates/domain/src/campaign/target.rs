//! Whom a campaign is for: what a customer must have, all of it. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::template::APPOINTMENT;
use crate::customer::{Channel, Customer};
use crate::time::Timestamp;

/// What a customer must have to be a recipient; without anything, everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// All of these tags.
    pub tags: Vec<String>,
    /// Verified, or not.
    pub is_verified: Option<bool>,
    /// Has written on this channel.
    pub channel: Option<Channel>,
    /// Has written or been written to within this time.
    pub interaction_within: Option<Duration>,
    /// Has not written or been written to within this time.
    pub no_interaction_within: Option<Duration>,
    /// Has an appointment that is not over, or has none.
    pub has_upcoming_appointment: Option<bool>,
    /// Has an appointment within this time from now.
    pub appointment_within: Option<Duration>,
    /// Exactly these attributes.
    pub attributes: BTreeMap<String, String>,
}

/// What the conversations of a customer tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contacts {
    /// Channels the customer has conversations on.
    pub channels: Vec<Channel>,
    /// When the newest message of any came.
    pub last_interaction: Option<Timestamp>,
}

impl Target {
    /// Whether anything but the customer's own record is asked for.
    pub const fn needs_contacts(&self) -> bool {
        self.channel.is_some() || self.interaction_within.is_some() || self.no_interaction_within.is_some()
    }

    /// Whether this customer is meant.
    pub fn takes(&self, customer: &Customer, contacts: &Contacts, now: Timestamp) -> bool {
        self.tags.iter().all(|tag| customer.tags.contains(tag))
            && self
                .is_verified
                .is_none_or(|wanted| wanted == customer.is_verified)
            && self
                .channel
                .is_none_or(|channel| contacts.channels.contains(&channel))
            && self.takes_interaction(contacts, now)
            && self.takes_appointment(customer, now)
            && self
                .attributes
                .iter()
                .all(|(key, value)| customer.attributes.get(key) == Some(value))
    }

    fn takes_interaction(&self, contacts: &Contacts, now: Timestamp) -> bool {
        let within = |time: Duration| {
            let last = contacts.last_interaction;
            last.is_some_and(|last| now.since(last) <= time)
        };
        self.interaction_within.is_none_or(within) && !self.no_interaction_within.is_some_and(within)
    }

    fn takes_appointment(&self, customer: &Customer, now: Timestamp) -> bool {
        let stored = customer.attributes.get(APPOINTMENT);
        let upcoming = stored
            .and_then(|text| Timestamp::parse(text))
            .filter(|at| *at >= now);
        let within = |time| upcoming.is_some_and(|at| at <= now.after(time));
        self.has_upcoming_appointment
            .is_none_or(|wanted| wanted == upcoming.is_some())
            && self.appointment_within.is_none_or(within)
    }
}

/// Reads a span of time: a whole number and `m`, `h` or `d` (`24h`).
pub fn parse_span(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    let seconds = match unit {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    number
        .checked_mul(seconds)
        .filter(|span| *span <= 10 * 366 * 86_400)
        .map(Duration::from_secs)
}

/// Writes a span of whole minutes as [`parse_span`] reads it: days from two on, hours, else minutes.
pub fn span_text(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        _ if seconds > 86_400 && seconds.is_multiple_of(86_400) => format!("{}d", seconds / 86_400),
        _ if seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
        _ => format!("{}m", seconds / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{CustomerId, OrganizationId};

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

    fn customer() -> Customer {
        let (id, organization) = (
            CustomerId::from_bytes([1; 16]),
            OrganizationId::from_bytes([2; 16]),
        );
        Customer::new(id, organization, "Ann".to_owned(), NOW)
    }

    fn takes(target: &Target, customer: &Customer) -> bool {
        target.takes(customer, &Contacts::default(), NOW)
    }

    #[test]
    fn an_appointment_counts_while_it_is_ahead_and_near_enough() {
        let wanted = Target {
            has_upcoming_appointment: Some(true),
            appointment_within: parse_span("24h"),
            ..Target::default()
        };
        let mut ann = customer();
        assert!(!takes(&wanted, &ann), "no appointment");
        for (hours, taken) in [(23, true), (25, false)] {
            let at = NOW.after(Duration::from_secs(hours * 3_600)).to_string();
            ann.attributes.insert(APPOINTMENT.to_owned(), at);
            assert_eq!(takes(&wanted, &ann), taken, "in {hours} hours");
        }
        let past = Timestamp::from_millis(NOW.as_millis() - 1).to_string();
        ann.attributes.insert(APPOINTMENT.to_owned(), past);
        assert!(!takes(&wanted, &ann), "over");
    }

    #[test]
    fn every_condition_has_to_hold() {
        let mut ann = customer();
        ann.tags = vec!["vip".to_owned()];
        let vip = Target {
            tags: vec!["vip".to_owned()],
            ..Target::default()
        };
        assert!(takes(&vip, &ann) && takes(&Target::default(), &ann));
        let both = Target {
            is_verified: Some(true),
            ..vip
        };
        assert!(!takes(&both, &ann));
        ann.is_verified = true;
        assert!(takes(&both, &ann));
    }

    #[test]
    fn silence_is_the_opposite_of_a_recent_interaction() {
        let contacts = Contacts {
            channels: vec![Channel::Web],
            last_interaction: Some(NOW),
        };
        let recent = Target {
            interaction_within: parse_span("1h"),
            ..Target::default()
        };
        let silent = Target {
            no_interaction_within: parse_span("1h"),
            ..Target::default()
        };
        let ann = customer();
        assert!(recent.takes(&ann, &contacts, NOW) && !silent.takes(&ann, &contacts, NOW));
        assert!(!takes(&recent, &ann) && takes(&silent, &ann), "never wrote");
    }

    #[test]
    fn spans_read_back_as_they_are_written() {
        for text in ["24h", "7d", "90m"] {
            let span = parse_span(text).unwrap();
            assert_eq!(span_text(span), text);
        }
        for wrong in ["", "h", "24", "1.5h", "-1h", "24x", "99999999999d"] {
            assert_eq!(parse_span(wrong), None, "{wrong}");
        }
    }
}
