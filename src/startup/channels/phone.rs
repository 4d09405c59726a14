//! The channels that reach telephones, WhatsApp's cloud API and Exotel, and what the operator is to enter there.
//!
//! Invariant: a channel that is off leaves its ports empty.

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

use super::exposed as text;
use super::foreign::Foreign;
use crate::config::Config;
use crate::egress;
use crate::startup::StartError;

/// Opens what is configured.
pub(super) fn open(
    config: &Config,
    secret: &[u8],
    clock: &Arc<dyn Clock>,
    ports: &mut ChannelPorts,
) -> Result<(), StartError> {
    whatsapp(config, clock, ports)?;
    sms(config, secret, clock, ports)
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
    let foreign = Arc::new(Foreign::new(config.egress.allow_private));
    let fetcher =
        Fetcher::new(client.clone(), foreign, account.clone()).with_hosts(section.media_hosts.clone());
    let secrets = app_secrets(config);
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

fn app_secrets(config: &Config) -> AppSecrets {
    let section = &config.whatsapp;
    let previous = section.previous_app_secret.as_ref();
    AppSecrets::new(
        text(section.app_secret.as_ref()),
        previous.map(|secret| secret.expose().to_owned()),
    )
}

/// The signature that WhatsApp would make of a call.
pub(in crate::startup) fn whatsapp_signature(config: &Config, body: &[u8]) -> Option<String> {
    app_secrets(config).sign(body)
}

fn sms(
    config: &Config,
    secret: &[u8],
    clock: &Arc<dyn Clock>,
    ports: &mut ChannelPorts,
) -> Result<(), StartError> {
    let section = &config.sms;
    if !section.enabled {
        return Ok(());
    }
    let token = sms::token(secret);
    let account = exotel::Account {
        base_url: section.base_url.clone(),
        sid: section.account_sid.clone(),
        api_key: text(section.api_key.as_ref()),
        api_token: text(section.api_token.as_ref()),
        sender: section.sender.clone(),
        status_callback: Some(address(config, "sms/status", &token)),
    };
    let callbacks = Box::new(ExotelCallbacks::new(section.country_code.clone()));
    ports.sms = Some(Arc::new(Exotel::new(client()?, account)));
    let door = sms::Door::new(callbacks, token, Arc::clone(clock));
    ports.sms_reports = Some(Arc::new(door));
    Ok(())
}

/// What is to be entered at the channels' providers, a line each.
pub(in crate::startup) fn addresses(config: &Config, hub_secret: &[u8]) -> Vec<String> {
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

fn client() -> Result<Client, StartError> {
    egress::client().map_err(|error| StartError::Channel(error.to_string()))
}
