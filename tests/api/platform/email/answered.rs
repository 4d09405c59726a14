//! A customer's mail, its answer, the reply to that, and an agent who takes over.

use super::{Post, QUESTION, conversations, mail, messages, until};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_mail_is_answered_in_its_thread_and_its_reply_joins_the_conversation() {
    let Some(post) = Post::start().await else { return };
    let ann = "Ann <Ann@Mail.example>";
    let text = format!("{QUESTION}\r\n-- \r\nAnn");
    post.imap
        .deliver(&mail(ann, "first@mail.example", "Returning", "", &text))
        .unwrap();
    let answer = post.sent(1).await.remove(0);
    assert_eq!(answer["x-envelope-to"], "ann@mail.example", "{answer}");
    assert_eq!(answer["in-reply-to"], "<first@mail.example>");
    assert_eq!(answer["references"], "<first@mail.example>");
    assert_eq!(answer["auto-submitted"], "auto-replied");
    assert_eq!(answer["subject"], "Re: Returning");
    assert!(
        answer["body"].as_str().unwrap().contains("thirty days"),
        "{answer}"
    );

    let admin = &post.world.admin;
    let found = conversations(admin).await;
    let id = found[0]["id"].as_str().unwrap();
    assert_eq!((found.len(), &found[0]["channel"]), (1, &json!("email")));
    let first = messages(admin, id).await;
    assert_eq!(first[0]["text"], QUESTION, "the signature is left out");
    let shown = admin
        .get(&format!("/api/channels/email/messages/{id}.1/html"))
        .await;
    assert_eq!(shown.header("x-mail-form"), "text", "it has no HTML of its own");

    let answered = answer["message-id"].as_str().unwrap();
    let quoted = "Thanks a lot!\r\n\r\nOn Mon, 19 Oct 2026 at 09:01, Support <support@shop.example> wrote:\r\n\
                  > You have thirty days.";
    let more = format!("In-Reply-To: {answered}\r\n");
    post.imap
        .deliver(&mail(ann, "second@mail.example", "Re: Returning", &more, quoted))
        .unwrap();
    until("the reply", || async {
        let all = messages(admin, id).await;
        all.iter().any(|one| one["text"] == "Thanks a lot!").then_some(())
    })
    .await;
    assert_eq!(conversations(admin).await.len(), 1);

    let agent = post.world.agent().await;
    agent.answers(id, "An agent here.").await;
    let by_agent = until("the agent's mail", || async {
        let sent = super::sent(&post.smtp);
        sent.into_iter()
            .find(|mail| mail["body"].as_str().unwrap().contains("An agent here."))
    })
    .await;
    assert_eq!(by_agent["in-reply-to"], "<second@mail.example>");
    assert!(by_agent["auto-submitted"].is_null(), "a person wrote it");
    assert!(
        by_agent["reply-to"].as_str().unwrap().contains("support+"),
        "{by_agent}"
    );
    let health = post.world.nobody.get("/health").await;
    assert_eq!(health.body["dependencies"]["email"], "healthy", "{}", health.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_knows_the_thread_opens_a_conversation_of_its_own() {
    let Some(post) = Post::start().await else { return };
    post.imap
        .deliver(&mail("ann@mail.example", "a@mail.example", "Hi", "", QUESTION))
        .unwrap();
    let answer = post.sent(1).await.remove(0);
    let more = format!("In-Reply-To: {}\r\n", answer["message-id"].as_str().unwrap());
    post.imap
        .deliver(&mail(
            "eve@mail.example",
            "e@mail.example",
            "Re: Hi",
            &more,
            "Tell me all.",
        ))
        .unwrap();
    until("the stranger's conversation", || async {
        (conversations(&post.world.admin).await.len() == 2).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn images_that_came_with_a_mail_are_shown_and_none_from_afar() {
    let Some(post) = Post::start().await else { return };
    let html =
        "<p>Broken:</p><img src=\"cid:photo@x\"><img src=\"https://x.example/p.png\"><img src=\"cid:no@x\">";
    let raw = format!(
        "From: ann@mail.example\r\nSubject: Hi\r\nMessage-ID: <h@x>\r\n\
         Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n\
         --b\r\nContent-Type: image/gif\r\nContent-ID: <photo@x>\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         R0lGODlhAQABAAAAACw=\r\n--b--\r\n"
    );
    post.imap.deliver(raw.as_bytes()).unwrap();
    let admin = &post.world.admin;
    let id = until("the mail", || async {
        let found = conversations(admin).await;
        Some(found.first()?["id"].as_str()?.to_owned())
    })
    .await;
    let path = format!("/api/channels/email/messages/{id}.1/html");
    let shown = until("the mail's HTML", || async {
        let shown = admin.get(&path).await;
        (shown.status == 200).then_some(shown)
    })
    .await;
    assert!(
        shown
            .text
            .contains("src=\"data:image/gif;base64,R0lGODlhAQABAAAAACw=\""),
        "{}",
        shown.text
    );
    assert_eq!(shown.text.matches(" src=").count(), 2, "{}", shown.text);
    let policy = shown.header("content-security-policy");
    assert!(policy.contains("img-src data:;"), "{policy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_html_of_a_mail_is_shown_without_its_scripts_in_a_sandbox() {
    let Some(post) = Post::start().await else { return };
    let raw = "From: ann@mail.example\r\nSubject: Hi\r\nMessage-ID: <h@x>\r\nContent-Type: text/html\r\n\r\n\
               <p>Hello <b>you</b></p><script>alert(1)</script><img src=\"https://x.example/p.png\">\r\n";
    post.imap.deliver(raw.as_bytes()).unwrap();
    let admin = &post.world.admin;
    let id = until("the mail", || async {
        let found = conversations(admin).await;
        Some(found.first()?["id"].as_str()?.to_owned())
    })
    .await;
    let shown = until("the mail's HTML", || async {
        let shown = admin
            .get(&format!("/api/channels/email/messages/{id}.1/html"))
            .await;
        (shown.status == 200).then_some(shown)
    })
    .await;
    assert!(
        shown.text.contains("<b>you</b>") && !shown.text.contains("script"),
        "{}",
        shown.text
    );
    assert!(!shown.text.contains(" src="), "{}", shown.text);
    assert!(
        shown
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert!(shown.header("content-security-policy").ends_with("sandbox"));
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    assert_eq!(shown.header("x-mail-form"), "html");
    let missing = admin
        .get(&format!("/api/channels/email/messages/{id}.9/html"))
        .await;
    assert_eq!(missing.status, 404);
}
