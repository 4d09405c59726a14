//! The REST families, over the wire: one module a family, mirroring its paths.

mod assistant;
mod care;
mod foreign;
mod omnichannel;
mod platform;
mod roles;
mod rooms;
mod wrong_input;

/// What each family is asked, and what it does not take.
const CASES: &[fn() -> Vec<wrong_input::Case>] = &[
    assistant::wrong_input::cases,
    care::wrong_input::cases,
    omnichannel::wrong_input::cases,
    platform::wrong_input::cases,
    rooms::wrong_input::cases,
];
