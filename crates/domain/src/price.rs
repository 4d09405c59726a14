//! The price table: what tokens, minutes and messages cost, as configured.
//!
//! Callers: whoever pays a provider. Invariant: a charge is rounded up to a whole millionth of the currency unit, so a
//! sum of charges is never below what was used.

use crate::cost::{Money, Service};

/// What one call to a provider has used, or may use at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tokens read.
    pub input_tokens: u32,
    /// Tokens written.
    pub output_tokens: u32,
    /// Seconds of audio heard.
    pub audio_seconds: u32,
}

impl Usage {
    /// Tokens read and written.
    pub const fn tokens(&self) -> u32 {
        self.input_tokens.saturating_add(self.output_tokens)
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            audio_seconds: self.audio_seconds.saturating_add(other.audio_seconds),
        }
    }
}

/// Prices in the organization's currency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PriceTable {
    /// The currency's name (`USD`).
    pub currency: String,
    /// A thousand tokens read by the chat model.
    pub chat_input: Money,
    /// A thousand tokens written by the chat model.
    pub chat_output: Money,
    /// A thousand tokens embedded.
    pub embedding: Money,
    /// A minute of audio heard.
    pub audio_minute: Money,
    /// One WhatsApp message.
    pub whatsapp_message: Money,
    /// One SMS.
    pub sms_message: Money,
    /// One mail.
    pub email_message: Money,
}

impl PriceTable {
    /// What a call to this service costs with this usage; of a message channel: one message.
    pub fn charge(&self, service: Service, usage: Usage) -> Money {
        match service {
            Service::OpenaiGpt => Money::from_millionths(
                share(self.chat_input, usage.input_tokens, 1_000)
                    + share(self.chat_output, usage.output_tokens, 1_000),
            ),
            Service::OpenaiEmbedding => {
                Money::from_millionths(share(self.embedding, usage.input_tokens, 1_000))
            }
            Service::OpenaiAudio => Money::from_millionths(share(self.audio_minute, usage.audio_seconds, 60)),
            Service::Whatsapp => self.whatsapp_message,
            Service::ExotelSms => self.sms_message,
            Service::Email => self.email_message,
        }
    }
}

/// `amount` of what costs `price` per `unit`, in millionths, rounded up.
fn share(price: Money, amount: u32, unit: i64) -> i64 {
    let product = price.as_millionths().saturating_mul(i64::from(amount));
    product.saturating_add(unit - 1).div_euclid(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charge_is_never_below_what_was_used() {
        let prices = PriceTable {
            chat_input: Money::from_millionths(150),
            chat_output: Money::from_millionths(600),
            embedding: Money::from_millionths(20),
            audio_minute: Money::from_millionths(6_000),
            sms_message: Money::from_millionths(2_000),
            ..PriceTable::default()
        };
        let usage = Usage {
            input_tokens: 1_001,
            output_tokens: 10,
            audio_seconds: 90,
        };
        let charged = |service| prices.charge(service, usage).as_millionths();
        assert_eq!(charged(Service::OpenaiGpt), 151 + 6);
        assert_eq!(charged(Service::OpenaiEmbedding), 21);
        assert_eq!(charged(Service::OpenaiAudio), 9_000);
        assert_eq!((charged(Service::ExotelSms), charged(Service::Email)), (2_000, 0));
        assert_eq!(prices.charge(Service::OpenaiGpt, Usage::default()), Money::ZERO);
    }
}
