//! `[prices]`: what paid services cost.

use serde::Deserialize;
use switchboard_domain::cost::Money;
use switchboard_domain::price::PriceTable;

use super::error::{Invalid, require};

/// The section's keys, amounts in units of the currency.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The currency's name.
    pub currency: String,
    /// A thousand tokens read.
    pub chat_input_per_1k: f64,
    /// A thousand tokens written.
    pub chat_output_per_1k: f64,
    /// A thousand tokens embedded.
    pub embedding_per_1k: f64,
    /// A minute of audio.
    pub audio_per_minute: f64,
    /// One WhatsApp message.
    pub whatsapp_message: f64,
    /// One SMS.
    pub sms_message: f64,
    /// One mail.
    pub email_message: f64,
}

/// The highest price that is believed, in units.
const HIGHEST: f64 = 1_000_000.0;

impl Prices {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        let named = (1..=10).contains(&self.currency.trim().chars().count());
        require(named, "currency", "a name like USD")?;
        for (key, price) in [
            ("chat_input_per_1k", self.chat_input_per_1k),
            ("chat_output_per_1k", self.chat_output_per_1k),
            ("embedding_per_1k", self.embedding_per_1k),
            ("audio_per_minute", self.audio_per_minute),
            ("whatsapp_message", self.whatsapp_message),
            ("sms_message", self.sms_message),
            ("email_message", self.email_message),
        ] {
            require((0.0..=HIGHEST).contains(&price), key, "a price from 0 to 1000000")?;
        }
        Ok(())
    }

    /// The table the core charges by.
    pub fn table(&self) -> PriceTable {
        let money = |units| Money::from_units(units).unwrap_or_default();
        PriceTable {
            currency: self.currency.trim().to_owned(),
            chat_input: money(self.chat_input_per_1k),
            chat_output: money(self.chat_output_per_1k),
            embedding: money(self.embedding_per_1k),
            audio_minute: money(self.audio_per_minute),
            whatsapp_message: money(self.whatsapp_message),
            sms_message: money(self.sms_message),
            email_message: money(self.email_message),
        }
    }
}
