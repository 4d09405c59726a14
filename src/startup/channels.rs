//! The channels to the outside that are configured: their ways out, and where what comes in is read.
//!
//! One function a channel. Invariant: a channel that is off leaves its ports empty.

mod foreign;
mod phone;

use std::sync::Arc;
use std::time::Duration;

use switchboard_actors::channel::ChannelPorts;
use switchboard_channels::email::compose::Sender;
use switchboard_channels::email::inbox::{Account, Inbox};
use switchboard_channels::email::mailbox;
use switchboard_channels::email::signed::SignedSmtp;
use switchboard_channels::email::smtp::{self, Patience, Smtp};
use switchboard_channels::email::thread::Signer;
use switchboard_channels::email::tls::{Login, Security, Server};
use switchboard_domain::ports::clock::Clock;

pub(super) use self::phone::{addresses, whatsapp_signature};
use super::StartError;
use crate::config::Config;
use crate::config::channels::{Email, Encryption};
use crate::config::values::Secret;

/// How long a mail server that is read may take for an answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long one IDLE lasts; servers end it after half an hour (RFC 2177).
const RENEWAL: Duration = Duration::from_secs(25 * 60);
/// Connections to the server that sends; its outbox lane has as many mails under way.
const CONNECTIONS: usize = 4;

/// Opens what is configured.
pub(super) fn open(
    config: &Config,
    secret: &[u8],
    clock: &Arc<dyn Clock>,
    ports: &mut ChannelPorts,
) -> Result<(), StartError> {
    phone::open(config, secret, clock, ports)?;
    email(&config.email, secret, clock, ports)
}

/// Mail: read by IMAP, sent by SMTP, both signing with a key made from the hub's own secret.
fn email(
    config: &Email,
    secret: &[u8],
    clock: &Arc<dyn Clock>,
    ports: &mut ChannelPorts,
) -> Result<(), StartError> {
    if !config.enabled {
        return Ok(());
    }
    let unusable = || StartError::Channel("the secret of the hub's tokens is empty".to_owned());
    let signer = Signer::derived(secret).ok_or_else(unusable)?;
    let smtp = Smtp::new(outgoing(config, &signer), Arc::clone(clock));
    ports.email = Some(Arc::new(SignedSmtp::new(smtp, signer.clone())));
    let accounts = accounts(config);
    let logins = accounts
        .iter()
        .map(|account| account.settings.login.username.clone());
    let own = logins
        .chain([config.address.clone()])
        .filter(|name| name.contains('@'));
    let inbox = Inbox::new(accounts.clone(), config.poll, own.collect(), signer);
    ports.mailboxes = Some(Arc::new(inbox));
    Ok(())
}

fn outgoing(config: &Email, signer: &Signer) -> smtp::Settings {
    let login = Login {
        username: config.smtp_username.clone(),
        password: exposed(config.smtp_password.as_ref()),
    };
    smtp::Settings {
        server: server(&config.smtp_host, config.smtp_port, config.smtp_tls),
        login: Some(login).filter(|login| !login.username.is_empty()),
        sender: Sender {
            address: config.address.clone(),
            name: String::new(),
            reply_tokens: config.plus_addresses.then(|| signer.clone()),
        },
        patience: Patience::default(),
        connections: CONNECTIONS,
    }
}

fn accounts(config: &Email) -> Vec<Account> {
    let first = Account {
        settings: mailbox::Settings {
            server: server(&config.imap_host, config.imap_port, config.imap_tls),
            login: Login {
                username: Some(&config.imap_username)
                    .filter(|name| !name.is_empty())
                    .unwrap_or(&config.address)
                    .clone(),
                password: exposed(config.imap_password.as_ref()),
            },
            patience: PATIENCE,
            renewal: RENEWAL,
            poll: config.poll,
        },
        folders: config.folders.clone(),
    };
    let further = config.mailboxes.iter().map(|mailbox| Account {
        settings: mailbox::Settings {
            server: server(&mailbox.imap_host, mailbox.imap_port, mailbox.imap_tls),
            login: Login {
                username: mailbox.imap_username.clone(),
                password: exposed(mailbox.imap_password.as_ref()),
            },
            ..first.settings.clone()
        },
        folders: mailbox.folders.clone(),
    });
    let further: Vec<_> = further.collect();
    [vec![first], further].concat()
}

fn server(host: &str, port: u16, encryption: Encryption) -> Server {
    let security = match encryption {
        Encryption::None => Security::None,
        Encryption::Starttls => Security::StartTls,
        Encryption::Tls => Security::Tls,
    };
    Server {
        host: host.to_owned(),
        port,
        security,
        trusted: None,
    }
}

fn exposed(secret: Option<&Secret>) -> String {
    secret
        .map(|secret| secret.expose().to_owned())
        .unwrap_or_default()
}
