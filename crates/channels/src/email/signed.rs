//! The way out of the hub's mails: SMTP, with every message named so that its answers and reports find back.
//!
//! Made by the composition root around [`Smtp`]. Invariant: the same reference is signed to the same name, so a second
//! attempt carries the same `Message-ID`.

use switchboard_domain::id::ConversationId;
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::transport::{Outgoing, Receipt, SendError, Transport};

use super::smtp::Smtp;
use super::thread::Signer;

/// Signs, then sends.
#[derive(Debug)]
pub struct SignedSmtp {
    smtp: Smtp,
    signer: Signer,
}

impl SignedSmtp {
    /// Around this way out.
    pub fn new(smtp: Smtp, signer: Signer) -> Self {
        Self { smtp, signer }
    }

    /// `{conversation}.{sequence}` with its signature; anything else stays as it is.
    fn signed(&self, reference: String) -> String {
        let named = reference.split_once('.').and_then(|(conversation, sequence)| {
            let conversation = ConversationId::parse(conversation)?;
            Some(self.signer.reference(conversation, sequence.parse().ok()?))
        });
        named.unwrap_or(reference)
    }
}

impl Transport for SignedSmtp {
    fn send(&self, message: Outgoing) -> BoxFuture<'_, Result<Receipt, SendError>> {
        let reference = self.signed(message.reference);
        self.smtp.send(Outgoing { reference, ..message })
    }

    fn acknowledge(&self, provider_id: String, is_typing: bool) -> BoxFuture<'_, ()> {
        self.smtp.acknowledge(provider_id, is_typing)
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), String>> {
        self.smtp.probe()
    }
}
