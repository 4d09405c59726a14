//! When mailboxes are read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::mailbox::{DescribedMail, Mail, Mailbox, MailboxError, Mailboxes, ShownMail};

use super::world::{World, settings};
use crate::channel::ChannelPorts;

/// Counts how often it is opened, and never answers.
#[derive(Debug, Default)]
struct Knocked(AtomicUsize);

impl Mailboxes for Knocked {
    fn folders(&self) -> Vec<String> {
        vec!["support@mail.example/INBOX".to_owned()]
    }

    fn poll(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn open<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Box<dyn Mailbox>, MailboxError>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::pending())
    }

    fn read(&self, _: &[u8]) -> Mail {
        Mail::Own
    }

    fn describe(&self, _: &DescribedMail) -> Result<Vec<u8>, (&'static str, String)> {
        Err(("from", "nobody writes here".to_owned()))
    }

    fn html(&self, _: &[u8]) -> Option<ShownMail> {
        None
    }
}

/// The channel looks by itself every thirty seconds, longer than this waits.
#[tokio::test]
async fn a_mailbox_is_opened_as_soon_as_the_hub_has_started_the_first_time_and_any_other() {
    let knocked = Arc::new(Knocked::default());
    let mailboxes: Arc<dyn Mailboxes> = Arc::<Knocked>::clone(&knocked);
    let channels = ChannelPorts {
        mailboxes: Some(mailboxes),
        ..ChannelPorts::default()
    };
    let world = World::with_channels(settings(), channels).await;
    let opened = |times| {
        let knocked = Arc::clone(&knocked);
        move || knocked.0.load(Ordering::SeqCst) == times
    };
    world.until("the first look", opened(1)).await;
    let world = world.restarted().await;
    world.until("the look after a restart", opened(2)).await;
}
