//! Exotel's fake: every rule for a message, and the callbacks it makes.

use switchboard_testbed::exotel::{self, Exotel};
use switchboard_testbed::post;

use crate::receiver::receiver;

/// `testbed-key:testbed-token` as basic authentication.
const GOOD: &str = "Basic dGVzdGJlZC1rZXk6dGVzdGJlZC10b2tlbg==";

async fn send(fake: &Exotel, authorization: &str, form: &str) -> u16 {
    let url = format!(
        "{}/v1/Accounts/{}/Sms/send.json",
        fake.base_url(),
        exotel::ACCOUNT_SID
    );
    let headers = [
        ("authorization", authorization),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    post(&url, &headers, form.as_bytes().to_vec()).await.unwrap().0
}

#[tokio::test]
async fn a_right_message_is_taken_and_every_wrong_one_refused() {
    let fake = Exotel::start().await.unwrap();
    let right = "From=SWTCHB&To=%2B919876543210&Body=Hello&CustomField=out_1";
    assert_eq!(send(&fake, GOOD, right).await, 200);
    assert_eq!(send(&fake, "Basic b2xkOm9sZA==", right).await, 401);
    let long = format!("From=SWTCHB&To=%2B919876543210&Body={}", "a".repeat(2001));
    for wrong in [
        "To=%2B919876543210&Body=Hello",
        "From=OTHER&To=%2B919876543210&Body=Hello",
        "From=SWTCHB&To=anna&Body=Hello",
        "From=SWTCHB&To=%2B919876543210&Body=",
        "From=SWTCHB&To=%2B919876543210&Body=Hello&EncodingType=morse",
        "From=SWTCHB&To=%2B919876543210&Body=Hello&Colour=blue",
        &long,
    ] {
        assert_eq!(send(&fake, GOOD, wrong).await, 400, "{wrong}");
    }
    let sent = fake.wait_for_sent(1).await;
    assert_eq!((sent.len(), sent[0].reference.as_deref()), (1, Some("out_1")));
    assert_eq!(fake.refusals().len(), 8);
}

#[tokio::test]
async fn callbacks_come_as_forms() {
    let fake = Exotel::start().await.unwrap();
    send(
        &fake,
        GOOD,
        "From=SWTCHB&To=%2B919876543210&Body=Hello&CustomField=out_1",
    )
    .await;
    let sent = fake.sent().remove(0);
    let (url, received) = receiver().await;
    let status = fake
        .deliver_status(&url, &sent, "sent", "DELIVERED_TO_HANDSET")
        .await;
    assert_eq!(status.unwrap(), 200);
    let (head, body) = received.await.unwrap();
    assert!(
        head.contains("content-type: application/x-www-form-urlencoded"),
        "{head}"
    );
    assert!(
        body.contains(&format!("SmsSid={}", sent.id)) && body.contains("CustomField=out_1"),
        "{body}"
    );
}
