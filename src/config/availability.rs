//! Keys that ask for what this build cannot do yet: refused at the start, so that nobody waits for it in vain.

use super::Config;
use super::error::Invalid;

/// Fails at the first such key.
pub(super) fn check(config: &Config) -> Result<(), (&'static str, Invalid)> {
    let asked = [
        (
            config.whatsapp.enabled,
            "whatsapp",
            "enabled",
            "the WhatsApp channel",
        ),
        (config.sms.enabled, "sms", "enabled", "the SMS channel"),
    ];
    match asked.into_iter().find(|(asked, ..)| *asked) {
        Some((_, section, key, what)) => Err((section, Invalid::NotAvailable { key, what })),
        None => Ok(()),
    }
}
