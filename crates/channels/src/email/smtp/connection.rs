//! One connection to a mail server, step by step.
//!
//! Called by [`super::Smtp`]. Invariant: every step has an end in time; lettre itself waits for answers without one.

use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use switchboard_domain::ports::transport::SendError;
use tokio::time::timeout;

use super::answer::{Step, meaning, timed_out};
use super::{Patience, Settings};
use crate::email::compose::Composed;
use crate::email::login::{Login, Proof, read_token};
use crate::email::tls::{Security, Server};

/// How long a server that is left, or asked whether it is still there, may take.
const SHORT: Duration = Duration::from_secs(5);

/// An open connection, logged in.
pub(super) struct Connection {
    inner: AsyncSmtpConnection,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connection")
    }
}

/// Waits for a step, no longer than it may take.
async fn step<T>(
    step: Step,
    patience: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, SendError> {
    let outcome = timeout(patience, work).await.map_err(|_| timed_out(step))?;
    outcome.map_err(|error| meaning(step, &error))
}

impl Connection {
    /// Connects, encrypts and logs in as the settings say.
    pub(super) async fn open(settings: &Settings) -> Result<Self, SendError> {
        let inner = step(Step::Open, settings.patience.connect, connect(settings)).await?;
        let mut connection = Self { inner };
        if let Some(login) = &settings.login {
            let (mechanisms, secret) = shown(login).await?;
            let credentials = Credentials::new(login.username.clone(), secret);
            let auth = connection.inner.auth(mechanisms, &credentials);
            step(Step::Login, settings.patience.command, auth).await?;
        }
        Ok(connection)
    }

    /// Says from whom and to whom, then the mail. All receivers or none: one that is refused ends it before any is told.
    pub(super) async fn hand_over(&mut self, mail: &Composed, patience: &Patience) -> Result<(), SendError> {
        let options = self.options(mail)?;
        let sender = Mail::new(mail.envelope.from().cloned(), options);
        step(Step::Envelope, patience.command, self.inner.command(sender)).await?;
        for receiver in mail.envelope.to() {
            let receiver = Rcpt::new(receiver.clone(), Vec::new());
            step(Step::Envelope, patience.command, self.inner.command(receiver)).await?;
        }
        step(Step::Envelope, patience.command, self.inner.command(Data)).await?;
        step(Step::Mail, patience.delivery, self.inner.message(&mail.bytes)).await?;
        Ok(())
    }

    /// What the mail needs of the server (RFC 6531, RFC 6152).
    fn options(&self, mail: &Composed) -> Result<Vec<MailParameter>, SendError> {
        let addresses = mail.envelope.to().iter().chain(mail.envelope.from());
        if mail.bytes.is_ascii()
            && addresses
                .into_iter()
                .all(|address| AsRef::<str>::as_ref(address).is_ascii())
        {
            return Ok(Vec::new());
        }
        let server = self.inner.server_info();
        if !server.supports_feature(Extension::SmtpUtfEight)
            || !server.supports_feature(Extension::EightBitMime)
        {
            let reason = "the mail server takes no addresses with letters beyond ASCII (SMTPUTF8)".to_owned();
            return Err(SendError::Refused { reason });
        }
        Ok(vec![
            MailParameter::SmtpUtfEight,
            MailParameter::Body(MailBodyParameter::EightBitMime),
        ])
    }

    /// Whether the server still answers.
    pub(super) async fn is_open(&mut self) -> bool {
        timeout(SHORT, self.inner.test_connected()).await.unwrap_or(false)
    }

    /// Takes leave, as far as the server still listens.
    pub(super) async fn leave(&mut self) {
        if timeout(SHORT, self.inner.quit()).await.is_err() {
            tracing::debug!("a mail server did not answer when it was left");
        }
    }
}

/// How the login is made, and what is shown.
async fn shown(login: &Login) -> Result<(&'static [Mechanism], String), SendError> {
    match &login.proof {
        Proof::Password(password) => Ok((&[Mechanism::Plain, Mechanism::Login], password.clone())),
        Proof::TokenFile(path) => {
            let token = read_token(path).await;
            let token = token.map_err(|reason| SendError::AccountStopped { reason })?;
            Ok((&[Mechanism::Xoauth2], token))
        }
    }
}

async fn connect(settings: &Settings) -> Result<AsyncSmtpConnection, Error> {
    let server = &settings.server;
    let domain = settings
        .sender
        .address
        .rsplit_once('@')
        .map_or("localhost", |(_, domain)| domain);
    let hello = ClientId::Domain(domain.to_owned());
    let tls = if server.security == Security::None {
        None
    } else {
        Some(parameters(server)?)
    };
    let at_once = tls.clone().filter(|_| server.security == Security::Tls);
    let address = (server.host.as_str(), server.port);
    let wait = Some(settings.patience.connect);
    let mut connection = AsyncSmtpConnection::connect_tokio1(address, wait, &hello, at_once, None).await?;
    if let Some(tls) = tls.filter(|_| server.security == Security::StartTls) {
        connection.starttls(tls, &hello).await?;
    }
    Ok(connection)
}

fn parameters(server: &Server) -> Result<TlsParameters, Error> {
    let mut parameters = TlsParameters::builder(server.host.clone());
    if let Some(pem) = &server.trusted {
        parameters = parameters.add_root_certificate(Certificate::from_pem(pem)?);
    }
    parameters.build()
}
