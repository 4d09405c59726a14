//! The REST families, over the wire: one module a family, mirroring its paths.

mod assistant;
mod care;
mod foreign;
mod omnichannel;
mod platform;
mod roles;
mod rooms;
pub(crate) mod teller;
mod wrong_input;

/// What each family is asked, and what it does not take.
const CASES: &[fn() -> Vec<wrong_input::Case>] = &[
    assistant::wrong_input::cases,
    care::wrong_input::cases,
    omnichannel::wrong_input::cases,
    platform::wrong_input::cases,
    rooms::wrong_input::cases,
];

/// How a story is told through each family: by `families_agree`, and by those who need an account and don't care whose
/// doors they get it at.
pub(crate) const TELLERS: &[teller::Teller] = &[
    care::story::TELLER,
    platform::story::TELLER,
    assistant::story::TELLER,
    rooms::story::TELLER,
    omnichannel::story::TELLER,
];
