//! What is never answered by a machine, and what reports do.

use super::{Post, QUESTION, conversations, hub, mail, messages, sent, servers, until};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn machines_get_no_answer_but_their_mails_are_kept() {
    let Some(post) = Post::start().await else { return };
    for (number, field) in [
        "Auto-Submitted: auto-replied",
        "Precedence: bulk",
        "List-Id: <news.mail.example>",
        "X-Auto-Response-Suppress: All",
    ]
    .iter()
    .enumerate()
    {
        let (from, id) = (
            format!("bot{number}@mail.example"),
            format!("b{number}@mail.example"),
        );
        post.imap
            .deliver(&mail(&from, &id, "Hi", &format!("{field}\r\n"), QUESTION))
            .unwrap();
    }
    post.imap
        .deliver(&mail("ann@mail.example", "p@mail.example", "Hi", "", QUESTION))
        .unwrap();
    let sent = post.sent(1).await;
    assert_eq!(
        sent[0]["x-envelope-to"], "ann@mail.example",
        "the person came last"
    );
    assert_eq!(conversations(&post.world.admin).await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounce_marks_its_message_as_failed_and_opens_no_conversation() {
    let Some(post) = Post::start().await else { return };
    post.imap
        .deliver(&mail("ann@mail.example", "p@mail.example", "Hi", "", QUESTION))
        .unwrap();
    let answer = post.sent(1).await.remove(0);
    let admin = &post.world.admin;
    let id = conversations(admin).await[0]["id"].as_str().unwrap().to_owned();
    let named = answer["message-id"].as_str().unwrap();
    let bounce = format!(
        "From: MAILER-DAEMON@mx.example\r\nTo: support@shop.example\r\nSubject: Undelivered Mail\r\n\
         Message-ID: <dsn@mx.example>\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; ann@mail.example\r\nAction: failed\r\n\
         Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n\
         Message-ID: {named}\r\nSubject: Hi\r\n\r\ntext\r\n--b--\r\n"
    );
    post.imap.deliver(bounce.as_bytes()).unwrap();
    until("the failure", || async {
        let all = messages(admin, &id).await;
        (all.get(1)?["status"] == "failed").then_some(())
    })
    .await;
    assert_eq!(conversations(admin).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_eleventh_automatic_mail_in_an_hour_is_left_to_an_agent() {
    let Some(post) = Post::start().await else { return };
    for number in 0..11_usize {
        let id = format!("q{number}@mail.example");
        post.imap
            .deliver(&mail("ann@mail.example", &id, "Hi", "", QUESTION))
            .unwrap();
        if number < 10 {
            post.sent(number + 1).await;
        }
    }
    let waiting = until("the agent's turn", || async {
        let all = conversations(&post.world.admin).await;
        let waiting: Vec<Value> = all.into_iter().filter(|one| one["status"] == "waiting").collect();
        (!waiting.is_empty()).then_some(waiting)
    })
    .await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(sent(&post.smtp).len(), 10, "nothing more goes out");
}

/// Two hubs whose mails go to each other, as if both had the other for a customer.
#[tokio::test(flavor = "multi_thread")]
async fn two_hubs_that_are_wired_to_each_other_fall_silent() {
    let (Some((imap, first_out)), Some((_other, second_out))) = (servers(), servers()) else {
        return;
    };
    let first = hub(&imap, &first_out, "support@shop.example").await;
    let second = hub(&imap, &second_out, "help@shop.example").await;
    imap.deliver(&mail(
        "help@shop.example",
        "start@shop.example",
        "Hi",
        "",
        QUESTION,
    ))
    .unwrap();
    until("the first answer", || async {
        (sent(&first_out).len() == 1).then_some(())
    })
    .await;
    let (mut carried, mut quiet) = ([0, 0], 0);
    while quiet < 100 {
        quiet += 1;
        for (place, out, to) in [
            (0, &first_out, "help@shop.example"),
            (1, &second_out, "support@shop.example"),
        ] {
            for mail in out.mails().unwrap().iter().skip(carried[place]) {
                imap.deliver_to(to, &[mail]).unwrap();
                (carried[place], quiet) = (carried[place] + 1, 0);
            }
        }
        assert!(carried[0] + carried[1] < 10, "they go on and on");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    until("the answer to be taken in", || async {
        (conversations(&second.admin).await.len() == 1).then_some(())
    })
    .await;
    assert_eq!(carried, [1, 0], "one answer, and none to that");
    assert!(sent(&second_out).is_empty());
    assert_eq!(conversations(&first.admin).await.len(), 1);
}
