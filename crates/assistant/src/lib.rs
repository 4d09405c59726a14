//! The embedded assistant: a language model inside the binary that needs neither key nor network.

pub mod model;
mod patterns;
