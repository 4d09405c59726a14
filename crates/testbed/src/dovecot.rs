//! A real IMAP server: Debian's Dovecot 2.3, unprivileged, on the loopback address, with its mail in a temporary folder.
//!
//! Started by the tests of the email channel. Mails come in as a mail server would bring them, by LMTP. Invariant: every
//! account exists, with the one password, and nothing outside of its folder is read or written.

mod tokens;

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use self::tokens::Tokens;
pub use self::tokens::token;
use crate::certificate::Certificate;
use crate::program::{Process, Runner, find, free_port, leave_out, until};

/// The password of every account.
pub const PASSWORD: &str = "mailbox-secret";
/// The account mails are delivered to unless another is named; `support+…@shop.example` reaches it too.
pub const ADDRESS: &str = "support@shop.example";

/// A running server.
#[derive(Debug)]
pub struct Dovecot {
    // Dropped before the folder it works in.
    process: Process,
    folder: TempDir,
    certificate: Certificate,
    ports: Ports,
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    imap: u16,
    imaps: u16,
    lmtp: u16,
}

impl Dovecot {
    /// Starts one; `None` when this machine lacks Dovecot and tests may be left out.
    ///
    /// # Errors
    /// When it is there and does not start.
    pub fn start() -> io::Result<Option<Self>> {
        let Some(program) = find("dovecot").filter(|_| Path::new("/usr/lib/dovecot/lmtp").exists()) else {
            return leave_out("dovecot (Debian: dovecot-imapd, dovecot-lmtpd)");
        };
        let version = Command::new(&program).arg("--version").output()?.stdout;
        if !version.starts_with(b"2.3.") {
            return leave_out("Dovecot 2.3 (2.4 reads another configuration)");
        }
        // A port that was free may be somebody's by the time Dovecot listens.
        let begun = Self::begin(&program).or_else(|_| Self::begin(&program));
        begun.map(Some)
    }

