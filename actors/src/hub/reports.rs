//! What providers tell by calling the hub: checked, read, and taken in before they are answered.
//!
//! Called by the routes that providers call. What one sender wrote is taken in, in its order; different senders do not
//! wait for each other. Invariant: `Ok` means that everything in the call is on disk.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use switchboard_domain::customer::Channel;
use switchboard_domain::id::OrganizationId;
use switchboard_domain::message::DeliveryReport;
use switchboard_domain::ports::reports::{Report, Reports};

use super::incoming::by_name;
use super::{Hub, moves};
use crate::error::HubError;

impl Hub {
    /// Whether a provider that asks for the confirmation of its subscription shows the right token.
    ///
    /// # Errors
    /// [`HubError::NotFound`] when the channel is not configured, [`HubError::Forbidden`] for a wrong token.
    pub fn confirm_subscription(&self, channel: Channel, mode: &str, token: &str) -> Result<(), HubError> {
        if self.reports_of(channel)?.confirms(mode, token) {
            return Ok(());
        }
        Err(HubError::Forbidden("the verification token is wrong"))
    }

    /// Takes in what a channel's provider tells.
    ///
    /// # Errors
    /// [`HubError::NotFound`] when the channel is not configured, [`HubError::Forbidden`] for a wrong signature; others
    /// ask the provider to come again.
    pub async fn receive_reports(
        &self,
        channel: Channel,
        signature: Option<&str>,
        body: &[u8],
    ) -> Result<(), HubError> {
        let organization = self.credentials.default_organization()?;
        let reports = self.reports_of(channel)?.read(signature, body);
        let reports = reports.map_err(|_| HubError::Forbidden("the signature is missing or wrong"))?;
        // The rule, and nobody has to be told apart.
        if reports.len() == 1 {
            return self.receive_in_order(organization, channel, reports).await;
        }
        let earlier = earlier_addresses(&reports);
        let sender = |report: &Report| {
            let name = name(report);
            earlier.get(&name).cloned().unwrap_or(name)
        };
        let by_sender = by_name(reports, sender).into_iter();
        let all = by_sender.map(|reports| self.receive_in_order(organization, channel, reports));
        try_join_all(all).await.map(drop)
    }

    fn reports_of(&self, channel: Channel) -> Result<&dyn Reports, HubError> {
        let reports = self.services.ports.channels.reports_of(channel);
        reports.ok_or(HubError::NotFound("channel"))
    }

    async fn receive_in_order(
        &self,
        organization: OrganizationId,
        channel: Channel,
        reports: Vec<Report>,
    ) -> Result<(), HubError> {
        for report in reports {
            self.receive_report(organization, channel, report).await?;
        }
        Ok(())
    }

    async fn receive_report(
        &self,
        organization: OrganizationId,
        channel: Channel,
        report: Report,
    ) -> Result<(), HubError> {
        match report {
            Report::Message(incoming) => {
                let told = &incoming.provided;
                let notice = told.is_notice().then(|| told.id.clone());
                self.receive_incoming(organization, incoming).await?;
                match notice {
                    Some(notice) => Box::pin(self.end_move(organization, channel, &notice)).await,
                    None => Ok(()),
                }
            }
            // Boxed, so that what a message waits in has no room for what it is not.
            Report::Delivery { reference, report } => {
                Box::pin(self.receive_known_delivery(organization, channel, reference, report)).await
            }
            Report::Moved(told) => Box::pin(self.move_address(organization, channel, told)).await,
            Report::Account(trouble) => {
                tracing::error!(
                    channel = channel.as_str(),
                    trouble,
                    "the channel's account is in trouble"
                );
                Ok(())
            }
        }
    }

    /// Nobody is helped when the provider repeats a report on what was erased.
    async fn receive_known_delivery(
        &self,
        organization: OrganizationId,
        channel: Channel,
        reference: Option<String>,
        report: DeliveryReport,
    ) -> Result<(), HubError> {
        let named = reference.as_deref();
        let noted = self
            .receive_delivery_report(organization, channel, named, report)
            .await;
        match noted {
            Err(HubError::NotFound(_)) => Ok(()),
            other => other,
        }
    }
}

/// Whom a report is from or about.
fn name(report: &Report) -> String {
    match report {
        Report::Message(incoming) => incoming.reply_to.clone(),
        Report::Delivery { reference, report } => {
            let named = reference.as_ref().or(report.provider_id.as_ref());
            named.cloned().unwrap_or_default()
        }
        Report::Moved(told) => moves::name(&told.from).to_owned(),
        Report::Account(_) => String::new(),
    }
}

/// The addresses so far of those who have others from now on: what comes from either is of one sender.
fn earlier_addresses(reports: &[Report]) -> HashMap<String, String> {
    let moved = reports.iter().filter_map(|report| match report {
        Report::Moved(told) => {
            let (to, from) = (moves::name(&told.to), moves::name(&told.from));
            Some((to.to_owned(), from.to_owned()))
        }
        _ => None,
    });
    moved.collect()
}
