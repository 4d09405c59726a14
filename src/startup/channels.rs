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
use switchboard_channels::email::login::{Login, Proof};
use switchboard_channels::email::mailbox;
use switchboard_channels::email::signed::SignedSmtp;
use switchboard_channels::email::smtp::{self, Patience, Smtp};
use switchboard_channels::email::thread::Signer;
use switchboard_channels::email::tls::{Security, Server};
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
    let trusted = trusted(config)?;
    let smtp = Smtp::new(outgoing(config, &signer, trusted.as_deref()), Arc::clone(clock));
    ports.email = Some(Arc::new(SignedSmtp::new(smtp, signer.clone())));
    let accounts = accounts(config, trusted.as_deref());
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

/// The certificates of the operator's own authorities.
fn trusted(config: &Email) -> Result<Option<Vec<u8>>, StartError> {
    if config.certificates.is_empty() {
        return Ok(None);
    }
    let unreadable = |error| StartError::Channel(format!("email.certificates: {error}"));
    let pem = std::fs::read(&config.certificates).map_err(unreadable)?;
    Ok(Some(pem))
}

fn outgoing(config: &Email, signer: &Signer, trusted: Option<&[u8]>) -> smtp::Settings {
    let login = login(
        &config.smtp_username,
        config.smtp_password.as_ref(),
        &config.smtp_token_file,
    );
    smtp::Settings {
        server: server(&config.smtp_host, config.smtp_port, config.smtp_tls, trusted),
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

fn accounts(config: &Email, trusted: Option<&[u8]>) -> Vec<Account> {
    let username = Some(&config.imap_username).filter(|name| !name.is_empty());
    let first = Account {
        settings: mailbox::Settings {
            server: server(&config.imap_host, config.imap_port, config.imap_tls, trusted),
            login: login(
                username.unwrap_or(&config.address),
                config.imap_password.as_ref(),
                &config.imap_token_file,
            ),
            patience: PATIENCE,
            renewal: RENEWAL,
            poll: config.poll,
        },
        folders: config.folders.clone(),
    };
    let further = config.mailboxes.iter().map(|mailbox| Account {
        settings: mailbox::Settings {
            server: server(&mailbox.imap_host, mailbox.imap_port, mailbox.imap_tls, trusted),
            login: login(
                &mailbox.imap_username,
                mailbox.imap_password.as_ref(),
                &mailbox.imap_token_file,
            ),
            ..first.settings.clone()
        },
        folders: mailbox.folders.clone(),
    });
    let further: Vec<_> = further.collect();
    [vec![first], further].concat()
}

/// With the token in a file where one is named, else with a password.
fn login(username: &str, password: Option<&Secret>, token_file: &str) -> Login {
    let proof = if token_file.is_empty() {
        Proof::Password(exposed(password))
    } else {
        Proof::TokenFile(token_file.into())
    };
    Login {
        username: username.to_owned(),
        proof,
    }
}

fn server(host: &str, port: u16, encryption: Encryption, trusted: Option<&[u8]>) -> Server {
    let security = match encryption {
        Encryption::None => Security::None,
        Encryption::Starttls => Security::StartTls,
        Encryption::Tls => Security::Tls,
    };
    Server {
        host: host.to_owned(),
        port,
        security,
        trusted: trusted.map(<[u8]>::to_vec),
    }
}

fn exposed(secret: Option<&Secret>) -> String {
    secret
        .map(|secret| secret.expose().to_owned())
        .unwrap_or_default()
}
