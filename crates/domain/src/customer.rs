//! The person outside, and the many addresses one person writes from.

pub mod details;
pub mod trust;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::conversation::Route;
use crate::id::{AccountId, CustomerId, OrganizationId};
use crate::time::Timestamp;

/// The way a conversation comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Web chat and the REST APIs.
    Web,
    /// WhatsApp.
    Whatsapp,
    /// Email.
    Email,
    /// SMS.
    Sms,
}

impl Channel {
    /// All channels, in a fixed order.
    pub const ALL: [Self; 4] = [Self::Web, Self::Whatsapp, Self::Email, Self::Sms];

    /// The lower-case name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Whatsapp => "whatsapp",
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The channel of that wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == name)
    }
}

/// One address of a customer: at most one customer of an organization has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Identity {
    /// An account of this hub.
    Account(AccountId),
    /// The name an integrating service gave (`userId` of the platform family).
    External(String),
    /// A phone number, digits with a leading `+` (E.164).
    Phone(String),
    /// An email address in lower case.
    Email(String),
    /// A WhatsApp user id, for those who show no phone number.
    Whatsapp(String),
}

/// The person outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// The organization it is a customer of.
    pub organization: OrganizationId,
    /// As readers see it; may be empty for a visitor.
    pub name: String,
    /// Where mail reaches it.
    pub email: Option<String>,
    /// Where calls reach it.
    pub phone: Option<String>,
    /// The addresses it is known by.
    pub identities: Vec<Identity>,
    /// When it first wrote.
    pub created_at: Timestamp,
    /// Words staff group customers by.
    pub tags: Vec<String>,
    /// Staff or a service are sure who this is.
    pub is_verified: bool,
    /// What the organization knows besides (`appointmentAt`, …).
    pub attributes: BTreeMap<String, String>,
    /// Channels on which it wants no campaigns.
    pub unsubscribed: Vec<Channel>,
}

impl Customer {
    /// Somebody of whom nothing but a name is known.
    pub fn new(id: CustomerId, organization: OrganizationId, name: String, now: Timestamp) -> Self {
        Self {
            id,
            organization,
            name,
            email: None,
            phone: None,
            identities: Vec::new(),
            created_at: now,
            tags: Vec::new(),
            is_verified: false,
            attributes: BTreeMap::new(),
            unsubscribed: Vec::new(),
        }
    }

    /// An address is not its own any more.
    pub fn give_up(&mut self, address: &Identity) {
        self.identities.retain(|known| known != address);
        match address {
            Identity::Phone(phone) if self.phone.as_ref() == Some(phone) => self.phone = None,
            Identity::Email(email) if self.email.as_ref() == Some(email) => self.email = None,
            _ => {}
        }
    }

    /// It has an address from now on; a number is what staff see where they saw none.
    pub fn take_up(&mut self, address: &Identity) {
        if !self.identities.contains(address) {
            self.identities.push(address.clone());
        }
        if let (Identity::Phone(phone), None) = (address, &self.phone) {
            self.phone = Some(phone.clone());
        }
    }

    /// Where messages by a channel reach it, if they do; none for the web, where it comes by itself.
    pub fn route_by(&self, channel: Channel) -> Option<Route> {
        let known = |pick: fn(&Identity) -> Option<&String>| self.identities.iter().find_map(pick);
        let phone = self.phone.as_ref().or_else(|| {
            known(|identity| match identity {
                Identity::Phone(phone) => Some(phone),
                _ => None,
            })
        });
        let to = match channel {
            Channel::Web => None,
            Channel::Sms => phone,
            Channel::Whatsapp => phone.or_else(|| {
                known(|identity| match identity {
                    Identity::Whatsapp(user) => Some(user),
                    _ => None,
                })
            }),
            Channel::Email => self.email.as_ref().or_else(|| {
                known(|identity| match identity {
                    Identity::Email(email) => Some(email),
                    _ => None,
                })
            }),
        };
        to.map(|to| Route {
            to: to.clone(),
            subject: String::new(),
            heard_at: None,
        })
    }
}
