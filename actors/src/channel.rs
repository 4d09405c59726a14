//! The channels: how conversations come in and go out. Web chat is the one that needs no provider.

pub mod web;

use std::sync::Arc;

use switchboard_domain::customer::Channel;
use switchboard_domain::ports::files::FileSource;
use switchboard_domain::ports::transport::Transport;

/// The ways out that are configured.
#[derive(Debug, Clone, Default)]
pub struct Transports {
    /// To WhatsApp.
    pub whatsapp: Option<Arc<dyn Transport>>,
    /// To mail servers.
    pub email: Option<Arc<dyn Transport>>,
    /// To telephones.
    pub sms: Option<Arc<dyn Transport>>,
    /// Where the files of WhatsApp messages are.
    pub files: Option<Arc<dyn FileSource>>,
}

impl Transports {
    /// The way out of a channel; none for the web, and for what is not configured.
    pub fn of(&self, channel: Channel) -> Option<&Arc<dyn Transport>> {
        match channel {
            Channel::Web => None,
            Channel::Whatsapp => self.whatsapp.as_ref(),
            Channel::Email => self.email.as_ref(),
            Channel::Sms => self.sms.as_ref(),
        }
    }

    /// Whether customers can be reached by a channel.
    pub fn reaches(&self, channel: Channel) -> bool {
        channel == Channel::Web || self.of(channel).is_some()
    }
}
