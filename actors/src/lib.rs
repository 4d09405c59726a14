//! The supervised core of Switchboard. Under construction.

pub mod bus;
pub mod credentials;
pub mod error;
pub mod hub;
pub mod records;
pub mod services;
pub mod settings;
