//! Which prefix belongs to whom: the families, the sockets, health, metrics, the API description and the page at `/`.

use std::net::IpAddr;
use std::sync::Arc;

use switchboard_actors::hub::Hub;
use switchboard_actors::services::Ports;

use crate::config::Config;
use crate::config::limits::Limits;
use crate::http::Handler;
use crate::http::dispatch::Dispatch;
use crate::http::health::{self, Counted};
use crate::http::limits::rate::RateLimiter;
use crate::http::origin::OriginPolicy;
use crate::http::request_id::RequestIds;
use crate::shutdown::Signal;
use crate::socket::assistant::{self, AssistantSocket};
use crate::socket::care::{self, CareSocket};
use crate::socket::gate::Gate;
use crate::socket::platform::PlatformSocket;
use crate::socket::socketio::{SocketIoSetup, SocketIoSurface};
use crate::{api, docs, site};

/// The table of everything that is served.
pub(super) fn mount(config: &Config, hub: &Hub, ports: &Ports, stop: &Signal) -> Arc<dyn Handler> {
    let ids = RequestIds::new(Arc::clone(&ports.clock), Arc::clone(&ports.random));
    let origins = OriginPolicy::new(&config.server.cors_origins);
    let gate = Gate {
        hub: hub.clone(),
        settings: config.socket.settings(),
        origins: Arc::new(origins.clone()),
        guests: guests(config),
        proxies: config.server.trusted_proxies.clone(),
        stop: stop.clone(),
    };
    let shared = config.limits.enabled.then(|| Arc::new(config.limits.shared()));
    let counted = |handler| match &shared {
        Some(limits) => Counted {
            limits: Arc::clone(limits),
            proxies: config.server.trusted_proxies.clone(),
            clock: Arc::clone(&ports.clock),
            handler,
        }
        .into_handler(),
        None => handler,
    };
    let socket_io = socket_io(config, &gate);
    let table = sockets(Dispatch::new(ids, origins, site::home()), gate)
        .mount("rooms", &["/socket.io"], &socket_io)
        .mount(
            "health",
            &["/health", "/v1/health"],
            &counted(health::alive(hub.clone())),
        )
        .mount(
            "health",
            &["/ready"],
            &counted(health::ready(hub.clone(), stop.clone())),
        )
        .mount("metrics", &["/metrics"], &health::metrics(hub.clone()));
    let table = docs::mount(table, api::FAMILIES);
    Arc::new(api::mount(table, config, hub, shared.as_ref()))
}

/// The WebSockets, one dialect a family.
fn sockets(table: Dispatch, gate: Gate) -> Dispatch {
    let platform: Arc<dyn Handler> = Arc::new(PlatformSocket { gate: gate.clone() });
    let care: Arc<dyn Handler> = Arc::new(CareSocket { gate: gate.clone() });
    let assistant: Arc<dyn Handler> = Arc::new(AssistantSocket { gate });
    table
        .mount("platform", &["/ws"], &platform)
        .mount("care", &care::PREFIXES, &care)
        .mount("assistant", &[assistant::PATH], &assistant)
}

/// Socket.IO, at the same gate as far as the library lets it.
fn socket_io(config: &Config, gate: &Gate) -> Arc<dyn Handler> {
    Arc::new(SocketIoSurface::new(SocketIoSetup {
        hub: gate.hub.clone(),
        socket: gate.settings,
        server: config.server.serve_settings(),
        body_timeout: config.server.body_timeout,
        origins: Arc::clone(&gate.origins),
        stop: gate.stop.clone(),
    }))
}

/// Strangers are counted by address, as `platform` counts callers without an account.
fn guests(config: &Config) -> Option<Arc<RateLimiter<IpAddr>>> {
    let rate = Limits::per_minute(config.limits.platform_per_minute);
    config.limits.enabled.then(|| Arc::new(RateLimiter::new(rate)))
}
