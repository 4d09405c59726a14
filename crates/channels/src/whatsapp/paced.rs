//! Sending no faster than the provider takes it: the domain's `Transport` around the one that sends.
//!
//! The composition root puts it around the client. Invariant: a message is handed on only once its pace allows it; what
//! would have to wait for long is [`SendError::NotYet`], which costs no attempt.

use std::time::Duration;

use parking_lot::Mutex;
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::transport::{Outgoing, Receipt, SendError, Transport};
use tokio::time::Instant;

use super::pace::Pace;

/// The longest wait that is sat out here; the pause of a whole number is far below it, that of one recipient above.
const SHORT_WAIT: Duration = Duration::from_millis(500);

/// A way out that keeps to a pace.
#[derive(Debug)]
pub struct Paced<T> {
    inner: T,
    pace: Mutex<Pace>,
    since: Instant,
}

impl<T> Paced<T> {
    /// Around this way out.
    pub fn new(inner: T, pace: Pace) -> Self {
        Self {
            inner,
            pace: Mutex::new(pace),
            since: Instant::now(),
        }
    }

    async fn admitted(&self, to: &str) -> Result<(), SendError> {
        let patience = Instant::now() + SHORT_WAIT;
        loop {
            let admitted = self.pace.lock().admit(to, self.since.elapsed());
            let Err(after) = admitted else {
                return Ok(());
            };
            if Instant::now() + after > patience {
                return Err(SendError::NotYet { after });
            }
            tokio::time::sleep(after).await;
        }
    }
}

impl<T: Transport> Transport for Paced<T> {
    fn send(&self, message: Outgoing) -> BoxFuture<'_, Result<Receipt, SendError>> {
        Box::pin(async move {
            self.admitted(&message.to).await?;
            self.inner.send(message).await
        })
    }

    fn acknowledge(&self, provider_id: String, is_typing: bool) -> BoxFuture<'_, ()> {
        self.inner.acknowledge(provider_id, is_typing)
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), String>> {
        self.inner.probe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes everything.
    #[derive(Debug)]
    struct Taking;

    impl Transport for Taking {
        fn send(&self, _: Outgoing) -> BoxFuture<'_, Result<Receipt, SendError>> {
            Box::pin(async {
                Ok(Receipt {
                    provider_id: "wamid.1".into(),
                    parts: 1,
                })
            })
        }

        fn acknowledge(&self, _: String, _: bool) -> BoxFuture<'_, ()> {
            Box::pin(async {})
        }

        fn probe(&self) -> BoxFuture<'_, Result<(), String>> {
            Box::pin(async { Ok(()) })
        }
    }

    fn message(to: &str) -> Outgoing {
        Outgoing {
            reference: "out_1".into(),
            to: to.into(),
            to_name: String::new(),
            text: "Hi".into(),
            files: Vec::new(),
            replies_to: None,
            template: None,
            letter: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_numbers_own_pace_is_sat_out_and_a_recipients_is_told() {
        let paced = Paced::new(Taking, Pace::default());
        for _ in 0..45 {
            assert!(paced.send(message("+1")).await.is_ok());
        }
        let refused = paced.send(message("+1")).await;
        let Err(SendError::NotYet { after }) = refused else {
            panic!("{refused:?}");
        };
        assert!(after > Duration::from_secs(5), "{after:?}");
        assert!(
            paced.send(message("+2")).await.is_ok(),
            "nobody else is held back"
        );
        tokio::time::sleep(after).await;
        assert!(paced.send(message("+1")).await.is_ok());
    }
}
