//! Configuration: the embedded defaults, then a file, then the environment, checked as a whole before anything starts.
//!
//! `main` loads it once. An unknown or wrong key stops the start with its name, where it came from and what was
//! expected. One section a file, each with its `validate`; every key has its default in `config.toml`.

pub mod ai;
pub mod auth;
pub mod channels;
pub mod egress;
mod environment;
pub mod error;
pub mod handover;
mod layer;
pub mod limits;
pub mod log;
pub mod memory;
pub mod prices;
pub mod server;
pub mod sessions;
mod shape;
pub mod socket;
pub mod store;
pub mod values;

use std::path::Path;

use figment::Figment;
use figment::value::Dict;
use serde::Deserialize;

pub use self::error::ConfigError;
use self::error::Invalid;
use self::layer::Layer;
pub use self::values::Secret;

/// Every key with its default and a comment: what an operator copies from.
pub const DEFAULTS: &str = include_str!("../config.toml");
/// The variable that holds the first admin's password.
pub const ADMIN_PASSWORD: &str = "SWITCHBOARD_ADMIN_PASSWORD";

/// All that can be configured.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Listening, connections, requests.
    pub server: server::Server,
    /// The data folder and its engine.
    pub store: store::Store,
    /// Tokens.
    pub auth: auth::Auth,
    /// Requests per caller.
    pub limits: limits::Limits,
    /// WebSockets.
    pub socket: socket::Socket,
    /// The assistant.
    pub ai: ai::Ai,
    /// What paid services cost.
    pub prices: prices::Prices,
    /// Passing between assistant and agents.
    pub handover: handover::Handover,
    /// Live conversations.
    pub sessions: sessions::Sessions,
    /// What is remembered of customers.
    pub memory: memory::Memory,
    /// WhatsApp.
    pub whatsapp: channels::WhatsApp,
    /// Email.
    pub email: channels::Email,
    /// SMS.
    pub sms: channels::Sms,
    /// Requests of our own to the outside.
    pub egress: egress::Egress,
    /// The log.
    pub log: log::Log,
    /// The first admin's password, from the environment alone; `None`: one is generated and printed.
    #[serde(skip)]
    pub admin_password: Option<Secret>,
    /// Whether the start loads the sample account and sample knowledge, from the command line alone.
    #[serde(skip)]
    pub demo: bool,
}

impl Config {
    /// Reads defaults, `file` and these environment variables, and checks all of it.
    pub fn load(file: Option<&Path>, environment: &[(String, String)]) -> Result<Self, ConfigError> {
        let defaults = Layer::parse("the defaults", DEFAULTS)?;
        let mut layers = Vec::new();
        if let Some(path) = file {
            layers.push(Layer::read(path)?);
        }
        layers.extend(environment::layers(environment, defaults.values())?);
        for layer in &layers {
            shape::check(layer, defaults.values())?;
        }
        let figment = layers.into_iter().fold(Figment::from(defaults), Figment::merge);
        Self::extract(&figment, environment)
    }

    fn extract(figment: &Figment, environment: &[(String, String)]) -> Result<Self, ConfigError> {
        let mut config: Self = figment.extract().map_err(error::of_figment)?;
        config
            .validate()
            .map_err(|(section, invalid)| error::of_section(figment, section, &invalid))?;
        config.admin_password = admin_password(environment)?;
        Ok(config)
    }

    fn validate(&self) -> Result<(), (&'static str, Invalid)> {
        self.server.validate().map_err(|invalid| ("server", invalid))?;
        self.store.validate().map_err(|invalid| ("store", invalid))?;
        self.auth.validate().map_err(|invalid| ("auth", invalid))?;
        self.limits.validate().map_err(|invalid| ("limits", invalid))?;
        self.socket.validate().map_err(|invalid| ("socket", invalid))?;
        self.ai.validate().map_err(|invalid| ("ai", invalid))?;
        self.prices.validate().map_err(|invalid| ("prices", invalid))?;
        self.handover
            .validate()
            .map_err(|invalid| ("handover", invalid))?;
        self.sessions
            .validate()
            .map_err(|invalid| ("sessions", invalid))?;
        self.memory.validate().map_err(|invalid| ("memory", invalid))?;
        self.email.validate().map_err(|invalid| ("email", invalid))?;
        self.whatsapp
            .validate()
            .map_err(|invalid| ("whatsapp", invalid))?;
        self.sms.validate().map_err(|invalid| ("sms", invalid))?;
        let is_reached = !self.sms.enabled || self.server.public_url.is_some();
        error::require(
            is_reached,
            "public_url",
            "the address under which the SMS service reaches the hub, because sms.enabled is true",
        )
        .map_err(|invalid| ("server", invalid))?;
        self.log.validate().map_err(|invalid| ("log", invalid))
    }

    /// What is allowed but unwise, one sentence each, for the log.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self
            .auth
            .token_secret
            .as_ref()
            .is_some_and(|secret| secret.expose().len() < 32)
        {
            warnings.push(
                "auth.token_secret is shorter than 32 bytes: whoever guesses it can log in as anyone".into(),
            );
        }
        if self.server.cors_origins.iter().any(|origin| origin == "*") {
            warnings.push("server.cors_origins allows every web page to call".into());
        }
        warnings
    }
}

/// The first admin's password; it has to fit the rule for all passwords.
fn admin_password(environment: &[(String, String)]) -> Result<Option<Secret>, ConfigError> {
    let given = environment.iter().find(|(name, _)| name == ADMIN_PASSWORD);
    let Some((_, password)) = given.filter(|(_, password)| !password.is_empty()) else {
        return Ok(None);
    };
    if !(8..=256).contains(&password.chars().count()) {
        let (key, origin) = (ADMIN_PASSWORD.to_owned(), "the environment".to_owned());
        return Err(ConfigError::Invalid {
            key,
            origin,
            expected: "a password of 8 to 256 characters".into(),
        });
    }
    Ok(Some(Secret::new(password.clone())))
}

/// The keys of the defaults, for whoever checks against them.
fn section<'a>(defaults: &'a Dict, name: &str) -> Option<&'a Dict> {
    defaults.get(name).and_then(figment::value::Value::as_dict)
}

#[cfg(test)]
mod tests;
