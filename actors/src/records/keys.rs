//! The key layout: one byte for the kind of record, the organization, then what tells records of a kind apart.
//!
//! The numbers are on disk: never change or reuse one, only add.

use switchboard_domain::id::OrganizationId;

/// What kind of record a key holds; its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// An organization.
    Organization = 1,
    /// An account by its id (login comes before the organization is known).
    Account = 2,
    /// Accounts of an organization.
    AccountOfOrganization = 3,
    /// A username or email in lower case → account id.
    Login = 4,
    /// An API key by its SHA-256.
    ApiKey = 5,
    /// API keys of an organization → SHA-256.
    ApiKeyOfOrganization = 6,
    /// A token that was logged out → when it would have expired.
    RevokedToken = 7,
    /// Accounts of an organization by their role.
    AccountOfRole = 8,
    /// A subject of an external issuer → account id.
    Subject = 9,
    /// A conversation.
    Conversation = 10,
    /// A message, by conversation and sequence.
    Message = 11,
    /// A caller's message id → sequence.
    ClientMessage = 12,
    /// A caller's id for a conversation → conversation id.
    Alias = 13,
    /// Conversations that are not closed.
    OpenConversation = 14,
    /// Conversations that are waiting or with an agent.
    DeskConversation = 15,
    /// Conversations of a customer.
    ConversationOfCustomer = 16,
    /// A customer's newest conversation on each channel that leads outside → conversation id.
    NewestOnChannel = 29,
    /// A customer.
    Customer = 17,
    /// An address → customer id.
    Identity = 18,
    /// The subjects of external issuers that an account stands for.
    SubjectOfAccount = 19,
    /// An hourly counter, as stores before format 2 have it.
    HourlyCounter = 20,
    /// A counter over all time.
    TotalCounter = 21,
    /// The next free block of numbers.
    NumberBlock = 22,
    /// A number → the id of its record.
    Numbered = 23,
    /// Conversations by each day they were written in → customer id.
    ActiveOn = 24,
    /// The counters of an hour and channel.
    HourlyTally = 25,
    /// How many customers and conversations were last active on which day.
    ActiveDays = 26,
    /// A customer → the day it was last active.
    LastActive = 27,
    /// What a store of an older format was brought up to.
    Upgraded = 28,
    /// A FAQ.
    Faq = 30,
    /// A passage of knowledge.
    Passage = 31,
    /// A source with its vectors.
    IndexedSource = 32,
    /// An organization's settings.
    Settings = 33,
    /// Something owed to the outside.
    Errand = 60,
    /// What is owed, by lane and the time it is due.
    ErrandDue = 61,
    /// Something owed that was given up.
    FailedErrand = 62,
    /// A provider's id of a message → the message.
    Provided = 63,
    /// A report on a message whose id is not known yet.
    EarlyReport = 64,
    /// Automatic mails to an address within ten minutes.
    AutomaticMail = 65,
    /// How far a folder of a mailbox has been read.
    MailCursor = 66,
    /// A mail that could not be understood.
    QuarantinedMail = 67,
    /// There while nobody is to read the mailboxes.
    MailListener = 68,
    /// A provider's notice that a customer has another address → the customer, until the notice is taken in.
    Move = 69,
    /// A campaign.
    Campaign = 70,
    /// A campaign that is scheduled or running, by when it is due.
    CampaignDue = 71,
    /// A line of a campaign's ledger.
    CampaignRecipient = 72,
    /// What a campaign's messages have cost.
    CampaignSpend = 73,
    /// How many of a campaign's messages got how far.
    CampaignCount = 74,
    /// A campaign's message that has not left.
    CampaignMessage = 75,
    /// A webhook subscription.
    Webhook = 80,
    /// A notice to a webhook subscription.
    WebhookDelivery = 81,
    /// The notices that name a customer.
    DeliveryOfCustomer = 83,
    /// The notices of all organizations by the time when they are removed.
    DeliveryEnd = 84,
    /// How many notices to a subscription are kept.
    DeliveryCount = 85,
    /// What an organization tells about itself.
    BusinessProfile = 82,
    /// A turn the assistant owes.
    TurnDue = 40,
    /// A request with a key of the caller's → what was asked and answered.
    Repeat = 41,
    /// The requests of all organizations by the time when they are forgotten.
    RepeatEnd = 42,
    /// The kept requests that name a record.
    RepeatOf = 45,
    /// What an organization may spend.
    Budget = 43,
    /// A threshold of a month's budget that was reached.
    CostAlert = 44,
    /// How often a FAQ was read.
    FaqViews = 34,
    /// A customer log.
    Log = 90,
    /// Logs of an account.
    LogOfAccount = 91,
    /// Something remembered of a customer.
    Memory = 50,
    /// A memory → when it was last asked for.
    MemoryAccess = 51,
    /// The memories of all organizations by the time when they end.
    MemoryEnd = 52,
    /// A customer that is being erased.
    Erasure = 53,
    /// An attachment of any organization → the messages that hold it.
    BlobHolder = 54,
}

/// A key of hub-wide data.
pub fn global(kind: Kind, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + parts.iter().map(|part| part.len()).sum::<usize>());
    key.push(kind as u8);
    for part in parts {
        key.extend_from_slice(part);
    }
    key
}

/// A key of one organization's data.
pub fn scoped(kind: Kind, organization: OrganizationId, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(17 + parts.iter().map(|part| part.len()).sum::<usize>());
    key.push(kind as u8);
    key.extend_from_slice(organization.as_bytes());
    for part in parts {
        key.extend_from_slice(part);
    }
    key
}

/// The last 16 bytes of a key, where most keys end in an id.
pub fn trailing_id(key: &[u8]) -> Option<[u8; 16]> {
    key.last_chunk::<16>().copied()
}
