//! One source of keys (the defaults, a file, a variable), with the name it has in error messages.

use std::path::Path;

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map};
use figment::{Metadata, Profile, Provider};

use super::error::ConfigError;

/// Sections with keys, from one place.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    origin: String,
    values: Dict,
}

impl Layer {
    /// Keys that were made here.
    pub(super) fn new(origin: String, values: Dict) -> Self {
        Self { origin, values }
    }

    /// Keys of a TOML text.
    pub(super) fn parse(origin: &str, text: &str) -> Result<Self, ConfigError> {
        let origin = origin.to_owned();
        match Toml::from_str::<Dict>(text) {
            Ok(values) => Ok(Self { origin, values }),
            Err(error) => Err(ConfigError::Unreadable {
                origin,
                reason: format!("this is no TOML: {error}"),
            }),
        }
    }

    /// Keys of a TOML file.
    pub(super) fn read(path: &Path) -> Result<Self, ConfigError> {
        let origin = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&origin, &text),
            Err(error) => Err(ConfigError::Unreadable {
                origin,
                reason: error.to_string(),
            }),
        }
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    pub(super) fn values(&self) -> &Dict {
        &self.values
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Map::from([(Profile::Default, self.values.clone())]))
    }
}
