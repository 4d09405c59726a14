//! The REST families, over the wire: one module a family, mirroring its paths.

mod assistant;
mod care;
mod foreign;
mod omnichannel;
mod platform;
mod roles;
mod rooms;
mod wrong_input;
