//! Email against real servers: Dovecot for what is read, aiosmtpd for what is sent.
//!
//! What a server of this machine is missing for is left out, and says so; `SWITCHBOARD_TESTS_COMPLETE` forbids it.

#[cfg(test)]
#[path = "email/hostile.rs"]
mod hostile;
#[cfg(test)]
#[path = "email/reading.rs"]
mod reading;
#[cfg(test)]
#[path = "email/sending.rs"]
mod sending;
