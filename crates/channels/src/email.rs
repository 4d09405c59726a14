//! Email: reading a mailbox, understanding what is in it, writing and sending what goes out.
//!
//! The core reads with [`mailbox`], understands with [`mail`], finds the conversation with [`thread`], and sends with
//! [`smtp`]; [`automatic`] and [`bounce`] tell it what not to answer. Invariant: a mail is data, and nothing in one makes
//! any of these panic, loop, or take more than linear time.

pub mod automatic;
pub mod bounce;
pub mod compose;
pub mod html;
pub mod inbox;
pub mod login;
pub mod mail;
pub mod mailbox;
pub mod reply;
pub mod signed;
pub mod smtp;
pub mod thread;
pub mod tls;
