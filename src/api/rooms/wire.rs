//! What this family's callers send and get, and how it is made from the hub's types.

mod chat;
mod reports;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::accounts::{Login, NewAccount};
use switchboard_domain::account::{Account, Role};
use switchboard_domain::settings::{AssistantSettings, ResponseStyle};

pub(super) use self::chat::{
    AnalyzeIn, AnalyzedOut, MessageIn, MessageOut, OpenedOut, RoomIn, RoomOut, SentOut,
};
pub(super) use self::reports::{BehaviorOut, CustomerOut, DashboardOut, IntentOut, OverviewOut, intents};
use crate::http::wire::{Count, OneOf, Share, Word};

/// The two types of user this family knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum UserType {
    /// Agents and admins.
    Admin,
    /// Customers.
    Customer,
}

impl Word for UserType {
    const EXPECTED: &'static str = "one of admin, customer";

    fn read(word: &str) -> Option<Self> {
        match word {
            "admin" => Some(Self::Admin),
            "customer" => Some(Self::Customer),
            _ => None,
        }
    }
}

impl From<Role> for UserType {
    fn from(role: Role) -> Self {
        if role.is_staff() {
            Self::Admin
        } else {
            Self::Customer
        }
    }
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct RegisterIn {
    username: String,
    email: String,
    password: String,
    user_type: Option<OneOf<UserType>>,
}

impl RegisterIn {
    /// The account, and its type: a customer's unless it says otherwise.
    pub(super) fn into_parts(self) -> (NewAccount, UserType) {
        let new = NewAccount {
            username: Some(self.username),
            email: self.email,
            password: self.password,
            first_name: String::new(),
            last_name: String::new(),
        };
        let user_type = self.user_type.map_or(UserType::Customer, |OneOf(kind)| kind);
        (new, user_type)
    }
}

/// `username` takes the email, too.
#[derive(Deserialize, JsonSchema)]
pub(super) struct LoginIn {
    pub(super) username: String,
    pub(super) password: String,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct PasswordIn {
    pub(super) old_password: String,
    pub(super) new_password: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct TokenOut {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    user_id: String,
    username: String,
    user_type: UserType,
}

impl From<&Login> for TokenOut {
    fn from(login: &Login) -> Self {
        Self {
            access_token: login.token.clone(),
            token_type: "bearer",
            expires_in: login.expires_in.as_secs(),
            user_id: login.account.id.to_string(),
            username: login.account.username.clone(),
            user_type: login.account.role.into(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct MeOut {
    id: String,
    username: String,
    email: String,
    user_type: UserType,
}

impl From<&Account> for MeOut {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            username: account.username.clone(),
            email: account.email.clone(),
            user_type: account.role.into(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct LoggedOutOut {
    pub(super) message: &'static str,
}

/// What is to change; what is absent or null stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ConfigIn {
    auto_reply_enabled: Option<bool>,
    max_response_length: Option<Count>,
    ai_confidence_threshold: Option<Share>,
    response_style_default: Option<OneOf<ResponseStyle>>,
    complaints_to_agent: Option<bool>,
    handover_message: Option<String>,
    fallback_message: Option<String>,
}

impl ConfigIn {
    /// Writes the changes into the settings.
    pub(super) fn apply(self, settings: &mut AssistantSettings) {
        let length = self.max_response_length.map(|Count(count)| count);
        let length = length.map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        set(&mut settings.auto_reply_enabled, self.auto_reply_enabled);
        set(&mut settings.max_response_length, length);
        let threshold = self.ai_confidence_threshold.map(|Share(share)| share);
        set(&mut settings.confidence_threshold, threshold);
        let style = self.response_style_default.map(|OneOf(style)| style);
        set(&mut settings.style, style);
        set(&mut settings.complaints_to_agent, self.complaints_to_agent);
        set(&mut settings.handover_message, self.handover_message);
        set(&mut settings.fallback_message, self.fallback_message);
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ConfigOut {
    auto_reply_enabled: bool,
    max_response_length: u32,
    ai_confidence_threshold: f64,
    response_style_default: &'static str,
    complaints_to_agent: bool,
    handover_message: String,
    fallback_message: String,
}

impl From<&AssistantSettings> for ConfigOut {
    fn from(settings: &AssistantSettings) -> Self {
        Self {
            auto_reply_enabled: settings.auto_reply_enabled,
            max_response_length: settings.max_response_length,
            ai_confidence_threshold: settings.confidence_threshold.rounded(),
            response_style_default: settings.style.as_str(),
            complaints_to_agent: settings.complaints_to_agent,
            handover_message: settings.handover_message.clone(),
            fallback_message: settings.fallback_message.clone(),
        }
    }
}
