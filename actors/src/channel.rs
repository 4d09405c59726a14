//! The channels: how conversations come in and go out. Web chat is the one that needs no provider.

pub(crate) mod acknowledge;
pub(crate) mod condition;
pub mod email;
pub mod probe;
pub mod web;

use std::sync::Arc;

use switchboard_domain::customer::Channel;
use switchboard_domain::outbox::Lane;
use switchboard_domain::ports::files::FileSource;
use switchboard_domain::ports::mailbox::Mailboxes;
use switchboard_domain::ports::poster::Poster;
use switchboard_domain::ports::reports::Reports;
use switchboard_domain::ports::transport::Transport;

/// What is configured of the channels: their ways out, and who reads what their providers tell.
#[derive(Debug, Clone, Default)]
pub struct ChannelPorts {
    /// To WhatsApp.
    pub whatsapp: Option<Arc<dyn Transport>>,
    /// To mail servers.
    pub email: Option<Arc<dyn Transport>>,
    /// Where customers' mails lie.
    pub mailboxes: Option<Arc<dyn Mailboxes>>,
    /// To telephones.
    pub sms: Option<Arc<dyn Transport>>,
    /// Where the files of WhatsApp messages are.
    pub files: Option<Arc<dyn FileSource>>,
    /// Reads what WhatsApp tells.
    pub whatsapp_reports: Option<Arc<dyn Reports>>,
    /// Reads what the SMS service tells.
    pub sms_reports: Option<Arc<dyn Reports>>,
    /// To the organizations' own systems.
    pub poster: Option<Arc<dyn Poster>>,
}

impl ChannelPorts {
    /// The way out of a channel; none for the web, and for what is not configured.
    pub fn of(&self, channel: Channel) -> Option<&Arc<dyn Transport>> {
        match channel {
            Channel::Web => None,
            Channel::Whatsapp => self.whatsapp.as_ref(),
            Channel::Email => self.email.as_ref(),
            Channel::Sms => self.sms.as_ref(),
        }
    }

    /// Who reads what a channel's provider tells by calling.
    pub fn reports_of(&self, channel: Channel) -> Option<&dyn Reports> {
        match channel {
            Channel::Web | Channel::Email => None,
            Channel::Whatsapp => self.whatsapp_reports.as_deref(),
            Channel::Sms => self.sms_reports.as_deref(),
        }
    }

    /// Whether what is owed in a lane can be carried.
    pub fn carries(&self, lane: Lane) -> bool {
        match lane {
            Lane::Whatsapp => self.whatsapp.is_some(),
            Lane::Sms => self.sms.is_some(),
            Lane::Email => self.email.is_some(),
            Lane::Media => self.files.is_some(),
            Lane::Webhook(_) => true,
        }
    }

    /// Whether a provider stands behind the hub that can be looked at.
    pub fn has_provider(&self) -> bool {
        Channel::ALL.into_iter().any(|channel| self.of(channel).is_some())
    }

    /// Whether customers can be reached by a channel.
    pub fn reaches(&self, channel: Channel) -> bool {
        channel == Channel::Web || self.of(channel).is_some()
    }
}
