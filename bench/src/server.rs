//! The hub under test: a child of this process with a data folder of its own, ended by its process id.
//!
//! Invariant: however a measurement ends, its hub has ended with it; the folder goes last.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tempfile::TempDir;

use crate::arguments::Engine;
use crate::http::HttpClient;
use crate::usage::{self, Memory};

/// The admin's password in every store made here.
const PASSWORD: &str = "correct horse battery";
/// How long a hub may take until it is ready.
const START_PATIENCE: Duration = Duration::from_secs(180);
/// How long a hub may take to end after it was told to.
const STOP_PATIENCE: Duration = Duration::from_secs(40);
/// Between two looks at a hub that starts or ends.
const LOOK: Duration = Duration::from_millis(2);

/// How a hub is started.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    binary: PathBuf,
    engine: Engine,
    /// With the sample shop.
    pub(crate) demo: bool,
    /// Every sync of the disk takes this much longer (through `strace`, which has to be installed).
    pub(crate) sync_delay: Option<Duration>,
    /// More keys of the configuration, as variables of the environment.
    pub(crate) variables: Vec<(&'static str, String)>,
}

/// How a hub is told to end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ending {
    /// SIGTERM: it finishes what was begun.
    Orderly,
    /// SIGKILL: as in a power cut, but for what the system still holds.
    Killed,
}

/// A running hub.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pid: Pid,
    address: SocketAddr,
    options: Options,
    folder: TempDir,
    started_in: Duration,
}

impl Options {
    /// A hub with this engine and without extras.
    pub(crate) const fn new(binary: PathBuf, engine: Engine) -> Self {
        Self {
            binary,
            engine,
            demo: false,
            sync_delay: None,
            variables: Vec::new(),
        }
    }

    fn command(&self, address: SocketAddr, folder: &Path) -> Result<Command> {
        let mut command = self.program();
        command.arg("serve").args(self.demo.then_some("--demo"));
        let log = File::create(folder.join("log")).context("the log could not be made")?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command
            .env("SWITCHBOARD_SERVER__LISTEN", format!("[\"{address}\"]"))
            .env("SWITCHBOARD_STORE__ENGINE", self.engine.name())
            .env("SWITCHBOARD_STORE__PATH", folder.join("data"))
            .env("SWITCHBOARD_ADMIN_PASSWORD", PASSWORD)
            .env("SWITCHBOARD_AUTH__TOKEN_TTL_SECONDS", "86400")
            .env("SWITCHBOARD_LIMITS__ENABLED", "false")
            // Connections that wait for their round are not read meanwhile.
            .env("SWITCHBOARD_SOCKET__PING_SECONDS", "3600")
            .env("SWITCHBOARD_LOG__LEVEL", "warn")
            .envs(self.variables.iter().map(|(key, value)| (key, value)));
        Ok(command)
    }

    fn program(&self) -> Command {
        let Some(delay) = self.sync_delay else {
            return Command::new(&self.binary);
        };
        // The tracer is the hub's child (`-D`), so that the hub is ours, with its own process id. Only these calls stop
        // at it, yet to be traced costs the hub CPU: what is measured under it is time, not cost.
        let injected = format!("inject=fsync,fdatasync:delay_exit={}", delay.as_micros());
        let mut command = Command::new("strace");
        command
            .args(["-D", "-f", "--seccomp-bpf", "-qqq", "-o", "/dev/null", "-e"])
            .args(["trace=fsync,fdatasync", "-e", &injected])
            .arg(&self.binary);
        command
    }
}

impl Server {
    /// Starts a hub with an empty data folder and waits until it is ready.
    ///
    /// # Errors
    /// When it ends or does not become ready; the message holds the end of its log.
    pub(crate) async fn start(options: Options) -> Result<Self> {
        let folder = tempfile::tempdir().context("no temporary folder")?;
        Self::start_in(options, folder).await
    }

