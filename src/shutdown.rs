//! The order to stop: given once, by a signal or by a test, heard by whoever holds a [`Signal`].
//!
//! SIGTERM and SIGINT give it; a second one of them ends the process at once. Whoever hears it stops taking new work
//! and finishes what was begun.

use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Gives the order to stop; dropping the last copy gives it too.
#[derive(Debug, Clone)]
pub struct Trigger {
    sender: Arc<watch::Sender<bool>>,
}

/// Hears the order to stop; cheap to copy.
#[derive(Debug, Clone)]
pub struct Signal {
    receiver: watch::Receiver<bool>,
}

/// A trigger and its signal.
pub fn channel() -> (Trigger, Signal) {
    let (sender, receiver) = watch::channel(false);
    (
        Trigger {
            sender: Arc::new(sender),
        },
        Signal { receiver },
    )
}

impl Trigger {
    /// Gives the order; giving it again changes nothing.
    pub fn stop(&self) {
        self.sender.send_replace(true);
    }
}

impl Signal {
    /// Whether the order has been given.
    pub fn is_given(&self) -> bool {
        *self.receiver.borrow()
    }

    /// Waits for the order; returns at once when it has been given already.
    pub async fn given(&mut self) {
        // An error means that nobody is left to give the order: that is one, too.
        drop(self.receiver.wait_for(|given| *given).await);
    }
}

/// Gives the order at the first SIGTERM or SIGINT, and ends the process with code 1 at the second.
///
/// # Errors
/// When the signals cannot be listened to.
pub fn on_signals(trigger: Trigger) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        for given_before in [false, true] {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            if given_before {
                tracing::warn!("stopping at once, as asked twice");
                std::process::exit(1);
            }
            tracing::info!("stopping: finishing what was begun");
            trigger.stop();
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_order_is_heard_by_those_who_wait_and_those_who_come_late() {
        let (trigger, signal) = channel();
        let mut waiting = signal.clone();
        let waiter = tokio::spawn(async move { waiting.given().await });
        assert!(!signal.is_given());
        trigger.stop();
        waiter.await.unwrap();
        signal.clone().given().await;
        assert!(signal.is_given());
    }
}
