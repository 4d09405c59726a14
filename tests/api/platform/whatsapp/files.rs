//! Files of customers: fetched, checked, heard where they are spoken words, handed to an agent where they are not.

use std::sync::Arc;

use switchboard_domain::conversation::Status;
use switchboard_domain::message::Message;
use switchboard_testbed::graph::{File, samples};

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
    let chat = Chat::start().await;
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
    let chat = Chat::start().await;
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
    let chat = Chat::start().await;
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
