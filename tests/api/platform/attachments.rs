//! Files of messages, downloaded by staff: byte for byte, as nothing that runs, and by nobody else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::email::unreachable;
use crate::support::World;

/// A file as callers bring it.
pub(super) fn file(name: &str, media_type: &str, content: &[u8]) -> Value {
    json!({"filename": name, "contentType": media_type, "content": STANDARD.encode(content)})
}

/// The one session there is, with its messages.
async fn told(world: &World) -> Value {
    let listed = world.admin.get("/api/admin/sessions/active").await;
    let id = listed.body["sessions"][0]["id"].as_str().unwrap().to_owned();
    world.admin.get(&format!("/api/admin/sessions/{id}")).await.body
}

fn path(told: &Value, file: usize) -> String {
    let session = told["session"]["id"].as_str().unwrap();
    let message = &told["messages"][0];
    let id = message["attachments"][file]["id"].as_str().unwrap();
    format!(
        "/api/admin/sessions/{session}/messages/{}/attachments/{id}",
        message["sequence"]
    )
}

#[tokio::test]
async fn staff_download_a_mails_files_byte_for_byte_and_no_browser_takes_them_for_a_page() {
    let world = unreachable().await;
    let page = b"<script>alert(1)</script>";
    let mail = json!({
        "from": "ann@mail.example", "subject": "Bill", "text": "See the files.",
        "attachments": [file("bill, M\u{e4}rz.html", "text/html", page), file("a.png", "image/png", b"\x89PNG")]
    });
    let taken = world.admin.post("/api/channels/email/process", &mail).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    let told = told(&world).await;
    assert_eq!(told["session"]["address"], "ann@mail.example");
    assert_eq!(told["session"]["subject"], "Bill");
    assert_eq!(told["session"]["conversationId"], told["session"]["id"]);
    let first = &told["messages"][0]["attachments"][0];
    assert_eq!(first["name"], "bill, M\u{e4}rz.html");
    assert_eq!(
        (&first["mediaType"], &first["bytes"]),
        (&json!("text/html"), &json!(page.len()))
    );

    for persona in [&world.admin, &world.agent().await, &world.service().await] {
        let answer = persona.get(&path(&told, 0)).await;
        assert_eq!((answer.status, answer.text.as_bytes()), (200, page.as_slice()));
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").contains("sandbox"));
        let named = answer.header("content-disposition");
        assert_eq!(named, "attachment; filename*=UTF-8''bill%2C%20M%C3%A4rz.html");
    }
    let image = world.admin.get(&path(&told, 1)).await;
    assert_eq!(image.header("content-type"), "image/png");
}

#[tokio::test]
async fn nobody_else_downloads_a_file_and_its_id_opens_it_nowhere_but_in_its_message() {
    let world = World::start().await;
    let recording = json!({"audio": STANDARD.encode(b"fLaC..........."), "format": "flac", "userId": "anna", "sessionId": "s1"});
    let kept = world.admin.post("/api/core/messages/audio", &recording).await;
    assert_eq!(kept.status, 200, "{}", kept.text);
    let told = told(&world).await;
    let path = path(&told, 0);
    assert!(path.starts_with("/api/admin/sessions/s1/messages/1/"), "{path}");
    assert_eq!(world.admin.get(&path).await.text, "fLaC...........");
    assert_eq!(world.nobody.get(&path).await.status, 401);
    assert_eq!(world.customer().await.get(&path).await.status, 403);
    assert_eq!(world.other_admin().await.get(&path).await.status, 404);
    for wrong in [
        path.replace("/messages/1/", "/messages/2/"),
        path.replace("/messages/1/", "/messages/x/"),
        path.replace("/sessions/s1/", "/sessions/s2/"),
        path.trim_end_matches(|c: char| c.is_ascii_hexdigit()).to_owned() + &"0".repeat(64),
    ] {
        assert_eq!(world.admin.get(&wrong).await.status, 404, "{wrong}");
    }
}
