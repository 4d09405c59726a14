//! What stands behind the channels' ports: WhatsApp's cloud API and Exotel, as configured, and what to configure there.
//!
//! One function a channel, each giving its part of [`ChannelPorts`] or none where it is switched off.

use std::sync::Arc;

use reqwest::Client;
use switchboard_actors::channel::ChannelPorts;
use switchboard_channels::sms::door as sms;
use switchboard_channels::sms::exotel::{self, Exotel, ExotelCallbacks};
use switchboard_channels::whatsapp::client::{Account, WhatsApp};
use switchboard_channels::whatsapp::door::Door;
use switchboard_channels::whatsapp::media::Fetcher;
use switchboard_channels::whatsapp::pace::Pace;
use switchboard_channels::whatsapp::paced::Paced;
use switchboard_channels::whatsapp::signature::AppSecrets;
use switchboard_domain::ports::clock::Clock;

use super::StartError;
use crate::config::{Config, Secret};
use crate::egress;

/// Everything that is switched on.
pub(super) fn open(
    config: &Config,
    clock: &Arc<dyn Clock>,
    hub_secret: &[u8],
) -> Result<ChannelPorts, StartError> {
    let mut ports = ChannelPorts::default();
    whatsapp(config, clock, &mut ports)?;
    sms(config, clock, hub_secret, &mut ports)?;
    Ok(ports)
}

fn whatsapp(config: &Config, clock: &Arc<dyn Clock>, ports: &mut ChannelPorts) -> Result<(), StartError> {
    let section = &config.whatsapp;
    if !section.enabled {
        return Ok(());
    }
    let client = client()?;
    let account = Account {
        base_url: section.graph_base_url.clone(),
        version: section.graph_version.clone(),
        number_id: section.phone_number_id.clone(),
        access_token: text(section.access_token.as_ref()),
    };
    let fetcher = Fetcher::new(client.clone(), account.clone()).with_hosts(section.media_hosts.clone());
    let previous = section.previous_app_secret.as_ref();
    let secrets = AppSecrets::new(
        text(section.app_secret.as_ref()),
        previous.map(|secret| secret.expose().to_owned()),
    );
    let door = Door::new(
        secrets,
        text(section.verify_token.as_ref()),
        section.phone_number_id.clone(),
        Arc::clone(clock),
    );
    ports.whatsapp = Some(Arc::new(Paced::new(
        WhatsApp::new(client, account),
        Pace::default(),
    )));
    ports.files = Some(Arc::new(fetcher));
    ports.whatsapp_reports = Some(Arc::new(door));
    Ok(())
}

fn sms(
    config: &Config,
    clock: &Arc<dyn Clock>,
    hub_secret: &[u8],
    ports: &mut ChannelPorts,
) -> Result<(), StartError> {
    let section = &config.sms;
    if !section.enabled {
        return Ok(());
    }
    let token = sms::token(hub_secret);
    let account = exotel::Account {
        base_url: section.base_url.clone(),
        sid: section.account_sid.clone(),
        api_key: text(section.api_key.as_ref()),
        api_token: text(section.api_token.as_ref()),
        sender: section.sender.clone(),
        status_callback: Some(address(config, "sms/status", &token)),
    };
    let callbacks = Box::new(ExotelCallbacks::default());
    ports.sms = Some(Arc::new(Exotel::new(client()?, account)));
    ports.sms_reports = Some(Arc::new(sms::Door::new(callbacks, token, Arc::clone(clock))));
    Ok(())
}

/// What is to be entered at the channels' providers, a line each.
pub(super) fn addresses(config: &Config, hub_secret: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    if config.whatsapp.enabled {
        let webhook = format!("{}/api/channels/whatsapp/webhook", base(config));
        lines.push(format!("WhatsApp's webhook (enter it at Meta): {webhook}"));
    }
    if config.sms.enabled {
        let incoming = address(config, "sms/incoming", &sms::token(hub_secret));
        lines.push(format!(
            "Incoming SMS (enter it at Exotel; who knows it can write as any number): {incoming}"
        ));
    }
    lines
}

fn address(config: &Config, place: &str, token: &str) -> String {
    format!("{}/api/channels/{place}/{token}", base(config))
}

fn base(config: &Config) -> &str {
    let configured = config.server.public_url.as_deref();
    configured.unwrap_or("https://<your host>").trim_end_matches('/')
}

fn text(secret: Option<&Secret>) -> String {
    secret
        .map(|secret| secret.expose().to_owned())
        .unwrap_or_default()
}

fn client() -> Result<Client, StartError> {
    egress::client().map_err(|error| StartError::Channels(error.to_string()))
}
