//! Files that staff send by WhatsApp, and those that nothing carries.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use switchboard_domain::conversation::Status;
use switchboard_domain::message::{BlobId, DeliveryStatus};

use super::super::attachments::file;
use super::outbound::with_agent;
use super::{CUSTOMER, Chat};
use crate::support::{Answer, Persona};

const PICTURE: &[u8] = b"\x89PNG of a parcel";

impl Chat {
    /// An agent writes into the one conversation there is.
    async fn answers(&self, agent: &Persona, body: &Value) -> Answer {
        let path = format!("/api/admin/sessions/{}/messages", self.conversation().id);
        agent.post(&path, body).await
    }
}

#[tokio::test]
async fn an_agent_answers_with_a_picture_and_with_a_document_that_needs_no_words() {
    let chat = with_agent().await;
    let agent = chat.world.agent().await;
    let picture = json!({"text": "Yours?", "messageId": "m-1",
        "attachments": [file("parcel.png", "image/png", PICTURE)]});
    let written = chat.answers(&agent, &picture).await;
    assert_eq!(written.status, 200, "{}", written.text);
    assert!(matches!(chat.conversation().status, Status::WithAgent { .. }));
    chat.until_is(3, DeliveryStatus::Sent).await;
    let again = chat.answers(&agent, &picture).await;
    assert_eq!(
        again.body["messageId"], written.body["messageId"],
        "{}",
        again.text
    );
    let bare = json!({"attachments": [file("terms.txt", "text/plain", b"Thirty days.")]});
    let bare = chat.answers(&agent, &bare).await;
    assert_eq!(bare.status, 200, "{}", bare.text);
    chat.until_is(4, DeliveryStatus::Sent).await;

    let sent = chat.graph.wait_for_sent(3).await;
    assert_eq!(sent.len(), 3, "{sent:?}");
    assert_eq!(
        (sent[1].kind.as_str(), &sent[1].body["image"]["caption"]),
        ("image", &json!("Yours?"))
    );
    assert_eq!(
        (sent[2].kind.as_str(), &sent[2].body["document"]["filename"]),
        ("document", &json!("terms.txt"))
    );
    let uploads = chat.graph.uploads();
    let contents: Vec<_> = uploads.iter().map(|upload| upload.content.as_slice()).collect();
    assert_eq!(contents, [PICTURE, b"Thirty days."]);
    assert_eq!(chat.graph.refusals(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_service_sends_a_file_to_a_number() {
    let chat = with_agent().await;
    let body = json!({"to": CUSTOMER, "attachments": [file("label.pdf", "application/pdf", b"%PDF-1.4")]});
    let service = chat.world.service().await;
    let sent = service.post("/api/channels/whatsapp/messages", &body).await;
    assert_eq!(
        (sent.status, &sent.body["status"]),
        (200, &json!("sent")),
        "{}",
        sent.text
    );
    assert_eq!(chat.graph.uploads()[0].name, "label.pdf");
}

#[tokio::test]
async fn what_nothing_carries_is_refused_with_its_field_and_leaves_nothing() {
    let chat = with_agent().await;
    let agent = chat.world.agent().await;
    let one = || file("a.png", "image/png", PICTURE);
    let before = chat.messages().len();
    for (wrong, field) in [
        (json!({"attachments": [one(), one()]}), "attachments"),
        (json!({"text": "a".repeat(1_025), "attachments": [one()]}), "text"),
        (
            json!({"attachments": [file("a.png", "image/png", b"")]}),
            "attachments.content",
        ),
        (
            json!({"attachments": [{"filename": "a", "contentType": "a/b", "content": "%"}]}),
            "attachments.content",
        ),
        (
            json!({"attachments": [file("a\nb", "image/png", PICTURE)]}),
            "attachments.filename",
        ),
        (
            json!({"attachments": [file("a.png", "picture", PICTURE)]}),
            "attachments.contentType",
        ),
        (
            json!({"attachments": [file("a.png", "image/png\r\nX: y", PICTURE)]}),
            "attachments.contentType",
        ),
        (json!({"attachments": vec![one(); 21]}), "attachments"),
        (json!({"attachments": []}), "text"),
        (json!({}), "text"),
    ] {
        let refused = chat.answers(&agent, &wrong).await;
        assert_eq!(refused.status, 400, "{wrong}: {}", refused.text);
        assert!(refused.text.contains(field), "{field}: {}", refused.text);
    }
    let template = json!({"to": CUSTOMER, "type": "template", "attachments": [one()],
        "template": {"name": "order_shipped", "language": "en_US", "values": ["A-1"]}});
    let refused = chat
        .world
        .admin
        .post("/api/channels/whatsapp/messages", &template)
        .await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert_eq!(chat.messages().len(), before);
    assert_eq!(chat.graph.uploads().len(), 0);
}

#[tokio::test]
async fn files_of_a_message_that_is_not_stored_are_not_kept_and_those_of_one_that_is_are() {
    let chat = with_agent().await;
    let (agent, service) = (chat.world.agent().await, chat.world.service().await);
    let path = format!("/api/admin/sessions/{}/messages", chat.conversation().id);
    let body =
        |content: &[u8]| json!({"messageId": "m-1", "attachments": [file("a.txt", "text/plain", content)]});
    let stored = agent.post(&path, &body(b"first")).await;
    assert_eq!(stored.status, 200, "{}", stored.text);
    let again = agent.post(&path, &body(b"first")).await;
    assert_eq!(
        again.body["messageId"], stored.body["messageId"],
        "{}",
        again.text
    );
    let other = agent.post(&path, &body(b"other")).await;
    assert_eq!(other.status, 409, "{}", other.text);
    chat.world.admin.closes(&chat.conversation().id.to_string()).await;
    let late = json!({"attachments": [file("late.txt", "text/plain", b"late")]});
    let refused = service.post(&path, &late).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let blobs = &chat.world.hub.services().ports.blobs;
    for (content, is_kept) in [(b"first".as_slice(), true), (b"other", false), (b"late", false)] {
        let kept = blobs.get(BlobId(Sha256::digest(content).into())).await.unwrap();
        assert_eq!(kept.as_deref(), is_kept.then_some(content));
    }
}

#[tokio::test]
async fn web_chat_takes_no_files_and_only_staff_write_so() {
    let chat = with_agent().await;
    let customer = chat.world.customer().await;
    let asked = customer
        .post("/api/core/messages", &json!({"message": {"text": "Hello"}}))
        .await;
    let session = asked.body["sessionId"].as_str().unwrap().to_owned();
    let path = format!("/api/admin/sessions/{session}/messages");
    let with_file = json!({"text": "Look", "attachments": [file("a.png", "image/png", PICTURE)]});
    let agent = chat.world.agent().await;
    let refused = agent.post(&path, &with_file).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert!(refused.text.contains("attachments"), "{}", refused.text);
    let plain = agent.post(&path, &json!({"text": "Good day"})).await;
    assert_eq!(plain.status, 200, "{}", plain.text);
    assert_eq!(customer.post(&path, &json!({"text": "Me"})).await.status, 403);
    let missing = agent
        .post("/api/admin/sessions/none/messages", &json!({"text": "Hello"}))
        .await;
    assert_eq!(missing.status, 404, "{}", missing.text);
}

#[tokio::test]
async fn files_beyond_the_limit_are_too_large() {
    let chat = Chat::start_with(&[("SWITCHBOARD_SERVER__MAX_FILES_BYTES", "1500000")]).await;
    let large =
        |bytes: usize| json!({"attachments": [file("a.bin", "application/octet-stream", &vec![7; bytes])]});
    let path = "/api/admin/sessions/none/messages";
    // As Base64 it is larger than any other request may be.
    let fits = chat.world.admin.post(path, &large(1_500_000)).await;
    assert_eq!(fits.status, 404, "{}", fits.text);
    let refused = chat.world.admin.post(path, &large(3_000_000)).await;
    assert_eq!(refused.status, 413, "{}", refused.text);
}
