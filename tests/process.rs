//! The real binary as a child process: started over a data folder on a free port, spoken to, and ended by its id.
//!
//! A [`Folder`] outlives the processes that are started on it one after the other; that is what most of these tests
//! are about. Nothing here knows the hub from inside: it sees the command line, sockets and exit codes.

pub(crate) mod dice;
pub(crate) mod http;
pub(crate) mod people;
pub(crate) mod socket;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The first admin's password in these tests.
pub(crate) const ADMIN_PASSWORD: &str = "correct horse battery";
/// Longest a test waits for anything; far beyond what a loaded machine needs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(5);

/// A data folder with the configuration of the hubs that are started on it.
pub(crate) struct Folder {
    path: PathBuf,
    keys: Vec<(String, String)>,
    /// A command that starts the hub in its place, such as a tracer.
    before: Vec<String>,
    /// Whether its hubs begin with the sample shop.
    has_demo: bool,
    /// Removed with this.
    temporary: Option<TempDir>,
}

impl Folder {
    /// A new temporary folder for this engine.
    pub(crate) fn new(engine: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let mut made = Self::at(&folder.path().join("data"), engine);
        made.temporary = Some(folder);
        made
    }

    /// A folder that somebody else removes.
    pub(crate) fn at(path: &Path, engine: &str) -> Self {
        let folder = Self {
            path: path.to_owned(),
            keys: Vec::new(),
            before: Vec::new(),
            has_demo: false,
            temporary: None,
        };
        folder
            .with("server.listen", r#"["127.0.0.1:0"]"#)
            .with("store.path", &path.display())
            .with("store.engine", engine)
            .with("ai.debounce_ms", &20)
    }

    /// Sets a key of the configuration.
    pub(crate) fn with(mut self, key: &str, value: &(impl ToString + ?Sized)) -> Self {
        let name = format!("SWITCHBOARD_{}", key.replace('.', "__").to_uppercase());
        self.keys.push((name, value.to_string()));
        self
    }

    /// Every hub begins with the sample shop, unless it is there.
    pub(crate) fn with_demo(mut self) -> Self {
        self.has_demo = true;
        self
    }

    /// Starts every hub through this command.
    pub(crate) fn through(mut self, before: &[&str]) -> Self {
        self.before = before.iter().map(ToString::to_string).collect();
        self
    }

    /// Where the data is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What its processes wrote to standard error.
    pub(crate) fn complaint(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    fn log(&self) -> PathBuf {
        self.path.with_extension("log")
    }

    /// A process that may not be up yet.
    pub(crate) fn launch(&self) -> Process {
        let words: Vec<_> = self
            .before
            .iter()
            .map(String::as_str)
            .chain([env!("CARGO_BIN_EXE_switchboard")])
            .collect();
        let child = Command::new(words[0])
            .args(&words[1..])
            .args(if self.has_demo {
                &["serve", "--demo"][..]
            } else {
                &[]
            })
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("SWITCHBOARD_ADMIN_PASSWORD", ADMIN_PASSWORD)
            .envs(self.keys.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(
                File::options()
                    .create(true)
                    .append(true)
                    .open(self.log())
                    .unwrap(),
            )
            .spawn()
            .unwrap();
        Process { child }
    }

    /// A hub that is up.
    pub(crate) async fn start(&self) -> Hub {
        let up = self.launch().up().await;
        up.unwrap_or_else(|| panic!("the hub did not start: {}", self.complaint()))
    }
}

/// A child process; killed when it is dropped.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Waits until it says where it listens; none if it ends before.
    pub(crate) async fn up(mut self) -> Option<Hub> {
        let output = BufReader::new(self.child.stdout.take().unwrap());
        let said = tokio::task::spawn_blocking(move || {
            let mut lines = output.lines().map_while(Result::ok);
            lines.find_map(|line| Some(line.split_once("http://")?.1.split_once('/')?.0.to_owned()))
        });
        let address = tokio::time::timeout(PATIENCE, said)
            .await
            .expect("it starts in time")
            .unwrap()?;
        let address = address.parse().unwrap();
        Some(Hub {
            process: self,
            address,
        })
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, at once.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let sent = Command::new("kill")
            .args(["-TERM", &self.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(&mut self, within: Duration) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < within, "the process does not end");
            tokio::time::sleep(LOOK).await;
        }
    }

    fn end(&mut self) {
        // It may have ended already, which is just as well.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// A hub that listens.
pub(crate) struct Hub {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
}

impl Hub {
    /// SIGKILL, at once.
    pub(crate) fn kill(self) {
        self.process.kill();
    }
}

/// Whether a test that needs something this machine lacks may be left out; says so, and fails where nothing may be.
pub(crate) fn leave_out(missing: &str) {
    let complete = std::env::var_os("SWITCHBOARD_TESTS_COMPLETE").is_some();
    assert!(!complete, "{missing}");
    println!("left out: {missing}");
}

/// Looks again and again until `holds`, for as long as patience lasts.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "still waiting for {what}");
        tokio::time::sleep(LOOK).await;
    }
}
