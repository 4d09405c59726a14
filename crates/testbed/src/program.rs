//! Programs of the machine that tests start: where they are, who runs them, and how they end.
//!
//! Used by every real server here. Invariant: what was started ends with its handle, by its own process id, and a program
//! that is missing is said to be, and is a failure where `SWITCHBOARD_TESTS_COMPLETE` is set.

use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often is looked, and how long a program may take to start or to end.
const LOOK: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(30);

/// Debian's `nobody` and `nogroup`: who runs a server when the tests run as root.
const NOBODY: (u32, u32) = (65_534, 65_534);

/// Where a program is: on the path, or where Debian keeps servers.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/bin"].map(PathBuf::from));
    let mut files = folders.map(|folder| folder.join(name));
    files.find(|file| {
        file.metadata()
            .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
    })
}

/// Says that a test is left out because this machine lacks something, and gives nothing in its place.
///
/// # Errors
/// Where nothing may be left out.
pub fn leave_out<T>(missing: &str) -> io::Result<Option<T>> {
    if std::env::var_os("SWITCHBOARD_TESTS_COMPLETE").is_some() {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("{missing} is missing"),
        ));
    }
    eprintln!("left out: {missing} is missing");
    Ok(None)
}

/// Who runs a server: this process's account, or `nobody` in place of root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    /// Name of the account and of its group.
    pub user: String,
    /// The group's name.
    pub group: String,
    uid: u32,
    gid: u32,
    is_dropped: bool,
}

impl Runner {
    /// Finds out.
    ///
    /// # Errors
    /// When this process cannot be looked at, or its account has no name.
    pub fn find() -> io::Result<Self> {
        let me = Path::new("/proc/self").metadata()?;
        if me.uid() == 0 {
            let (uid, gid) = NOBODY;
            return Ok(Self {
                user: "nobody".to_owned(),
                group: "nogroup".to_owned(),
                uid,
                gid,
                is_dropped: true,
            });
        }
        let name = |option| -> io::Result<String> {
            let output = Command::new("id").arg(option).output()?;
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        Ok(Self {
            user: name("-un")?,
            group: name("-gn")?,
            uid: me.uid(),
            gid: me.gid(),
            is_dropped: false,
        })
    }

    /// Gives a file or folder to it.
    ///
    /// # Errors
    /// As the system says.
    pub fn own(&self, path: &Path) -> io::Result<()> {
        if self.is_dropped {
            chown(path, Some(self.uid), Some(self.gid))
        } else {
            Ok(())
        }
    }

    /// A command that it will run, without input.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.stdin(Stdio::null()).current_dir("/");
        if self.is_dropped {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }
}

/// A server that was started; ended when dropped.
#[derive(Debug)]
pub struct Process(Child);

impl Process {
    /// Starts it.
    ///
    /// # Errors
    /// As the system says.
    pub fn start(mut command: Command) -> io::Result<Self> {
        Ok(Self(command.spawn()?))
    }

    /// Its process.
    pub fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// Asks it to end, and ends it where it does not.
    pub fn stop(&mut self) {
        let asked = Command::new("sh")
            .args(["-c", "kill -TERM \"$1\"", "sh", &self.0.id().to_string()])
            .status();
        let has_ended = |child: &mut Child| !matches!(child.try_wait(), Ok(None));
        let is_gone = asked.is_ok() && until(|| Ok(has_ended(&mut self.0).then_some(()))).is_ok();
        if !is_gone && self.0.kill().and_then(|()| self.0.wait()).is_err() {
            eprintln!("a server of the tests did not end: {}", self.0.id());
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.stop();
        }
    }
}

/// Looks again and again until there is something.
///
/// # Errors
/// The first error, or that it took too long.
pub fn until<T>(mut look: impl FnMut() -> io::Result<Option<T>>) -> io::Result<T> {
    let begun = Instant::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if begun.elapsed() > PATIENCE {
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "a server of the tests took too long",
            ));
        }
        sleep(LOOK);
    }
}

/// A port of the loopback address that nobody uses now.
///
/// # Errors
/// As the system says.
pub fn free_port() -> io::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
