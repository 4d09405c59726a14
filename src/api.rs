//! The API families: thin adapters that turn their own wire shapes into calls of the one hub.
//!
//! Invariant: no family knows another one. Delete a family's folder and its two lines in here, and all else compiles;
//! `tests/thin` does it with each.

pub mod assistant;
pub mod care;
pub mod omnichannel;
pub mod platform;
pub mod rooms;

use std::sync::Arc;

use switchboard_actors::hub::Hub;

use crate::config::Config;
use crate::http::dispatch::Dispatch;
use crate::http::limits::caller::{FamilyLimits, SharedLimits};
use crate::http::route::{Family, Surface};

/// All families.
pub const FAMILIES: &[Family] = &[
    care::FAMILY,
    platform::FAMILY,
    assistant::FAMILY,
    rooms::FAMILY,
    omnichannel::FAMILY,
];

/// Adds every family under its prefixes; without `shared` limits nobody's requests are counted.
#[must_use]
pub fn mount(table: Dispatch, config: &Config, hub: &Hub, shared: Option<&Arc<SharedLimits>>) -> Dispatch {
    let surface = Arc::new(Surface {
        hub: hub.clone(),
        body: config.server.body_limits(),
        max_recording_bytes: config.server.max_recording_bytes,
        max_files_bytes: config.server.max_files_bytes,
        proxies: config.server.trusted_proxies.clone(),
    });
    FAMILIES.iter().fold(table, |table, family| {
        let rates = config.limits.family(family.name);
        let limits = shared.map(|shared| FamilyLimits::new(rates, Arc::clone(shared)));
        let handler = family.mount(&surface, limits);
        let table = table.mount(family.name, family.prefixes, &handler);
        table.mount(family.name, family.aliases, &handler)
    })
}
