//! Every integration test, in one binary: the modules mirror what they test.

#[cfg(test)]
mod api;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod assistant;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod families_agree;
#[cfg(test)]
mod handover;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod issuers;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod process;
#[cfg(test)]
mod provider;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod resume;
#[cfg(test)]
mod socketio;
#[cfg(test)]
mod support;
#[cfg(test)]
mod websocket;
