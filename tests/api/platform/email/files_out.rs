//! Files that go out by mail.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::super::attachments::file;
use super::Post;

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_carries_its_files_whole_and_staff_find_them_in_the_conversation() {
    let Some(post) = Post::start().await else { return };
    let invoice: Vec<u8> = (0..200_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    let body = json!({
        "to": "bob@mail.example", "subject": "Your invoice", "text": "As you asked.",
        "attachments": [file("Rechnung M\u{e4}rz.pdf", "application/pdf", &invoice), file("note.txt", "text/plain", b"Thanks")]
    });
    let service = post.world.service().await;
    let sent = service.post("/api/channels/email/send", &body).await;
    assert_eq!(
        (sent.status, &sent.body["status"]),
        (200, &json!("sent")),
        "{}",
        sent.text
    );
    let went = post.sent(1).await.remove(0);
    let written = went["body"].as_str().unwrap().replace('\n', "");
    assert!(written.contains(&STANDARD.encode(&invoice)), "every byte of it");
    assert!(written.contains("note.txt"), "{}", &written[..400]);

    let session = sent.body["sessionId"].as_str().unwrap();
    let agent = post.world.agent().await;
    let told = agent.get(&format!("/api/admin/sessions/{session}")).await.body;
    let files = &told["messages"][0]["attachments"];
    assert_eq!(files[0]["name"], "Rechnung M\u{e4}rz.pdf");
    let path = format!(
        "/api/admin/sessions/{session}/messages/1/attachments/{}",
        files[0]["id"].as_str().unwrap()
    );
    let kept = agent.get(&path).await;
    assert_eq!((kept.status, kept.header("content-length")), (200, "200000"));

    let answer = json!({"attachments": [file("more.txt", "text/plain", b"One more")]});
    let answered = agent
        .post(&format!("/api/admin/sessions/{session}/messages"), &answer)
        .await;
    assert_eq!(answered.status, 200, "{}", answered.text);
    let went = post.sent(2).await.remove(1);
    assert!(went["body"].as_str().unwrap().contains("more.txt"), "{went}");
    assert!(
        went["references"].as_str().is_some(),
        "it goes on in the thread: {went}"
    );
}
