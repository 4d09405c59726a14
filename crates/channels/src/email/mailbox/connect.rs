//! From an address to a session: connect, encrypt, log in (RFC 8314, RFC 3501).
//!
//! Called when a mailbox is opened. Invariant: with STARTTLS nothing that came before the encryption is used after it,
//! neither capabilities nor bytes that were already read.

use async_imap::error::Error;
use async_imap::imap_proto::{Response, Status};
use async_imap::{Authenticator, Client, Session};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::dialogue::{Dialogue, is_passing};
use super::stream::Stream;
use super::{MailboxError, SMALL, Settings};
use crate::email::login::{Login, Proof, read_token};
use crate::email::tls::{self, Security, Server};

/// A session that is logged in, with no folder open yet.
pub(super) async fn open(settings: &Settings) -> Result<Dialogue, MailboxError> {
    let late = |_| MailboxError::Cut("the server took too long to let us in".to_owned());
    let client = timeout(settings.patience, greeted(&settings.server))
        .await
        .map_err(late)??;
    let login = log_in(client, &settings.login);
    let session = timeout(settings.patience, login).await.map_err(late)??;
    Ok(Dialogue::new(session, settings.patience))
}

async fn log_in(client: Client<Stream>, login: &Login) -> Result<Session<Stream>, MailboxError> {
    let session = match &login.proof {
        Proof::Password(password) => client.login(&login.username, password).await,
        Proof::TokenFile(path) => {
            let token = read_token(path).await.map_err(MailboxError::Credentials)?;
            let shown = format!("user={}\x01auth=Bearer {token}\x01\x01", login.username);
            client.authenticate("XOAUTH2", Xoauth2(Some(shown))).await
        }
    };
    session.map_err(|(error, _)| match error {
        Error::No(words) if is_passing(&words) => cut(&words),
        Error::No(words) | Error::Bad(words) => MailboxError::Credentials(words),
        Error::Validate(error) => MailboxError::Credentials(error.to_string()),
        other => cut(&other),
    })
}

/// Shows the token once; a server that asks again wants to tell why it is none, and hears nothing more.
struct Xoauth2(Option<String>);

impl Authenticator for Xoauth2 {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        self.0.take().unwrap_or_default()
    }
}

pub(super) fn cut(error: &dyn std::fmt::Display) -> MailboxError {
    MailboxError::Cut(error.to_string().chars().take(300).collect())
}

async fn greeted(server: &Server) -> Result<Client<Stream>, MailboxError> {
    let stream = TcpStream::connect((server.host.as_str(), server.port)).await;
    let stream = stream.map_err(|error| cut(&error))?;
    match server.security {
        Security::None => welcome(Stream::clear(stream, SMALL)).await,
        Security::Tls => welcome(encrypt(stream, server).await?).await,
        Security::StartTls => {
            let mut client = welcome(Stream::clear(stream, SMALL)).await?;
            let answer = client.run_command_and_check_ok("STARTTLS", None).await;
            answer.map_err(|error| MailboxError::Encryption(error.to_string()))?;
            let lost = || MailboxError::Encryption("it was encrypted already".to_owned());
            let stream = client.into_inner().into_clear().ok_or_else(lost)?;
            Ok(Client::new(encrypt(stream, server).await?))
        }
    }
}

/// Waits for the greeting.
async fn welcome(stream: Stream) -> Result<Client<Stream>, MailboxError> {
    let mut client = Client::new(stream);
    let greeting = client.read_response().await.map_err(|error| cut(&error))?;
    let greeting = greeting.ok_or_else(|| MailboxError::Cut("closed before a greeting".to_owned()))?;
    match greeting.parsed() {
        Response::Data {
            status: Status::Ok, ..
        } => Ok(client),
        other => Err(cut(&format!("no greeting but {other:?}"))),
    }
}

async fn encrypt(stream: TcpStream, server: &Server) -> Result<Stream, MailboxError> {
    let config = tls::client(server.trusted.as_deref()).map_err(MailboxError::Encryption)?;
    let name = ServerName::try_from(server.host.clone());
    let name = name.map_err(|error| MailboxError::Encryption(error.to_string()))?;
    let stream = TlsConnector::from(config).connect(name, stream).await;
    let stream = stream.map_err(|error| MailboxError::Encryption(error.to_string()))?;
    Ok(Stream::encrypted(stream, SMALL))
}
