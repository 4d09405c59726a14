//! How the ways out of the channels are: what a look at their providers has shown, and what became of the last message.
//!
//! Written by the probe and by the outbox's lanes, read by whoever tells how the hub is. Invariant: nothing is said to
//! be healthy that was not seen to answer.

use std::collections::HashMap;

use parking_lot::Mutex;
use switchboard_domain::customer::Channel;
use switchboard_domain::outbox::Lane;

use super::ChannelPorts;
use crate::hub::health::ChannelState;

/// What the last attempt to send has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// The provider answered.
    Answered,
    /// It did not.
    Away,
    /// It takes nothing of this account until somebody mends it.
    Stopped,
}

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    answers: Option<bool>,
    attempt: Option<Attempt>,
}

/// What is known of every channel.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    known: Mutex<HashMap<Channel, Known>>,
    /// How much waits in lanes that are not configured.
    waiting: Mutex<HashMap<Lane, usize>>,
}

impl Conditions {
    /// Somebody looked at the provider. One that answers is not away, whatever came of an earlier message.
    pub(crate) fn probed(&self, channel: Channel, answers: bool) {
        let mut known = self.known.lock();
        let known = known.entry(channel).or_default();
        known.answers = Some(answers);
        if answers && known.attempt == Some(Attempt::Away) {
            known.attempt = None;
        }
    }

    /// A message was handed over, or was not.
    pub(crate) fn attempted(&self, channel: Channel, attempt: Attempt) {
        self.known.lock().entry(channel).or_default().attempt = Some(attempt);
    }

    /// So much waits in a lane whose channel is not configured.
    pub(crate) fn waits(&self, lane: Lane, errands: usize) {
        self.waiting.lock().insert(lane, errands);
    }

    /// In all lanes but these nothing waits any more.
    pub(crate) fn forget_waiting(&self, lanes: &[Lane]) {
        self.waiting.lock().retain(|lane, _| lanes.contains(lane));
    }

    /// How a channel is: it works while its provider answers, to a look or to the last message.
    pub(crate) fn of(&self, ports: &ChannelPorts, channel: Channel) -> ChannelState {
        if ports.of(channel).is_none() {
            let waiting = Lane::of(channel).and_then(|lane| self.waiting.lock().get(&lane).copied());
            return ChannelState::Off {
                waiting: waiting.unwrap_or_default(),
            };
        }
        let known = self.known.lock().get(&channel).copied().unwrap_or_default();
        match (known.answers, known.attempt) {
            (_, Some(Attempt::Stopped)) | (Some(false), _) => ChannelState::Fails,
            (None, None) | (_, Some(Attempt::Away)) => ChannelState::Limps,
            (Some(true), None) | (_, Some(Attempt::Answered)) => ChannelState::Works,
        }
    }
}
