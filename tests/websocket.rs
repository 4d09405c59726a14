//! The protocol of `/ws`, frame by frame, against the real binary.

mod credentials;
mod frames;
mod guests;
mod order;
mod typing;
