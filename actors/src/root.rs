//! The root of the supervision tree: starts every part and ends the process when one fails beyond its limits.

use std::sync::Arc;
use std::time::Duration;

use ractor::{Actor, ActorCell, ActorRef, SpawnErr};
use tokio::task::JoinHandle;

use crate::campaign::CampaignRunner;
use crate::channel::email::EmailChannel;
use crate::channel::probe::ChannelProbe;
use crate::channel::web::WebChannel;
use crate::desk::DeskActor;
use crate::housekeeping::Housekeeping;
use crate::hub::Hub;
use crate::index::Reindexer;
use crate::issuer_keys::IssuerKeys;
use crate::links::Links;
use crate::outbox::turns::TurnDispatcher;
use crate::outbox::{Abandoned, Dispatcher};
use crate::presence::AgentSupervisor;
use crate::shard::SessionShard;
use crate::supervision::{ChildSpec, RestartPolicy, Supervisor, SupervisorCommand};

/// A branch fails only after many failures of its own, so a few of those in a minute are a defect for the operator.
const ROOT_POLICY: RestartPolicy = RestartPolicy {
    max: 4,
    window: Duration::from_secs(60),
    pause: Duration::from_millis(10),
};
/// A shard has thousands of sessions; one broken conversation must not end it soon.
const SHARD_POLICY: RestartPolicy = RestartPolicy {
    max: 64,
    window: Duration::from_secs(60),
    pause: Duration::from_millis(5),
};

/// The running tree.
#[derive(Debug)]
pub struct Root {
    actor: ActorRef<SupervisorCommand>,
    ended: JoinHandle<()>,
}

impl Root {
    /// Starts the whole tree.
    pub async fn start(hub: &Hub) -> Result<Self, SpawnErr> {
        let links = &hub.links;
        let mut children = shards(links);
        children.push(channels(hub));
        children.push(agents(links));
        children.push(assistant(links));
        children.push(outbox(hub));
        let policy = ROOT_POLICY;
        let (actor, ended) = Actor::spawn(None, Supervisor { name: "root", policy }, children).await?;
        Ok(Self { actor, ended })
    }

    /// Returns when the tree has ended: because it was stopped, or because failures went beyond the root.
    pub async fn ended(&mut self) {
        if let Err(error) = (&mut self.ended).await {
            tracing::error!(%error, "the root of the tree has failed");
        }
    }

    /// Stops the tree; what is in the store is whole at any moment, so nothing has to be saved first.
    pub async fn stop(mut self) {
        self.actor.stop(None);
        self.ended().await;
    }
}

fn shards(links: &Links) -> Vec<ChildSpec> {
    let shard = |address: &crate::supervision::Address<_>| {
        let (links, address) = (links.clone(), address.clone());
        ChildSpec::new("session shard", move |supervisor: ActorCell| {
            let (links, address) = (links.clone(), address.clone());
            async move {
                let actor = SessionShard {
                    links,
                    policy: SHARD_POLICY,
                };
                let (shard, _) = Actor::spawn_linked(None, actor, (), supervisor).await?;
                address.set(shard.clone());
                Ok(shard.get_cell())
            }
        })
    };
    links.directory.shards().iter().map(shard).collect()
}

fn channels(hub: &Hub) -> ChildSpec {
    let hub = hub.clone();
    branch("channels", move || {
        let web = hub.clone();
        let mut children = vec![ChildSpec::new("web", move |supervisor| {
            let connections = Arc::clone(&web.connections);
            WebChannel::spawn(
                web.links.clone(),
                connections,
                Arc::clone(&web.credentials),
                supervisor,
            )
        })];
        if hub.services.ports.channels.mailboxes.is_some() {
            let email = hub.clone();
            children.push(ChildSpec::new("email", move |supervisor| {
                EmailChannel::spawn(email.clone(), supervisor)
            }));
        }
        if hub.services.ports.channels.has_provider() {
            let probed = hub.links.clone();
            children.push(ChildSpec::new("probe", move |supervisor| {
                ChannelProbe::spawn(probed.clone(), supervisor)
            }));
        }
        children
    })
}

fn agents(links: &Links) -> ChildSpec {
    let links = links.clone();
    branch("agents", move || {
        let (presence, desk) = (links.clone(), links.clone());
        vec![
            ChildSpec::new("presence", move |supervisor| {
                AgentSupervisor::spawn(presence.clone(), RestartPolicy::default(), supervisor)
            }),
            ChildSpec::new("desk", move |supervisor| {
                DeskActor::spawn(desk.clone(), supervisor)
            }),
        ]
    })
}

fn assistant(links: &Links) -> ChildSpec {
    let links = links.clone();
    branch("assistant", move || {
        let links = links.clone();
        vec![ChildSpec::new("pool", move |supervisor| {
            links
                .assistant
                .clone()
                .spawn(Arc::clone(&links.services), supervisor)
        })]
    })
}

fn outbox(hub: &Hub) -> ChildSpec {
    let hub = hub.clone();
    let abandoned = Arc::new(Abandoned::find(&hub.links));
    branch("outbox", move || {
        let (turns, housekeeping, campaigns) = (hub.links.clone(), hub.links.clone(), hub.clone());
        let (dispatcher, abandoned) = (hub.links.clone(), Arc::clone(&abandoned));
        let services = Arc::clone(&hub.services);
        let mut children = vec![
            ChildSpec::new("turns", move |supervisor| {
                TurnDispatcher::spawn(turns.clone(), supervisor)
            }),
            ChildSpec::new("dispatcher", move |supervisor| {
                Dispatcher::spawn(dispatcher.clone(), Arc::clone(&abandoned), supervisor)
            }),
            ChildSpec::new("housekeeping", move |supervisor| {
                Housekeeping::spawn(housekeeping.clone(), supervisor)
            }),
            ChildSpec::new("campaigns", move |supervisor| {
                CampaignRunner::spawn(campaigns.clone(), supervisor)
            }),
            ChildSpec::new("reindex", move |supervisor| {
                Reindexer::spawn(Arc::clone(&services), supervisor)
            }),
        ];
        if !hub.credentials.issuers().list().is_empty() {
            let (links, credentials) = (hub.links.clone(), Arc::clone(&hub.credentials));
            children.push(ChildSpec::new("issuer keys", move |supervisor| {
                IssuerKeys::spawn(links.clone(), Arc::clone(&credentials), supervisor)
            }));
        }
        children
    })
}

/// A supervisor with a list of children of its own.
fn branch(name: &'static str, children: impl Fn() -> Vec<ChildSpec> + Send + Sync + 'static) -> ChildSpec {
    ChildSpec::new(name, move |supervisor| {
        let children = children();
        async move {
            let actor = Supervisor {
                name,
                policy: RestartPolicy::default(),
            };
            let (branch, _) = Actor::spawn_linked(None, actor, children, supervisor).await?;
            Ok(branch.get_cell())
        }
    })
}