    async fn start_in(options: Options, folder: TempDir) -> Result<Self> {
        let address = free_address()?;
        let mut command = options.command(address, folder.path())?;
        let begun = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("{} could not be started", command.get_program().display()))?;
        let pid = pid(child.id())?;
        let mut server = Self {
            child,
            pid,
            address,
            options,
            folder,
            started_in: Duration::ZERO,
        };
        server.until_ready(begun).await?;
        server.started_in = begun.elapsed();
        Ok(server)
    }

    /// Ends the hub and starts it again on the same data.
    ///
    /// # Errors
    /// When it does not end in time, or does not come up again.
    pub(crate) async fn restart(self, ending: Ending) -> Result<Self> {
        let (options, folder) = self.end(ending).await?;
        Self::start_in(options, folder).await
    }

    /// Gives it more keys of the configuration, from its next start on.
    pub(crate) fn configure(&mut self, variables: Vec<(&'static str, String)>) {
        self.options.variables = variables;
    }

    async fn end(mut self, ending: Ending) -> Result<(Options, TempDir)> {
        let signal = match ending {
            Ending::Orderly => Signal::TERM,
            Ending::Killed => Signal::KILL,
        };
        kill_process(self.pid, signal).context("the hub could not be told to end")?;
        let begun = Instant::now();
        while self.child.try_wait()?.is_none() {
            ensure!(begun.elapsed() < STOP_PATIENCE, "the hub does not end");
            tokio::time::sleep(LOOK).await;
        }
        let empty = tempfile::tempdir().context("no temporary folder")?;
        let folder = std::mem::replace(&mut self.folder, empty);
        Ok((self.options.clone(), folder))
    }

    async fn until_ready(&mut self, begun: Instant) -> Result<()> {
        while !self.is_ready().await {
            if let Some(status) = self.child.try_wait()? {
                bail!("the hub ended with {status}: {}", self.log());
            }
            ensure!(
                begun.elapsed() < START_PATIENCE,
                "the hub is not ready: {}",
                self.log()
            );
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    async fn is_ready(&self) -> bool {
        let Ok(mut client) = HttpClient::connect(self.address).await else {
            return false;
        };
        client
            .get("/ready", None)
            .await
            .is_ok_and(|answer| answer.status == 200)
    }

    fn log(&self) -> String {
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let start = log.len().saturating_sub(2000);
        log.get(start..).unwrap_or_default().trim().to_owned()
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Time from its start until it was ready.
    pub(crate) const fn started_in(&self) -> Duration {
        self.started_in
    }

    /// Microseconds of CPU it has used.
    ///
    /// # Errors
    /// When it has ended.
    pub(crate) fn cpu_micros(&self) -> Result<u64> {
        usage::cpu_micros(self.number())
    }

    /// Its memory.
    ///
    /// # Errors
    /// When it has ended.
    pub(crate) fn memory(&self) -> Result<Memory> {
        usage::memory(self.number())
    }

    /// Bytes its data takes on the disk.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(crate) fn disk_bytes(&self) -> Result<u64> {
        usage::disk_bytes(&self.folder.path().join("data"))
    }

    /// A token of the admin.
    ///
    /// # Errors
    /// When the login is refused.
    pub(crate) async fn admin_token(&self) -> Result<String> {
        let login = json!({"username": "admin", "password": PASSWORD});
        let mut client = HttpClient::connect(self.address).await?;
        let answer = client.post("/api/auth/login", None, &login).await?;
        let token = answer.json()?.get("access_token").cloned();
        let token = token.as_ref().and_then(serde_json::Value::as_str);
        token.map(str::to_owned).context("the login was refused")
    }

    fn number(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended by itself needs neither.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn pid(number: u32) -> Result<Pid> {
    let number = i32::try_from(number).context("no process id")?;
    Pid::from_raw(number).context("no process id")
}

/// A loopback address that nobody listens on at the moment.
fn free_address() -> Result<SocketAddr> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}
