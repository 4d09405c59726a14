//! Commands and answers of an IMAP session, one command at a time.
//!
//! Called by everything that reads a mailbox. Invariant: a command has succeeded only when its own tagged OK has come.
//! That is why the library's `fetch` and its kin are not used: their streams end alike at OK, at NO and when the
//! connection breaks, so that mails would seem to be missing.

use std::time::Duration;

use async_imap::Session;
use async_imap::imap_proto::{Capability, MailboxDatum, RequestId, Response, ResponseCode, Status};
use tokio::time::{Instant, timeout, timeout_at};

use super::connect::cut;
use super::stream::Stream;
use super::{MailboxError, SMALL};

/// A session.
#[derive(Debug)]
pub(super) struct Dialogue {
    session: Session<Stream>,
    patience: Duration,
    uid_validity: Option<u32>,
    /// A command was begun; what is left of it would be taken for the next one's answer.
    is_busy: bool,
    /// We said LOGOUT: a goodbye is the right answer.
    is_leaving: bool,
}

impl Dialogue {
    pub(super) fn new(session: Session<Stream>, patience: Duration) -> Self {
        Self {
            session,
            patience,
            uid_validity: None,
            is_busy: false,
            is_leaving: false,
        }
    }

    /// From now on another numbering of the folder is an error.
    pub(super) fn expect_validity(&mut self, uid_validity: u32) {
        self.uid_validity = Some(uid_validity);
    }

    /// Says a command and hears its answers, at most so many bytes, until the server has said OK to it.
    pub(super) async fn exchange(
        &mut self,
        command: &str,
        bytes: usize,
        mut hear: impl FnMut(&Response<'_>),
    ) -> Result<(), MailboxError> {
        let tag = self.begin(command, bytes).await?;
        loop {
            let done = self.next(|response| match response {
                Response::Done {
                    tag: done,
                    status,
                    outcome,
                } if *done == tag => Some(verdict(status, outcome.information.as_deref())),
                other => {
                    hear(other);
                    None
                }
            });
            if let Some(verdict) = done.await? {
                self.is_busy = false;
                return verdict;
            }
        }
    }

    async fn begin(&mut self, command: &str, bytes: usize) -> Result<RequestId, MailboxError> {
        if self.is_busy {
            return Err(MailboxError::Cut("an earlier command was given up".to_owned()));
        }
        self.is_busy = true;
        self.session.get_mut().allow(bytes);
        let sent = timeout(self.patience, self.session.run_command(command)).await;
        sent.map_err(|_| cut(&"the server does not listen"))?
            .map_err(|error| cut(&error))
    }

    /// Hears the next thing the server says; a goodbye or another numbering is an error.
    async fn next<T>(&mut self, hear: impl FnOnce(&Response<'_>) -> T) -> Result<T, MailboxError> {
        let next = timeout(self.patience, self.session.read_response()).await;
        let next = next
            .map_err(|_| cut(&"no answer in time"))?
            .map_err(|error| cut(&error))?;
        let next = next.ok_or_else(|| cut(&"closed by the server"))?;
        self.check(next.parsed())?;
        Ok(hear(next.parsed()))
    }

    fn check(&self, response: &Response<'_>) -> Result<(), MailboxError> {
        let Response::Data { status, outcome } = response else {
            return Ok(());
        };
        if *status == Status::Bye && !self.is_leaving {
            return Err(cut(&outcome
                .information
                .as_deref()
                .unwrap_or("the server said goodbye")));
        }
        match (&outcome.code, self.uid_validity) {
            (Some(ResponseCode::UidValidity(now)), Some(before)) if *now != before => {
                Err(MailboxError::Renumbered)
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn has_capability(&mut self, name: &str) -> Result<bool, MailboxError> {
        let mut found = false;
        let hear = |response: &Response<'_>| {
            if let Response::Capabilities(all) = response {
                found |= all
                    .iter()
                    .any(|one| matches!(one, Capability::Atom(atom) if atom.eq_ignore_ascii_case(name)));
            }
        };
        self.exchange("CAPABILITY", SMALL, hear).await?;
        Ok(found)
    }

    /// Listens until the server tells of mails or the time is up (RFC 2177); whether it knows how to.
    ///
    /// News that came before the server's `+` count like those after it.
    pub(super) async fn idle(&mut self, at_most: Duration) -> Result<bool, MailboxError> {
        let tag = self.begin("IDLE", SMALL).await?;
        let mut has_news = false;
        loop {
            let answer = self.next(|response| match response {
                Response::Continue(_) => Some(true),
                Response::Done { tag: done, .. } if *done == tag => Some(false),
                other => {
                    has_news |= is_news(other);
                    None
                }
            });
            match answer.await? {
                Some(true) => break,
                Some(false) => {
                    self.is_busy = false;
                    return Ok(false);
                }
                None => {}
            }
        }
        self.listen(has_news, Instant::now() + at_most).await?;
        self.done(&tag).await
    }

    async fn listen(&mut self, mut has_news: bool, end: Instant) -> Result<(), MailboxError> {
        while !has_news {
            // A read that is given up loses nothing: what had come stays in the session's buffer.
            let Ok(read) = timeout_at(end, self.session.read_response()).await else {
                return Ok(());
            };
            let read = read
                .map_err(|error| cut(&error))?
                .ok_or_else(|| cut(&"closed by the server"))?;
            self.check(read.parsed())?;
            has_news = is_news(read.parsed());
        }
        Ok(())
    }

    async fn done(&mut self, tag: &RequestId) -> Result<bool, MailboxError> {
        self.session.get_mut().allow(SMALL);
        let sent = timeout(self.patience, self.session.run_command_untagged("DONE")).await;
        sent.map_err(|_| cut(&"the server does not listen"))?
            .map_err(|error| cut(&error))?;
        loop {
            let done = self.next(|response| match response {
                Response::Done {
                    tag: done, status, ..
                } if done == tag => Some(*status == Status::Ok),
                _ => None,
            });
            if let Some(is_ok) = done.await? {
                self.is_busy = false;
                return Ok(is_ok);
            }
        }
    }

    /// Takes leave.
    pub(super) async fn leave(&mut self) -> Result<(), MailboxError> {
        self.is_leaving = true;
        self.exchange("LOGOUT", SMALL, |_| {}).await
    }
}

/// Whether a server's no says that it is about the server, for now (RFC 5530, and what large providers add).
pub(super) fn is_passing(words: &str) -> bool {
    let codes = [
        "[SERVERBUG]",
        "[UNAVAILABLE]",
        "[INUSE]",
        "[LIMIT]",
        "[OVERQUOTA]",
        "[THROTTLED]",
    ];
    codes.iter().any(|code| words.contains(code))
}

fn is_news(response: &Response<'_>) -> bool {
    matches!(
        response,
        Response::MailboxData(MailboxDatum::Exists(_) | MailboxDatum::Recent(_))
    )
}

fn verdict(status: &Status, words: Option<&str>) -> Result<(), MailboxError> {
    let words = words.unwrap_or("no reason given");
    match status {
        Status::Ok => Ok(()),
        _ if is_passing(words) => Err(cut(&words)),
        _ => Err(MailboxError::Refused(words.chars().take(300).collect())),
    }
}
