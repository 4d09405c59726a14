//! The health of each part of this family; they all stand on the same hub and tell the same.

use super::wire::HealthOut;
use crate::http::health;
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Reply, Route};

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/core/health", Access::Public, tell)
        .health()
        .says("Tell how the hub is")
        .answers::<HealthOut>(200),
    Route::read("/api/memory/health", Access::Public, tell)
        .health()
        .says("Tell how the memory is")
        .answers::<HealthOut>(200),
    Route::read("/api/channels/health", Access::Public, tell)
        .health()
        .says("Tell how the channels are")
        .answers::<HealthOut>(200),
];

fn tell(call: &Call) -> Reply {
    ok(&HealthOut::from(health::look(call.hub())))
}
