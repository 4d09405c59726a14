//! Files of customers: fetched, checked, heard where they are spoken words, handed to an agent where they are not.

use std::sync::Arc;

use switchboard_domain::conversation::Status;
use switchboard_domain::message::Message;
use switchboard_testbed::fault::Fault;
use switchboard_testbed::graph::{Call, File, samples};

use super::{CUSTOMER, Chat, fresh};

fn recording() -> Vec<u8> {
    let mut ogg = b"OggS".to_vec();
    ogg.resize(4_000, 0);
    ogg
}

fn settled(messages: &[Arc<Message>]) -> bool {
    let first = &messages[0];
    !first.attachments.is_empty() || !first.failure.is_empty()
}

#[tokio::test]
async fn a_document_is_kept_as_it_came_and_an_agent_sees_it() {
    let chat = Chat::with_files().await;
    let file = chat.graph.keep_file("application/pdf", "%PDF-1.4 an invoice");
    chat.comes(fresh(samples::media(
        CUSTOMER,
        "wamid.1",
        "document",
        &file,
        "application/pdf",
    )))
    .await;
    let messages = chat.until("the document", settled).await;
    let attachment = &messages[0].attachments[0];
    assert_eq!(attachment.name, "invoice.pdf");
    let kept = chat.world.hub.services().ports.blobs.get(attachment.blob).await;
    assert_eq!(kept.unwrap().unwrap(), b"%PDF-1.4 an invoice");
    assert!(matches!(chat.conversation().status, Status::Waiting { .. }));
}

#[tokio::test]
async fn a_file_that_is_not_what_was_promised_is_not_kept() {
    let chat = Chat::with_files().await;
    let file = chat.graph.keep(File {
        has_wrong_hash: true,
        ..File::new("application/pdf", b"something else".to_vec())
    });
    chat.comes(fresh(samples::media(
        CUSTOMER,
        "wamid.1",
        "document",
        &file,
        "application/pdf",
    )))
    .await;
    let messages = chat.until("the refusal", settled).await;
    assert!(messages[0].attachments.is_empty());
    assert!(messages[0].failure.contains("hash"), "{}", messages[0].failure);
    assert!(matches!(chat.conversation().status, Status::Waiting { .. }));
}

#[tokio::test]
async fn a_recording_that_nothing_here_can_hear_is_an_agents() {
    let chat = Chat::with_files().await;
    let file = chat.graph.keep_file("audio/ogg; codecs=opus", recording());
    chat.comes(fresh(samples::media(
        CUSTOMER,
        "wamid.1",
        "audio",
        &file,
        "audio/ogg",
    )))
    .await;
    chat.until("the recording", settled).await;
    assert!(matches!(chat.conversation().status, Status::Waiting { .. }));
}

/// Names of this machine that lead back to it: where there are none besides `localhost`, that one alone.
async fn own_names() -> Vec<String> {
    let mut names = vec!["localhost".to_owned()];
    let own = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let own = own.trim().to_lowercase();
    let found = tokio::net::lookup_host((own.as_str(), 443)).await;
    let leads_back = |addresses: Vec<std::net::SocketAddr>| {
        addresses
            .iter()
            .all(|address| !switchboard::egress::address::is_open(address.ip()))
    };
    if found.is_ok_and(|found| leads_back(found.collect())) {
        names.push(own);
    }
    names
}

#[tokio::test]
async fn a_file_that_is_said_to_lie_in_our_own_network_is_not_fetched() {
    let names = own_names().await;
    let listed = serde_json::to_string(&names).unwrap();
    let chat = Chat::start_with(&[("SWITCHBOARD_WHATSAPP__MEDIA_HOSTS", listed.as_str())]).await;
    let own = chat.graph.keep_file("application/pdf", "%PDF-1.4 an invoice");
    let listed = names
        .iter()
        .map(|name| format!("https://{name}/attachments/?mid={own}"));
    let there = format!("{}/attachments/?mid={own}", chat.graph.base_url());
    for (place, url) in listed.chain([there]).enumerate() {
        let answer = serde_json::json!({"url": url, "mime_type": "application/pdf"}).to_string();
        chat.graph
            .fail_next(Call::Address, 1, Fault::Answer(200, answer, None));
        let id = format!("wamid.{place}");
        chat.comes(fresh(samples::media(
            CUSTOMER,
            &id,
            "document",
            &own,
            "application/pdf",
        )))
        .await;
        let is_it = |message: &&Arc<Message>| message.provided.as_ref().is_some_and(|told| told.id == id);
        let messages = chat
            .until(&url, |all| {
                all.iter()
                    .find(is_it)
                    .is_some_and(|told| !told.failure.is_empty())
            })
            .await;
        let told = messages.iter().find(is_it).unwrap();
        assert!(told.attachments.is_empty());
        assert!(
            told.failure.contains("egress.allow_private"),
            "{url}: {}",
            told.failure
        );
    }
}

#[tokio::test]
async fn a_file_that_leads_elsewhere_is_not_followed() {
    let chat = Chat::with_files().await;
    let file = chat.graph.keep_file("application/pdf", "%PDF-1.4 an invoice");
    let moved = Fault::Answer(302, String::new(), None);
    chat.graph.fail_next(Call::Download, 1, moved);
    let document = samples::media(CUSTOMER, "wamid.1", "document", &file, "application/pdf");
    chat.comes(fresh(document)).await;
    let messages = chat.until("the refusal", settled).await;
    assert!(messages[0].failure.contains("302"), "{}", messages[0].failure);
}