    fn begin(program: &Path) -> io::Result<Self> {
        let runner = Runner::find()?;
        let folder = TempDir::new()?;
        let certificate = Certificate::make(folder.path())?;
        let ports = Ports {
            imap: free_port()?,
            imaps: free_port()?,
            lmtp: free_port()?,
        };
        let config = folder.path().join("dovecot.conf");
        fs::write(&config, configuration(folder.path(), &runner, ports))?;
        let tokens = Tokens::prepare(folder.path())?;
        for name in ["base", "state", "mail"] {
            fs::create_dir(folder.path().join(name))?;
            runner.own(&folder.path().join(name))?;
        }
        for path in [folder.path(), &config, &certificate.certificate, &certificate.key] {
            runner.own(path)?;
        }
        for path in &tokens.paths {
            runner.own(path)?;
        }
        let mut command = runner.command(program);
        command.arg("-F").arg("-c").arg(&config);
        let mut server = Self {
            process: Process::start(command)?,
            folder,
            certificate,
            ports,
        };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn wait_until_ready(&mut self) -> io::Result<()> {
        let ports = self.ports;
        until(|| {
            if let Some(status) = self.process.child().try_wait()? {
                return Err(io::Error::other(format!(
                    "dovecot ended at once ({status}): {}",
                    self.log()
                )));
            }
            let is_up = |port| Dialogue::open(port).is_ok();
            Ok((is_up(ports.imap) && is_up(ports.lmtp)).then_some(()))
        })
    }

    /// Port of IMAP in clear text, with STARTTLS.
    pub fn imap_port(&self) -> u16 {
        self.ports.imap
    }

    /// Port of IMAP over TLS.
    pub fn imaps_port(&self) -> u16 {
        self.ports.imaps
    }

    /// The certificate it shows, for `localhost`.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// An access token of [`ADDRESS`] that this server takes, good for so long.
    pub fn token(&self, lifetime: Duration) -> String {
        token(ADDRESS, lifetime, tokens::KEY)
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Brings a mail to [`ADDRESS`].
    ///
    /// # Errors
    /// When the server does not take it.
    pub fn deliver(&self, raw: &[u8]) -> io::Result<()> {
        self.deliver_to(ADDRESS, &[raw])
    }

    /// Brings mails to an address, in order, as a mail server would (LMTP, RFC 2033).
    ///
    /// # Errors
    /// When the server does not take one.
    pub fn deliver_to(&self, address: &str, mails: &[&[u8]]) -> io::Result<()> {
        let mut server = Dialogue::open(self.ports.lmtp)?;
        server.ask("LHLO tests.example", '2')?;
        for mail in mails {
            server.ask("MAIL FROM:<sender@mail.example>", '2')?;
            server.ask(&format!("RCPT TO:<{address}>"), '2')?;
            server.ask("DATA", '3')?;
            server.stream.write_all(&stuffed(mail))?;
            server.ask(".", '2')?;
        }
        server.ask("QUIT", '2')
    }

    /// Makes a folder.
    ///
    /// # Errors
    /// When the server says no.
    pub fn create_mailbox(&self, name: &str) -> io::Result<()> {
        self.imap(&[&format!("CREATE \"{name}\"")]).map(drop)
    }

    /// Gives the INBOX's mails new numbers, as a server does that has lost its own records; open connections are cut off
    /// by it sooner or later.
    ///
    /// # Errors
    /// As the system says.
    pub fn change_uid_validity(&self) -> io::Result<()> {
        let user = ADDRESS.split('@').next().unwrap_or_default();
        let folder = self.folder.path().join("mail").join(user).join("Maildir");
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // The file named `dovecot-uidvalidity` stays: from it a new number is made that was never used.
            if name == "dovecot-uidlist" || name.starts_with("dovecot.index") {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Says IMAP commands after a login, and returns all that was answered.
    ///
    /// # Errors
    /// When one of them is not answered with OK.
    pub fn imap(&self, commands: &[&str]) -> io::Result<String> {
        let mut server = Dialogue::open(self.ports.imap)?;
        let login = format!("LOGIN {ADDRESS} {PASSWORD}");
        let mut answers = String::new();
        for command in std::iter::once(login.as_str())
            .chain(commands.iter().copied())
            .chain(["LOGOUT"])
        {
            answers.push_str(&server.tagged(command)?);
        }
        Ok(answers)
    }

    /// Ends it, as a server ends that is shut down.
    pub fn stop(mut self) {
        self.process.stop();
    }
}

/// A connection that is spoken to line by line.
struct Dialogue {
    stream: TcpStream,
    lines: BufReader<TcpStream>,
}

impl Dialogue {
    /// Connects and hears the greeting.
    fn open(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut dialogue = Self {
            lines: BufReader::new(stream.try_clone()?),
            stream,
        };
        while dialogue.line()?.starts_with("* OK Waiting") {}
        Ok(dialogue)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        if self.lines.read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    /// An LMTP command, whose answer begins with this digit.
    fn ask(&mut self, command: &str, want: char) -> io::Result<()> {
        self.stream.write_all(format!("{command}\r\n").as_bytes())?;
        loop {
            let line = self.line()?;
            if !line.starts_with(want) {
                return Err(io::Error::other(format!("{command}: {line}")));
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(());
            }
        }
    }

    /// An IMAP command, and all that is answered until it is done.
    fn tagged(&mut self, command: &str) -> io::Result<String> {
        self.stream.write_all(format!("tag {command}\r\n").as_bytes())?;
        let mut answers = String::new();
        loop {
            let line = self.line()?;
            answers.push_str(&line);
            match line.strip_prefix("tag ") {
                Some(done) if done.starts_with("OK") => return Ok(answers),
                Some(_) => return Err(io::Error::other(format!("{command}: {line}"))),
                None => {}
            }
        }
    }
}

/// A mail as it goes over the line: dots doubled (RFC 5321, section 4.5.2), a line end at its end.
fn stuffed(mail: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(mail.len() + 16);
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            bytes.push(b'.');
        }
        bytes.extend_from_slice(line);
    }
    if !bytes.ends_with(b"\n") {
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// One account runs everything: no part of it needs another one, nor a folder of the system's.
fn configuration(folder: &Path, runner: &Runner, ports: Ports) -> String {
    let (folder, Runner { user, group, .. }, Ports { imap, imaps, lmtp }) = (folder.display(), runner, ports);
    format!(
        "base_dir = {folder}/base
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_username_format = %Ln
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_fsync = never
mail_max_userip_connections = 100
mail_location = maildir:~/Maildir
recipient_delimiter = +
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%n allow_all_users=yes
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service lmtp {{
  user = {user}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"
    )
}
