//! The embedded assistant: a language model inside the binary that needs neither key nor network.
//!
//! [`EmbeddedAssistant`] implements the core's `Assistant` port; everything else here is a pure function of text or a
//! vector. Nothing in this crate generates words: answers are those of the sources, verbatim.

mod cache;
pub mod complaints;
mod embedded;
pub mod entities;
pub mod intents;
pub mod language;
pub mod model;
pub mod openai;
mod patterns;
mod pool;
pub mod requests;
pub mod sentiment;

pub use embedded::{EmbeddedAssistant, LoadError, Size};
