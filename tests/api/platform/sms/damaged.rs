//! Whatever is missing from or wrong in what Exotel tells: it is answered as anything else, and what comes after it
//! arrives.

use std::sync::Arc;

use hyper::Method;
use switchboard_domain::message::{DeliveryStatus, Message};

use super::{CUSTOMER, Texting};

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

/// What may stand where a value was expected, as it is written in a form.
const GARBLED: [&str; 9] = [
    "",
    "+",
    "-1",
    "%00",
    "%FF%FE",
    "%",
    "%F0%9F%91%8D%E2%80%AE",
    "9999-99-99+99%3A99%3A99",
    "%7B%22a%22%3A%5B%5D%7D",
];

type Field = (&'static str, &'static str);

const STATUS: [Field; 8] = [
    ("SmsSid", "sms-ours"),
    ("To", "%2B919052161119"),
    ("Status", "failed"),
    ("DetailedStatus", "FAILED_DND"),
    ("DetailedStatusCode", "30007"),
    ("SmsUnits", "1"),
    ("DateSent", "2026-03-01+10%3A00%3A00"),
    ("CustomField", "nonsense"),
];

const INCOMING: [Field; 5] = [
    ("SmsSid", "sms-1"),
    ("From", "09052161119"),
    ("To", "08088919888"),
    ("Date", "2026-03-01+10%3A00%3A00"),
    ("Body", "Hello"),
];

fn written(fields: &[(String, String)]) -> String {
    let pairs = fields.iter().map(|(key, value)| format!("{key}={value}"));
    pairs.collect::<Vec<_>>().join("&")
}

/// The form without each of its fields, with each of them twice, without its name, much too long, and garbled.
fn damaged(fields: &[Field]) -> Vec<String> {
    let own = fields.iter().map(|(key, value)| ((*key).into(), (*value).into()));
    let whole: Vec<(String, String)> = own.collect();
    let mut all = vec![
        written(&[]),
        "&&&=".to_owned(),
        "%%%".to_owned(),
        "{\"a\":1}".to_owned(),
    ];
    for place in 0..whole.len() {
        let mut without = whole.clone();
        let (key, value) = without.remove(place);
        let mut with = |key: String, value: String| {
            let mut copy = without.clone();
            copy.push((key, value));
            all.push(written(&copy));
        };
        for garbled in GARBLED {
            with(key.clone(), garbled.to_owned());
        }
        with(key.clone(), "9".repeat(20_000));
        with(format!("{key}%5B%5D"), value.clone());
        with(String::new(), value.clone());
        all.push(written(&without));
        all.push(format!("{}&{key}={value}", written(&whole)));
    }
    all
}

#[tokio::test]
async fn whatever_is_damaged_is_answered_and_what_comes_after_it_arrives() {
    let texting = Texting::start().await;
    assert_eq!(texting.writes("Your parcel has arrived").await.status, 200);
    let token = texting.token().await;
    for (path, fields) in [("status", &STATUS[..]), ("incoming", &INCOMING[..])] {
        let path = format!("/api/channels/sms/{path}/{token}");
        for form in damaged(fields) {
            let nobody = &texting.world.nobody;
            let body = bytes::Bytes::from(form.clone());
            let posted = nobody.send(Method::POST, &path, FORM, body).await;
            assert_eq!(posted.status, 200, "{path} {form:.200}: {}", posted.text);
        }
    }
    for form in damaged(&INCOMING) {
        let path = format!("/api/channels/sms/incoming/{token}?{form:.2000}");
        if path.parse::<hyper::Uri>().is_ok() {
            let passed = texting.world.nobody.get(&path).await;
            assert_eq!(passed.status, 200, "{form:.200}: {}", passed.text);
        }
    }
    let ours = texting.exotel.wait_for_sent(1).await;
    let reported = texting.reports(&ours[0], "sent", "DELIVERED_TO_HANDSET").await;
    assert_eq!(reported, 200);
    let url = texting.here(&format!("/api/channels/sms/incoming/{token}"));
    let told = texting
        .exotel
        .deliver_message(&url, "sms-whole", CUSTOMER, "I am whole");
    assert_eq!(told.await.unwrap(), 200);
    let messages = texting.messages();
    assert_eq!(messages[0].status, DeliveryStatus::Delivered);
    let is_whole = |message: &Arc<Message>| message.text == "I am whole";
    assert!(messages.iter().any(is_whole), "{messages:#?}");
    assert_eq!(texting.world.nobody.get("/ready").await.status, 200);
}
