//! The supervised core of Switchboard. Under construction.

pub mod bus;
pub mod error;
pub mod records;
pub mod services;
pub mod settings;
