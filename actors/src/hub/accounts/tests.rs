//! Accounts through the hub, over a real store in a temporary folder.

mod customers;
mod keys;
mod logins;
mod organizations;
mod staff;
mod world;
