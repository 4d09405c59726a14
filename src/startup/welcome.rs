//! What the operator reads when the hub is up: where it listens, the first password, and what to try in a demo.

use std::io::{self, Write};

use super::Running;
use crate::config::Config;
use crate::demo;

/// Writes it to standard output; a closed output is no reason not to serve.
pub(super) fn print(config: &Config, running: &Running) {
    if let Err(error) = write(&mut io::stdout().lock(), config, running) {
        tracing::debug!(%error, "nobody reads the welcome");
    }
}

/// Tells the first admin's generated password, before it is stored and never again.
pub(super) fn announce_password(password: &str) {
    let text =
        format!("First start. The account `admin` has this password, shown only now:\n\n    {password}\n");
    if let Err(error) = writeln!(io::stdout().lock(), "{text}") {
        tracing::warn!(%error, "the first admin's password could not be shown: set SWITCHBOARD_ADMIN_PASSWORD");
    }
}

fn write(out: &mut impl Write, config: &Config, running: &Running) -> io::Result<()> {
    let address = running
        .addresses()
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    writeln!(
        out,
        "Switchboard is up: http://{address}/   (data in {})",
        config.store.path.display()
    )?;
    for line in &running.notes {
        writeln!(out, "{line}")?;
    }
    if config.demo {
        write_demo(out, &address)
    } else {
        Ok(())
    }
}

fn write_demo(out: &mut impl Write, address: &str) -> io::Result<()> {
    writeln!(
        out,
        "A sample shop is loaded. Chat with it in a browser at http://{address}/, or ask by hand:\n"
    )?;
    writeln!(
        out,
        "    TOKEN=$(curl -s http://{address}/api/auth/login -H 'Content-Type: application/json' \\"
    )?;
    writeln!(
        out,
        "      -d '{{\"username\": \"{}\", \"password\": \"{}\"}}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')",
        demo::EMAIL,
        demo::PASSWORD
    )?;
    writeln!(
        out,
        "    curl -s http://{address}/api/core/messages -H \"Authorization: Bearer $TOKEN\" \\\n      \
         -H 'Content-Type: application/json' \\\n      \
         -d '{{\"message\": {{\"text\": \"How long do I have to return something?\", \"type\": \"text\"}}, \"channel\": \"web\"}}'\n"
    )?;
    writeln!(
        out,
        "Log in as `admin` on the right-hand side of the page to be the agent. Stop with Ctrl-C."
    )
}
