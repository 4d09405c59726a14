//! The core as a whole, over a real store, with an assistant that says what the test wants.

mod counts;
mod desk;
mod erasure;
mod failures;
mod guests;
mod turns;
mod world;
