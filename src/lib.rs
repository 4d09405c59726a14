//! Switchboard: a self-hosted hub for customer conversations, one process and one data folder.
//!
//! This package is the outer shell: configuration, command line, HTTP, sockets, and the composition root. What is said
//! and decided lives in `switchboard-actors` and `switchboard-domain`.

pub mod api;
pub mod cli;
pub mod config;
pub mod demo;
pub mod docs;
pub mod egress;
pub mod http;
pub mod shutdown;
pub mod site;
pub mod socket;
pub mod startup;
pub mod telemetry;
