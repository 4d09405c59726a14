//! Identifiers: a prefix and 128 bits, unguessable (74 random bits) and sortable by the millisecond they were made in.
//!
//! The bits are a UUID version 7 (RFC 9562), written as 32 hexadecimal digits behind the prefix: `conv_0192…`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::ports::clock::Random;
use crate::time::Timestamp;

/// Makes a fresh 128-bit value for an id.
fn fresh(now: Timestamp, random: &dyn Random) -> Uuid {
    let mut bytes = [0_u8; 10];
    random.fill(&mut bytes);
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What every id of this type starts with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id, never given before.
            pub fn generate(now: Timestamp, random: &dyn Random) -> Self {
                Self(fresh(now, random))
            }

            /// The 16 bytes, as they stand in keys; they sort by time of making.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id of those 16 bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// Reads the text form; `None` for anything else.
            pub fn parse(text: &str) -> Option<Self> {
                let hex = text.strip_prefix($prefix).filter(|hex| hex.len() == 32)?;
                Uuid::try_parse(hex).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                f.write_str(self.0.simple().encode_lower(&mut Uuid::encode_buffer()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.as_bytes().serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = String::deserialize(deserializer)?;
                    Self::parse(&text).ok_or_else(|| de::Error::custom(concat!("expected an id like ", $prefix, "…")))
                } else {
                    <[u8; 16]>::deserialize(deserializer).map(Self::from_bytes)
                }
            }
        }
    };
}

id_type!(
    /// One customer of this hub's operator: a company whose records no other company sees.
    OrganizationId, "org_"
);
id_type!(
    /// Somebody who can log in.
    AccountId, "user_"
);
id_type!(
    /// The person outside.
    CustomerId, "cust_"
);
id_type!(
    /// One exchange with one customer.
    ConversationId, "conv_"
);
id_type!(
    /// One entry of a conversation.
    MessageId, "msg_"
);
id_type!(
    /// One client's socket.
    ConnectionId, "conn_"
);
id_type!(
    /// A frequently asked question with its answer.
    FaqId, "faq_"
);
id_type!(
    /// A passage of the company's knowledge.
    PassageId, "vec_"
);
id_type!(
    /// One message to many customers.
    CampaignId, "camp_"
);
id_type!(
    /// A subscription to what happens.
    WebhookId, "whk_"
);
id_type!(
    /// One notice to one subscription.
    DeliveryId, "dlv_"
);
id_type!(
    /// Something remembered of a customer.
    MemoryId, "mem_"
);
id_type!(
    /// A key that services call with.
    ApiKeyId, "key_"
);
id_type!(
    /// What a customer reported.
    LogId, "log_"
);
id_type!(
    /// One request, for logs and error answers.
    RequestId, "req_"
);
id_type!(
    /// One issued token, so that it can be revoked.
    TokenId, "tok_"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Sevens;

    impl Random for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let early = ConversationId::generate(Timestamp::from_millis(1_000), &Sevens);
        let late = ConversationId::generate(Timestamp::from_millis(1_001), &Sevens);
        assert!(early < late && early.to_string() < late.to_string());
    }

    #[test]
    fn an_id_reads_back_from_its_text_and_from_nothing_else() {
        let id = MessageId::generate(Timestamp::from_millis(1_000), &Sevens);
        assert_eq!(MessageId::parse(&id.to_string()), Some(id));
        assert_eq!(ConversationId::parse(&id.to_string()), None);
        assert_eq!(MessageId::parse("msg_1"), None);
    }
}
