//! `rooms`: login and the system's configuration.

mod auth;
mod system_config;
