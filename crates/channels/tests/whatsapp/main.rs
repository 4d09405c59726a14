//! WhatsApp as its provider speaks it: every kind of report, every class of error, against the strict fake.
//!
//! Invariant: nothing here knows more of the crate than its public interface.

#[cfg(test)]
mod damaged;
#[cfg(test)]
mod media;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod support;
