//! Which conversation a mail belongs to: signed names in our `Message-ID`s and reply addresses.
//!
//! The core signs what goes out and asks [`Signer::find`] of what comes in. Invariant: only a token that this hub signed
//! is found, so nobody reaches a conversation by guessing (compared in constant time); whether its sender takes part in
//! that conversation is for the core to check.

mod base32;

use hmac::{Hmac, Mac};
use sha2::Sha256;
use switchboard_domain::id::ConversationId;

use super::mail::Mail;
use crate::hex;

/// Bytes kept of HMAC-SHA256 in a `Message-ID`, and in an address, where every character counts: 96 and 80 bits.
const MESSAGE_MAC: usize = 12;
const ADDRESS_MAC: usize = 10;
/// Longest local part of an address, in bytes (RFC 5321, section 4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;
/// How many addresses of a mail are looked at.
const ADDRESSES: usize = 100;

/// A conversation that a mail names, by a token of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConversationToken {
    /// The conversation.
    pub conversation: ConversationId,
    /// Which message of it is answered; an address does not say.
    pub sequence: Option<u64>,
}

/// Signs and checks the names that our mails carry.
#[derive(Clone)]
pub struct Signer {
    key: Hmac<Sha256>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// With the hub's secret; `None` when that is empty.
    pub fn new(secret: &[u8]) -> Option<Self> {
        let key = Hmac::new_from_slice(secret).ok().filter(|_| !secret.is_empty())?;
        Some(Self { key })
    }

    /// With a key of its own, made from a secret that serves other purposes besides; `None` when that is empty.
    pub fn derived(secret: &[u8]) -> Option<Self> {
        let key = Self::new(secret)?
            .key
            .chain_update(b"switchboard email threads 1\0");
        Self::new(&key.finalize().into_bytes())
    }

    /// The name of one message: what stands before the `@` of its `Message-ID`, `{conversation}.{sequence}.{mac}`.
    pub fn reference(&self, conversation: ConversationId, sequence: u64) -> String {
        let mac = self.message_mac(conversation, sequence).finalize().into_bytes();
        let mac = hex::encode(mac.get(..MESSAGE_MAC).unwrap_or_default());
        format!("{conversation}.{sequence}.{mac}")
    }

    /// The address that answers to a conversation go to: `support+{token}@domain`; `None` where the address has no room
    /// for it.
    pub fn reply_address(&self, address: &str, conversation: ConversationId) -> Option<String> {
        let (local, domain) = address.rsplit_once('@')?;
        let mac = self.address_mac(conversation).finalize().into_bytes();
        let bytes: Vec<u8> = conversation
            .as_bytes()
            .iter()
            .chain(mac.iter().take(ADDRESS_MAC))
            .copied()
            .collect();
        let local = format!("{local}+{}", base32::encode(&bytes));
        (local.len() <= LONGEST_LOCAL_PART).then(|| format!("{local}@{domain}"))
    }

    /// Reads the name of a message, with or without angle brackets and what follows the `@`.
    pub fn read_reference(&self, reference: &str) -> Option<ConversationToken> {
        let name = reference.trim().trim_start_matches('<');
        let name = name
            .split_once('@')
            .map_or(name, |(name, _)| name)
            .to_ascii_lowercase();
        let mut fields = name.split('.');
        let conversation = ConversationId::parse(fields.next()?)?;
        // Only the one spelling that we write, so that a name cannot be varied: no sign and no leading zero.
        let sequence = fields.next()?;
        let sequence: u64 = sequence
            .parse()
            .ok()
            .filter(|number: &u64| number.to_string() == sequence)?;
        let mac =
            hex::decode(fields.next()?).filter(|mac| mac.len() == MESSAGE_MAC && fields.next().is_none())?;
        self.message_mac(conversation, sequence)
            .verify_truncated_left(&mac)
            .ok()?;
        Some(ConversationToken {
            conversation,
            sequence: Some(sequence),
        })
    }

    /// Reads a reply address of ours.
    pub fn read_address(&self, address: &str) -> Option<ConversationToken> {
        let (local, _) = address.trim().rsplit_once('@')?;
        let (_, token) = local.rsplit_once('+')?;
        let bytes = base32::decode(&token.to_ascii_lowercase())?;
        let (id, mac) = bytes.split_first_chunk::<16>()?;
        let conversation = ConversationId::from_bytes(*id);
        if mac.len() != ADDRESS_MAC {
            return None;
        }
        self.address_mac(conversation).verify_truncated_left(mac).ok()?;
        Some(ConversationToken {
            conversation,
            sequence: None,
        })
    }

    /// The conversation a mail says it belongs to: by the mail it answers, then by its thread from the newest on, then
    /// by the address it was sent to.
    pub fn find(&self, mail: &Mail) -> Option<ConversationToken> {
        let mut answered = mail.in_reply_to.iter().chain(mail.references.iter().rev());
        let by_thread = answered.find_map(|id| self.read_reference(id));
        by_thread.or_else(|| self.find_address(mail))
    }

    fn find_address(&self, mail: &Mail) -> Option<ConversationToken> {
        let named = mail
            .to
            .iter()
            .chain(&mail.cc)
            .map(|person| person.address.as_str());
        let delivered = ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to"];
        let delivered = delivered.into_iter().flat_map(|name| mail.headers.all(name));
        let mut addresses = named.chain(delivered).take(ADDRESSES);
        addresses.find_map(|address| self.read_address(address.trim_matches(['<', '>', ' '])))
    }

    fn message_mac(&self, conversation: ConversationId, sequence: u64) -> Hmac<Sha256> {
        self.key
            .clone()
            .chain_update(b"email message\0")
            .chain_update(conversation.as_bytes())
            .chain_update(sequence.to_be_bytes())
    }

    fn address_mac(&self, conversation: ConversationId) -> Hmac<Sha256> {
        self.key
            .clone()
            .chain_update(b"email address\0")
            .chain_update(conversation.as_bytes())
    }
}

#[cfg(test)]
mod tests;
