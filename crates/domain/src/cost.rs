//! Money, and the services that cost some: what the price table charges and the analytics add up.
//!
//! Amounts are whole millionths of the organization's currency unit, so that sums are exact however many are added.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

use crate::customer::Channel;

/// An amount of money, in millionths of the currency unit; may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(i64);

/// Millionths of one unit.
const UNIT: f64 = 1_000_000.0;

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// From millionths of the currency unit.
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    /// Millionths of the currency unit.
    pub const fn as_millionths(self) -> i64 {
        self.0
    }

    /// From units, rounded to the nearest millionth; `None` for what is no number or beyond all sense (over 10¹²).
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    pub fn from_units(units: f64) -> Option<Self> {
        let sensible = units.is_finite() && units.abs() <= 1e12;
        sensible.then(|| Self((units * UNIT).round() as i64))
    }

    /// In units, as callers read it.
    #[expect(clippy::cast_precision_loss, reason = "exact up to nine billion units")]
    pub fn as_units(self) -> f64 {
        self.0 as f64 / UNIT
    }

    /// This share of `whole` in percent; 0 of nothing.
    pub fn percent_of(self, whole: Self) -> f64 {
        if whole.0 == 0 {
            return 0.0;
        }
        100.0 * self.as_units() / whole.as_units()
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Money {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.as_units())
    }
}

/// Something outside that is paid for. The embedded assistant is none: it costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Service {
    /// Answers and analyses by an OpenAI-compatible service.
    OpenaiGpt,
    /// Embeddings by such a service.
    OpenaiEmbedding,
    /// Transcriptions by such a service.
    OpenaiAudio,
    /// Messages by WhatsApp.
    Whatsapp,
    /// Messages by email.
    Email,
    /// Messages by Exotel's SMS.
    ExotelSms,
}

impl Service {
    /// All of them, in a fixed order.
    pub const ALL: [Self; 6] = [
        Self::OpenaiGpt,
        Self::OpenaiEmbedding,
        Self::OpenaiAudio,
        Self::Whatsapp,
        Self::Email,
        Self::ExotelSms,
    ];

    /// What a message by this channel is paid as; none for the web.
    pub const fn of(channel: Channel) -> Option<Self> {
        match channel {
            Channel::Web => None,
            Channel::Whatsapp => Some(Self::Whatsapp),
            Channel::Email => Some(Self::Email),
            Channel::Sms => Some(Self::ExotelSms),
        }
    }

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenaiGpt => "OPENAI_GPT",
            Self::OpenaiEmbedding => "OPENAI_EMBEDDING",
            Self::OpenaiAudio => "OPENAI_AUDIO",
            Self::Whatsapp => "WHATSAPP",
            Self::Email => "EMAIL",
            Self::ExotelSms => "EXOTEL_SMS",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_small_amounts_are_exact() {
        let tenth = Money::from_units(0.1).unwrap();
        let sum: Money = std::iter::repeat_n(tenth, 10).sum();
        assert_eq!(sum, Money::from_units(1.0).unwrap());
        assert_eq!(sum.as_units().to_string(), "1");
        assert_eq!(tenth.percent_of(sum).to_string(), "10");
        assert_eq!(tenth.percent_of(Money::ZERO).to_string(), "0");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for wrong in [f64::NAN, f64::INFINITY, 1e13, -1e13] {
            assert_eq!(Money::from_units(wrong), None, "{wrong}");
        }
    }
}
