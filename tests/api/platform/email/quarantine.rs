//! The quarantine of mails: seen as they came, tried again, thrown away, by admins alone.

use hyper::Method;
use serde_json::{Value, json};
use switchboard_actors::records::mailboxes::{self, MailCursor, QuarantinedMail};
use switchboard_domain::message::BlobId;
use switchboard_domain::ports::engine::Batch;

use super::{conversations, mail, messages, unreachable};
use crate::support::{Answer, World};

const QUARANTINE: &str = "/api/channels/email/quarantine";

/// A mail that an earlier version, say, could not understand; its id.
async fn kept(world: &World, raw: &[u8], is_cut: bool) -> String {
    let services = world.hub.services();
    let blob: BlobId = services.ports.blobs.put(raw.to_vec()).await.unwrap();
    let mail = QuarantinedMail {
        raw: blob,
        bytes: raw.len() as u64,
        at: services.now(),
        folder: "support@127.0.0.1/INBOX".to_owned(),
        place: MailCursor {
            uid_validity: 1,
            uid: 7,
        },
        reason: "it was not understood then".to_owned(),
        is_cut,
    };
    let organization = world.hub.credentials().default_organization().unwrap();
    let mut batch = Batch::new();
    mailboxes::quarantine(&mut batch, organization, &mail).unwrap();
    services.records().commit(batch).await.unwrap();
    blob.to_string()
}

async fn listed(world: &World) -> Vec<Value> {
    let listed = world.admin.get(QUARANTINE).await;
    listed.body.as_array().unwrap().clone()
}

async fn retried(world: &World, id: &str) -> Answer {
    let path = format!("{QUARANTINE}/{id}/retry");
    world.admin.post(&path, &json!({})).await
}

#[tokio::test]
async fn an_admin_downloads_a_mail_byte_for_byte_and_no_browser_takes_it_for_a_page() {
    let world = unreachable().await;
    let raw = b"Subject: \xff\xfe <script>alert(1)</script>\r\n\r\ntext\r\n";
    let id = kept(&world, raw, false).await;
    let answer = world.admin.get(&format!("{QUARANTINE}/{id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.text, String::from_utf8_lossy(raw));
    assert_eq!(answer.header("content-type"), "message/rfc822");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("content-disposition").starts_with("attachment"));
    assert!(answer.header("content-security-policy").contains("sandbox"));
}

#[tokio::test]
async fn what_can_be_understood_now_is_taken_in_once_and_leaves_the_quarantine() {
    let world = unreachable().await;
    let raw = mail(
        "ann@mail.example",
        "p@mail.example",
        "Order A-1",
        "",
        "Where is it?",
    );
    let id = kept(&world, &raw, false).await;
    let (one, other) = tokio::join!(retried(&world, &id), retried(&world, &id));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404], "{} {}", one.text, other.text);
    let taken = if one.status == 200 { one } else { other };
    assert_eq!(taken.body["status"], "received", "{}", taken.text);
    assert_eq!(listed(&world).await, Vec::<Value>::new());
    assert_eq!(conversations(&world.admin).await.len(), 1);
    let messages = messages(&world.admin, taken.body["sessionId"].as_str().unwrap()).await;
    assert_eq!(messages[0]["id"], taken.body["messageId"], "{messages:?}");
    assert!(messages[0].to_string().contains("Where is it?"), "{messages:?}");
}

#[tokio::test]
async fn what_still_cannot_be_understood_stays_with_its_reason() {
    let world = unreachable().await;
    let id = kept(&world, b"Subject: from nobody\r\n\r\ntext\r\n", false).await;
    let refused = retried(&world, &id).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(refused.text.contains("who wrote it"), "{}", refused.text);
    let listed = listed(&world).await;
    assert_eq!(listed[0]["reason"], "it does not say who wrote it", "{listed:?}");
    assert_eq!(listed[0]["id"], id);
}

#[tokio::test]
async fn a_mail_of_which_only_the_beginning_was_kept_is_not_taken_for_all_of_it() {
    let world = unreachable().await;
    let raw = mail("ann@mail.example", "p@mail.example", "Order A-1", "", "");
    let id = kept(&world, &raw, true).await;
    assert_eq!(listed(&world).await[0]["truncated"], true);
    let refused = retried(&world, &id).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(conversations(&world.admin).await.is_empty());
}

#[tokio::test]
async fn what_is_thrown_away_is_gone_with_its_bytes_unless_a_message_holds_them() {
    let world = unreachable().await;
    let blobs = &world.hub.services().ports.blobs;
    let raw = mail(
        "ann@mail.example",
        "p@mail.example",
        "Order A-1",
        "",
        "Where is it?",
    );
    let held = kept(&world, &raw, false).await;
    assert_eq!(retried(&world, &held).await.status, 200);
    for (raw, is_held) in [(raw.as_slice(), true), (b"Subject: from nobody\r\n\r\n", false)] {
        let id = kept(&world, raw, false).await;
        let path = format!("{QUARANTINE}/{id}");
        assert_eq!(world.admin.delete(&path).await.status, 204);
        assert_eq!(world.admin.delete(&path).await.status, 404);
        assert_eq!(world.admin.get(&path).await.status, 404);
        let kept = blobs.get(BlobId::parse(&id).unwrap()).await.unwrap();
        assert_eq!(kept.is_some(), is_held);
    }
    assert_eq!(listed(&world).await, Vec::<Value>::new());
}

#[tokio::test]
async fn agents_see_the_list_and_nobody_but_admins_the_mails() {
    let world = unreachable().await;
    let id = kept(&world, b"Subject: from nobody\r\n\r\ntext\r\n", false).await;
    let (agent, service) = (world.agent().await, world.service().await);
    assert_eq!(agent.get(QUARANTINE).await.body[0]["id"], id);
    for persona in [&agent, &service] {
        for (method, path) in [
            (Method::GET, format!("{QUARANTINE}/{id}")),
            (Method::DELETE, format!("{QUARANTINE}/{id}")),
            (Method::POST, format!("{QUARANTINE}/{id}/retry")),
        ] {
            let refused = persona.json(method, &path, &json!({})).await;
            assert_eq!(refused.status, 403, "{}", refused.text);
        }
    }
    assert_eq!(listed(&world).await.len(), 1);
}
