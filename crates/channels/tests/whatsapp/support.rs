//! What the tests share: a client like the hub's, a message to send, a webhook that is signed and read.

use std::time::Duration;

use switchboard_channels::whatsapp::client::{Account, WhatsApp};
use switchboard_channels::whatsapp::report::{self, Addressed, Report};
use switchboard_channels::whatsapp::signature::{AppSecrets, Verified};
use switchboard_domain::ports::transport::Outgoing;
use switchboard_testbed::graph::{self, Graph, Webhook};

/// The customer of the tests.
pub(crate) const CUSTOMER: &str = "16505551234";

/// An HTTP client as the composition root makes it: no redirects.
pub(crate) fn http_client() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(2))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

pub(crate) fn account(graph: &Graph) -> Account {
    Account {
        base_url: graph.base_url(),
        version: graph::VERSION.into(),
        number_id: graph::NUMBER_ID.into(),
        access_token: graph::ACCESS_TOKEN.into(),
    }
}

pub(crate) fn client(graph: &Graph) -> WhatsApp {
    WhatsApp::new(http_client(), account(graph))
}

pub(crate) fn outgoing(text: &str) -> Outgoing {
    Outgoing {
        reference: "out_1".into(),
        to: format!("+{CUSTOMER}"),
        to_name: "Kerry".into(),
        text: text.into(),
        files: Vec::new(),
        replies_to: None,
        template: None,
        letter: None,
    }
}

pub(crate) fn verified(body: &[u8]) -> Verified<'_> {
    let header = graph::sign(graph::APP_SECRET, body);
    AppSecrets::new(graph::APP_SECRET.into(), None)
        .verify(Some(&header), body)
        .unwrap()
}

pub(crate) fn read(webhook: &Webhook) -> Vec<Addressed> {
    report::parse(verified(&webhook.bytes()))
}

/// The one report of a webhook.
pub(crate) fn read_one(webhook: &Webhook) -> Report {
    let mut reports = read(webhook);
    assert_eq!(reports.len(), 1, "{reports:?}");
    reports.remove(0).report
}
