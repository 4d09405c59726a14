//! `[limits]`: how many requests and sockets one caller has.

use std::time::Duration;

use serde::Deserialize;

use super::error::{Invalid, require};
use crate::http::limits::caller::{FamilyRates, SharedLimits};
use crate::http::limits::rate::Rate;

const MINUTE: Duration = Duration::from_secs(60);

/// The section's keys.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Whether requests are counted and sockets per account limited.
    pub enabled: bool,
    /// Open WebSockets of one account.
    pub sockets_per_account: usize,
    /// Login attempts for one account or address.
    pub login_attempts_per_minute: u32,
    /// `care` without an account, by address.
    pub care_public_per_minute: u32,
    /// `care` by account.
    pub care_per_minute: u32,
    /// `platform` by caller.
    pub platform_per_minute: u32,
    /// `assistant` by caller.
    pub assistant_per_minute: u32,
    /// `rooms` without an account, by address.
    pub rooms_public_per_minute: u32,
    /// `rooms` by account.
    pub rooms_per_hour: u32,
    /// `omnichannel` by caller.
    pub omnichannel_per_15_minutes: u32,
    /// Health and readiness, by address.
    pub health_per_minute: u32,
    /// Provider webhooks, by address.
    pub webhooks_per_minute: u32,
}

impl Limits {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        let numbers = [
            (self.login_attempts_per_minute, "login_attempts_per_minute"),
            (self.care_public_per_minute, "care_public_per_minute"),
            (self.care_per_minute, "care_per_minute"),
            (self.platform_per_minute, "platform_per_minute"),
            (self.assistant_per_minute, "assistant_per_minute"),
            (self.rooms_public_per_minute, "rooms_public_per_minute"),
            (self.rooms_per_hour, "rooms_per_hour"),
            (self.omnichannel_per_15_minutes, "omnichannel_per_15_minutes"),
            (self.health_per_minute, "health_per_minute"),
            (self.webhooks_per_minute, "webhooks_per_minute"),
        ];
        require(
            self.sockets_per_account > 0,
            "sockets_per_account",
            "a whole number above zero",
        )?;
        numbers
            .into_iter()
            .try_for_each(|(number, key)| require(number > 0, key, "a whole number above zero"))
    }

    /// So many requests in a minute.
    pub fn per_minute(limit: u32) -> Rate {
        rate(limit, MINUTE)
    }

    /// What the family of that name allows; one that names no number of its own has those of `platform`.
    pub fn family(&self, name: &str) -> FamilyRates {
        let per_minute = Self::per_minute;
        match name {
            "care" => FamilyRates {
                account: per_minute(self.care_per_minute),
                address: per_minute(self.care_public_per_minute),
            },
            "assistant" => same(per_minute(self.assistant_per_minute)),
            "rooms" => FamilyRates {
                account: rate(self.rooms_per_hour, MINUTE * 60),
                address: per_minute(self.rooms_public_per_minute),
            },
            "omnichannel" => same(rate(self.omnichannel_per_15_minutes, MINUTE * 15)),
            _ => same(per_minute(self.platform_per_minute)),
        }
    }

    /// What all families share.
    pub fn shared(&self) -> SharedLimits {
        let (health, webhooks) = (self.health_per_minute, self.webhooks_per_minute);
        SharedLimits::new(Self::per_minute(health), Self::per_minute(webhooks))
    }
}

fn rate(limit: u32, window: Duration) -> Rate {
    Rate { limit, window }
}

fn same(rate: Rate) -> FamilyRates {
    FamilyRates {
        account: rate,
        address: rate,
    }
}
