//! The channels: how conversations come in and go out. Web chat is the one that needs no provider.

pub mod web;
