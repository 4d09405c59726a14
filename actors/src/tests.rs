//! The core as a whole, over a real store, with an assistant that says what the test wants.

mod activity;
mod campaigns;
mod carrier;
mod costs;
mod counts;
mod desk;
mod endpoints;
mod erasure;
mod failures;
mod guests;
mod history;
mod interrupted;
mod mailbox;
mod moves;
mod notices;
mod old_store;
mod outbox;
mod thresholds;
mod turns;
mod world;
