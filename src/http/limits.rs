//! How much one client may take: connections of the process and of an address, requests of a caller in a window.
//!
//! `serve` asks [`connections`] before it reads a byte; families ask [`caller`] before they do any work.

pub mod caller;
pub mod connections;
pub mod rate;
