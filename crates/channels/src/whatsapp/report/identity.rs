//! Who is on the other side: by phone number, by user id, or by both.
//!
//! Since usernames exist a customer may have no phone number that we are told; `user_id` (Meta's business-scoped user
//! id, `US.13491208655302741918`) is then all there is. Invariant: a [`Person`] that [`Person::is_known`] can be written
//! to.
//!
//! Meta's page: <https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids>.

use super::json::{Json, list, phone, text};

/// Somebody at the provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Phone number, E.164 with `+`.
    pub phone: Option<String>,
    /// The provider's id for this person within our business.
    pub user_id: Option<String>,
    /// The name they chose to show.
    pub name: Option<String>,
    /// The handle they chose to show.
    pub username: Option<String>,
}

impl Person {
    /// Whether there is anything to write to.
    pub const fn is_known(&self) -> bool {
        self.phone.is_some() || self.user_id.is_some()
    }

    /// Who sent `message`, with what the `contacts` of the same `value` know of them.
    pub(super) fn sender(message: Json<'_>, value: Json<'_>) -> Self {
        let named = Self {
            phone: phone(message, "from"),
            user_id: text(message, "from_user_id"),
            ..Self::default()
        };
        named.completed(value)
    }

    /// To whom `status` says a message went.
    pub(super) fn recipient(status: Json<'_>, value: Json<'_>) -> Self {
        let named = Self {
            phone: phone(status, "recipient_id"),
            user_id: text(status, "recipient_user_id"),
            ..Self::default()
        };
        named.completed(value)
    }

    /// Adds what the one matching contact knows; the only contact matches a person of whom nothing is known.
    fn completed(mut self, value: Json<'_>) -> Self {
        let mut contacts = list(value, "contacts");
        let lone = || {
            let mut all = list(value, "contacts");
            all.next().filter(|_| all.next().is_none() && !self.is_known())
        };
        let Some(contact) = contacts.find(|contact| self.is(*contact)).or_else(lone) else {
            return self;
        };
        self.phone = self.phone.or_else(|| phone(contact, "wa_id"));
        self.user_id = self.user_id.or_else(|| text(contact, "user_id"));
        if let Some(profile) = contact.get("profile") {
            self.name = text(profile, "name");
            self.username = text(profile, "username").or_else(|| text(contact, "username"));
        }
        self
    }

    fn is(&self, contact: Json<'_>) -> bool {
        let same = |ours: &Option<String>, theirs: Option<String>| ours.is_some() && *ours == theirs;
        same(&self.phone, phone(contact, "wa_id")) || same(&self.user_id, text(contact, "user_id"))
    }
}
