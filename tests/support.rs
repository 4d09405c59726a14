//! The real hub in this process, on a port of its own over a folder of its own, and the people who use it.
//!
//! Accounts, tokens and knowledge come from the hub itself, so that a test needs no family but the one it is about.
//! A test begins with [`World::start`]. Who acts is told by the variable's name: `admin`, `agent`, `customer`,
//! `stranger` (another customer), `service` (an API key), `nobody`, and `other_admin`, of a second organization.

mod client;
mod knowledge;
mod people;
pub(crate) mod receiver;
mod talk;

use std::net::SocketAddr;

use serde_json::json;
use switchboard::config::Config;
use switchboard::http::serve::bind;
use switchboard::shutdown::{self, Signal, Trigger};
use switchboard::startup;
use switchboard_actors::hub::Hub;
use tempfile::TempDir;

pub(crate) use self::client::{Answer, Persona};
pub(crate) use self::talk::{said, status};

/// The password of everybody in these tests.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A running hub.
pub(crate) struct World {
    pub(crate) admin: Persona,
    pub(crate) nobody: Persona,
    /// The core itself, for what no family shows.
    pub(crate) hub: Hub,
    _stop: Trigger,
    _folder: TempDir,
}

impl World {
    /// A fresh hub with rate limits off.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same, with these variables besides.
    pub(crate) async fn start_with(variables: &[(&str, &str)]) -> Self {
        Self::over(|folder| config(folder, variables)).await
    }

    /// A hub with the sample shop of `--demo`.
    pub(crate) async fn demo() -> Self {
        Self::over(|folder| Config {
            demo: true,
            ..config(folder, &[])
        })
        .await
    }

    async fn over(config: impl FnOnce(&TempDir) -> Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config(&folder);
        let (stop, signal) = shutdown::channel();
        let (address, hub) = serve(&config, signal).await;
        let nobody = Persona::nobody(address, hub.clone());
        let admin = nobody.login("admin").await;
        Self {
            admin,
            nobody,
            hub,
            _stop: stop,
            _folder: folder,
        }
    }

    /// An agent of the default organization.
    pub(crate) async fn agent(&self) -> Persona {
        self.admin.employs("agent", "agent@example.com").await
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.nobody.address()
    }

    /// A registered customer.
    pub(crate) async fn customer(&self) -> Persona {
        self.nobody.registers("customer").await
    }

    /// Another registered customer.
    pub(crate) async fn stranger(&self) -> Persona {
        self.nobody.registers("stranger").await
    }

    /// The admin of a second organization.
    pub(crate) async fn other_admin(&self) -> Persona {
        self.admin.founds("Other", "boss@other.example").await
    }

    /// A service with a key for all families.
    pub(crate) async fn service(&self) -> Persona {
        self.admin.issues_key(&json!([])).await
    }
}

fn config(folder: &TempDir, variables: &[(&str, &str)]) -> Config {
    let path = folder.path().to_str().unwrap();
    let fixed = [
        ("SWITCHBOARD_STORE__PATH", path),
        ("SWITCHBOARD_ADMIN_PASSWORD", PASSWORD),
        ("SWITCHBOARD_LIMITS__ENABLED", "false"),
        ("SWITCHBOARD_SERVER__LISTEN", r#"["127.0.0.1:0"]"#),
        ("SWITCHBOARD_AI__DEBOUNCE_MS", "0"),
    ];
    let given = fixed.iter().chain(variables);
    let environment: Vec<_> = given
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Config::load(None, &environment).unwrap()
}

async fn serve(config: &Config, signal: Signal) -> (SocketAddr, Hub) {
    let listeners = bind(&config.server.listen).unwrap();
    let running = startup::start(config, listeners, &signal).await.unwrap();
    let (address, hub) = (running.addresses()[0], running.hub.clone());
    tokio::spawn(running.until_stopped(signal));
    (address, hub)
}
