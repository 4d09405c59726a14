//! `/api/channels/email/*`: sending, handing mails over, the listener, the quarantine.

use super::{Post, QUESTION, conversations, mail, messages, until};
use crate::support::World;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_sent_to_an_address_and_again_into_its_conversation() {
    let Some(post) = Post::start().await else { return };
    let service = post.world.service().await;
    let body = json!({
        "to": "Bob@Mail.example", "subject": "Your Support Request", "text": "Thank you for contacting us.",
        "html": "<p>Thank you for <b>contacting</b> us.</p>", "replyTo": "orders@shop.example"
    });
    let first = service.post("/api/channels/email/send", &body).await;
    assert_eq!(
        (first.status, &first.body["status"]),
        (200, &json!("sent")),
        "{}",
        first.text
    );
    let went = post.sent(1).await.remove(0);
    assert_eq!(went["subject"], "Your Support Request");
    assert_eq!(went["reply-to"], "orders@shop.example");
    assert!(
        went["body"].as_str().unwrap().contains("<b>contacting</b>"),
        "{went}"
    );

    let thread = &first.body["sessionId"];
    let mut again = body.clone();
    again["threadId"] = thread.clone();
    let second = service.post("/api/channels/email/send", &again).await;
    assert_eq!(
        (second.status, &second.body["sessionId"]),
        (200, thread),
        "{}",
        second.text
    );
    for (to, thread) in [
        ("eve@mail.example", thread.clone()),
        ("bob@mail.example", json!("nothing")),
    ] {
        again["to"] = json!(to);
        again["threadId"] = thread;
        let refused = service.post("/api/channels/email/send", &again).await;
        assert_eq!(refused.status, 404, "{}", refused.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_handed_over_is_taken_in_like_any_other() {
    let Some(post) = Post::start().await else { return };
    let (service, admin) = (post.world.service().await, &post.world.admin);
    let body = json!({
        "from": "Customer@Mail.example", "subject": "Help", "text": QUESTION,
        "attachments": [{"filename": "note.txt", "contentType": "text/plain", "content": "aGVsbG8="}]
    });
    let taken = service.post("/api/channels/email/process", &body).await;
    assert_eq!(
        (taken.status, &taken.body["status"]),
        (200, &json!("processed")),
        "{}",
        taken.text
    );
    let answer = post.sent(1).await.remove(0);
    assert_eq!(answer["x-envelope-to"], "customer@mail.example");
    let id = conversations(admin).await[0]["id"].clone();
    let first = messages(admin, id.as_str().unwrap()).await;
    assert_eq!(first[0]["id"], taken.body["messageId"]);

    let reply =
        json!({"from": "customer@mail.example", "subject": "Re: Help", "text": "Thanks.", "threadId": id});
    let joined = service.post("/api/channels/email/process", &reply).await;
    assert_eq!(joined.status, 200, "{}", joined.text);
    assert_eq!(conversations(admin).await.len(), 1);
    let mut other = reply.clone();
    other["from"] = json!("eve@mail.example");
    let refused = service.post("/api/channels/email/process", &other).await;
    assert_eq!(refused.status, 404, "{}", refused.text);
}

#[tokio::test]
async fn a_wrong_field_of_a_mail_is_named() {
    let world = World::start().await;
    let sending = json!({"to": "a@mail.example", "subject": "Hi", "text": "Hello"});
    for (field, value) in [
        ("to", json!("nobody")),
        ("to", json!(5)),
        ("subject", json!("a\nBcc: b@mail.example")),
        ("subject", json!("")),
        ("text", json!(" ")),
        ("replyTo", json!("x")),
        ("html", json!("a".repeat(300_000))),
    ] {
        let mut body = sending.clone();
        body[field] = value;
        let refused = world.admin.post("/api/channels/email/send", &body).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert!(refused.text.contains(field), "{field}: {}", refused.text);
    }
    let processing = json!({"from": "a@mail.example", "subject": "Hi", "text": "Hello"});
    for (field, value) in [
        ("from", json!("nobody")),
        ("subject", json!("a\nb")),
        (
            "attachments",
            json!([{"filename": "a", "contentType": "text/plain", "content": "%"}]),
        ),
        ("attachments", json!("a")),
    ] {
        let mut body = processing.clone();
        body[field] = value;
        let refused = world.admin.post("/api/channels/email/process", &body).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert!(refused.text.contains(field), "{field}: {}", refused.text);
    }
    let off = world.admin.post("/api/channels/email/process", &processing).await;
    assert_eq!(off.status, 409, "no mailbox is configured: {}", off.text);
    assert!(conversations(&world.admin).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_is_stopped_reads_nothing_until_it_is_started() {
    let Some(post) = Post::start().await else { return };
    let admin = &post.world.admin;
    let stopped = admin.post("/api/channels/email/listener/stop", &json!({})).await;
    assert_eq!(
        stopped.body,
        json!({"status": "stopped", "message": "Email listener has been stopped"})
    );
    until("the listener's end", || async {
        let health = post.world.nobody.get("/health").await;
        (health.body["dependencies"]["email"] == "degraded").then_some(())
    })
    .await;
    post.imap
        .deliver(&mail("ann@mail.example", "p@mail.example", "Hi", "", QUESTION))
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(conversations(admin).await.is_empty());
    let started = admin.post("/api/channels/email/listener/start", &json!({})).await;
    assert_eq!(
        started.body,
        json!({"status": "started", "message": "Email listener has been started"})
    );
    post.sent(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_mail_goes_to_quarantine_with_the_reason_and_the_next_one_is_read() {
    let Some(post) = Post::start().await else { return };
    post.imap
        .deliver(b"Subject: from nobody\r\n\r\ntext\r\n")
        .unwrap();
    post.imap
        .deliver(&mail("ann@mail.example", "p@mail.example", "Hi", "", QUESTION))
        .unwrap();
    post.sent(1).await;
    let listed = post.world.admin.get("/api/channels/email/quarantine").await;
    let listed = listed.body.as_array().unwrap().clone();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["reason"], "it does not say who wrote it");
    assert_eq!(listed[0]["uid"], 1);
    assert!(listed[0]["mailbox"].as_str().unwrap().ends_with("/INBOX"));
}
