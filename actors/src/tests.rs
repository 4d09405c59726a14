//! The core as a whole, over a real store, with an assistant that says what the test wants.

mod activity;
mod counts;
mod desk;
mod erasure;
mod failures;
mod guests;
mod history;
mod old_store;
mod turns;
mod world;
