//! Webhooks as Meta sends them: the envelope, its signature, its delivery.
//!
//! Invariant: what is posted is signed over exactly the bytes that are posted.
//!
//! Meta's page: <https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages>.

use std::io;

use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{DISPLAY_NUMBER, NUMBER_ID};
use crate::http::post::post;

/// One webhook; what is added later comes later.
#[derive(Debug, Clone)]
pub struct Webhook {
    number_id: String,
    contacts: Vec<Value>,
    messages: Vec<Value>,
    statuses: Vec<Value>,
    errors: Vec<Value>,
}

/// The value of `X-Hub-Signature-256` for these bytes.
pub fn sign(secret: &str, body: &[u8]) -> String {
    // HMAC takes a key of any length: there is no error to see here.
    let digits: Vec<String> = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map(|mut mac| {
            mac.update(body);
            mac.finalize().into_bytes()
        })
        .into_iter()
        .flatten()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256={}", digits.concat())
}

impl Webhook {
    /// An empty one for the testbed's number.
    pub fn new() -> Self {
        Self {
            number_id: NUMBER_ID.to_owned(),
            contacts: Vec::new(),
            messages: Vec::new(),
            statuses: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// With one message (see [`super::samples`]), whose sender it names `Kerry Fisher`.
    pub fn of(message: Value) -> Self {
        let contact = contact(&message, "Kerry Fisher");
        Self::new().with_contact(contact).with_message(message)
    }

    /// With one status.
    pub fn of_status(status: Value) -> Self {
        Self::new().with_status(status)
    }

    /// For another of the account's numbers.
    #[must_use]
    pub fn for_number(mut self, number_id: &str) -> Self {
        number_id.clone_into(&mut self.number_id);
        self
    }

    /// And one more message.
    #[must_use]
    pub fn with_message(mut self, message: Value) -> Self {
        self.messages.push(message);
        self
    }

    /// And one more status.
    #[must_use]
    pub fn with_status(mut self, status: Value) -> Self {
        self.statuses.push(status);
        self
    }

    /// And one more error of the account.
    #[must_use]
    pub fn with_error(mut self, error: Value) -> Self {
        self.errors.push(error);
        self
    }

    /// And somebody whom messages or statuses are about: `{"profile":{"name"},"wa_id"?,"user_id"?}`.
    #[must_use]
    pub fn with_contact(mut self, contact: Value) -> Self {
        self.contacts.push(contact);
        self
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": DISPLAY_NUMBER, "phone_number_id": self.number_id}
        });
        let lists = [
            ("contacts", &self.contacts),
            ("messages", &self.messages),
            ("statuses", &self.statuses),
            ("errors", &self.errors),
        ];
        if let Some(value) = value.as_object_mut() {
            for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
                value.insert(key.into(), Value::Array(list.clone()));
            }
        }
        json!({
            "object": "whatsapp_business_account",
            "entry": [{"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}]
        })
    }

    /// As bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.json().to_string().into_bytes()
    }

    /// Posts it, signed with `secret`; the status it was answered with.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn post(&self, url: &str, secret: &str) -> io::Result<u16> {
        let body = self.bytes();
        let signature = sign(secret, &body);
        let headers = [
            ("content-type", "application/json"),
            ("x-hub-signature-256", signature.as_str()),
        ];
        post(url, &headers, body).await.map(|(status, _)| status)
    }
}

impl Default for Webhook {
    fn default() -> Self {
        Self::new()
    }
}

/// The contact that goes with a message.
fn contact(message: &Value, name: &str) -> Value {
    let mut contact = json!({"profile": {"name": name}});
    if let Some(fields) = contact.as_object_mut() {
        for (from, to) in [("from", "wa_id"), ("from_user_id", "user_id")] {
            if let Some(id) = message.get(from) {
                fields.insert(to.into(), id.clone());
            }
        }
    }
    contact
}
