//! SMS through Exotel's API, and what another provider would have to bring.
//!
//! Out: the domain's `Transport` ([`exotel::Exotel`]). In: [`Callbacks`], which turns what a provider calls us with into
//! a [`Report`]. Another provider is one more file that has both; [`parts`] serves them all. Nothing here is signed by the
//! provider: whoever mounts the callbacks gives them an address that cannot be guessed, and compares it with
//! [`crate::secret::is_same`].

pub mod door;
pub mod exotel;
pub mod parts;
pub mod report;

pub use self::report::{Callbacks, Report};
