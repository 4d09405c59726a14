//! The other side of every channel, for tests: real servers where one can be started, strict fakes where none can.
//!
//! Used by the tests of `switchboard-channels` and of the hub; never part of the program. A fake refuses every call that
//! the real server would refuse.

pub mod certificate;
pub mod damage;
pub mod dovecot;
pub mod exotel;
pub mod fault;
pub mod graph;
mod http;
pub mod program;
pub mod smtp;

pub use self::http::post::post;
