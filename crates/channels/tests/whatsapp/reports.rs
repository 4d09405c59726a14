//! Every documented kind of message, and every status, is read for what it is.

use serde_json::json;
use switchboard_channels::whatsapp::report::{Kind, Message, Person, Report, State, Status};
use switchboard_testbed::graph::{NUMBER_ID, Webhook, samples};

use crate::support::{CUSTOMER, read, read_one, verified};

const USER_ID: &str = "US.13491208655302741918";

fn message(webhook: &Webhook) -> Message {
    match read_one(webhook) {
        Report::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

fn sample(name: &str) -> Message {
    let kinds = samples::every_kind(CUSTOMER);
    let (_, sample) = kinds.iter().find(|(kind, _)| *kind == name).unwrap();
    message(&Webhook::of(sample.clone()))
}

fn status(status: serde_json::Value) -> Status {
    match read_one(&Webhook::of_status(status)) {
        Report::Status(status) => status,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_text_is_read_with_its_sender_its_time_and_its_number() {
    let reports = read(&Webhook::of(samples::text(CUSTOMER, "wamid.1", "Hello")));
    assert_eq!(reports[0].number_id.as_deref(), Some(NUMBER_ID));
    let Report::Message(message) = &reports[0].report else {
        panic!("{reports:?}");
    };
    assert_eq!((message.id.as_str(), message.text.as_str()), ("wamid.1", "Hello"));
    assert_eq!(message.kind, Kind::Text);
    assert_eq!(message.sender.phone.as_deref(), Some("+16505551234"));
    assert_eq!(message.sender.name.as_deref(), Some("Kerry Fisher"));
    assert_eq!(message.at.unwrap().to_string(), "2025-02-12T00:43:44.000Z");
    assert_eq!((&message.raw, &message.media), (&None, &None));
}

#[test]
fn each_kind_is_shown_in_readable_words() {
    for (name, kind, text) in [
        ("text", Kind::Text, "Does it come in another color?"),
        ("image", Kind::Image, "Look at this"),
        ("video", Kind::Video, "Look at this"),
        ("audio", Kind::Audio, ""),
        ("document", Kind::Document, ""),
        ("sticker", Kind::Sticker, ""),
        (
            "location",
            Kind::Location,
            "Location: Main Street Beach, Main Street Beach, Santa Cruz, CA (38.98, -131.94)",
        ),
        (
            "contacts",
            Kind::Contacts,
            "Contact: Barbara J. Johnson, +1 650-555-9999, bjohnson@luckyshrub.com",
        ),
        (
            "order",
            Kind::Order,
            "Order: 2 × di9ozbzfi4 (30 USD), 1 × nqryix03ez (7.99 USD)\nLove these!",
        ),
        ("button_reply", Kind::Interactive, "Cancel"),
        (
            "list_reply",
            Kind::Interactive,
            "Priority Mail Express – Next Day",
        ),
        ("nfm_reply", Kind::Interactive, "Sent\nday: Monday\nguests: 3"),
        ("button", Kind::Button, "Unsubscribe"),
    ] {
        let message = sample(name);
        assert_eq!((message.kind, message.text.as_str()), (kind, text), "{name}");
        let is_shortened = matches!(kind, Kind::Location | Kind::Contacts | Kind::Order);
        assert_eq!(message.raw.is_some(), is_shortened, "{name}");
    }
}

#[test]
fn a_file_is_named_by_its_id_and_a_recording_is_told_from_music() {
    let image = sample("image").media.unwrap();
    assert_eq!(image.id, "1003383421387256");
    assert_eq!(image.media_type.as_deref(), Some("image/jpeg"));
    let audio = sample("audio").media.unwrap();
    assert!(audio.is_voice && !image.is_voice);
    let document = sample("document").media.unwrap();
    assert_eq!(document.file_name.as_deref(), Some("invoice.pdf"));
}

#[test]
fn what_is_not_supported_or_not_known_is_kept_as_it_came() {
    let unsupported = sample("unsupported");
    assert_eq!(unsupported.kind, Kind::Unsupported);
    assert!(unsupported.text.contains("poll_creation"), "{}", unsupported.text);
    assert!(unsupported.text.contains("131051"), "{}", unsupported.text);
    let hologram = samples::message(CUSTOMER, "wamid.h", "hologram", json!({"depth": 3}));
    let unknown = message(&Webhook::of(hologram.clone()));
    assert_eq!(unknown.kind, Kind::Unsupported);
    assert_eq!(unknown.text, "Unsupported message (hologram)");
    let raw: serde_json::Value = serde_json::from_str(&unknown.raw.unwrap()).unwrap();
    assert_eq!(raw, hologram);
}

#[test]
fn a_sender_without_a_phone_number_is_known_by_user_id() {
    let webhook = Webhook::of(samples::text(USER_ID, "wamid.1", "Hi"));
    let sender = message(&webhook).sender;
    assert_eq!((sender.phone, sender.user_id.as_deref()), (None, Some(USER_ID)));
    assert_eq!(sender.name.as_deref(), Some("Kerry Fisher"));
}

#[test]
fn the_contact_completes_who_wrote_and_never_lends_another_persons_name() {
    let both =
        json!({"profile": {"name": "Kerry", "username": "kerry"}, "wa_id": CUSTOMER, "user_id": USER_ID});
    let other = json!({"profile": {"name": "Else"}, "wa_id": "4915112345678"});
    let webhook = Webhook::new()
        .with_contact(other.clone())
        .with_contact(both)
        .with_message(samples::text(CUSTOMER, "wamid.1", "Hi"));
    let expected = Person {
        phone: Some(format!("+{CUSTOMER}")),
        user_id: Some(USER_ID.into()),
        name: Some("Kerry".into()),
        username: Some("kerry".into()),
    };
    assert_eq!(message(&webhook).sender, expected);
    let stranger = Webhook::new()
        .with_contact(other)
        .with_message(samples::text(CUSTOMER, "wamid.1", "Hi"));
    assert_eq!(message(&stranger).sender.name, None);
}

#[test]
fn context_says_what_is_replied_to_and_whether_it_was_forwarded() {
    let reply = message(&Webhook::of(samples::reply(
        CUSTOMER, "wamid.2", "Yes", "wamid.1",
    )));
    assert_eq!(reply.replies_to.as_deref(), Some("wamid.1"));
    assert!(!reply.is_forwarded);
    let forwarded = samples::with(
        samples::text(CUSTOMER, "wamid.3", "Read this"),
        "context",
        json!({"frequently_forwarded": true}),
    );
    assert!(message(&Webhook::of(forwarded)).is_forwarded);
    let about = json!({"id": "wamid.0", "referred_product": {"catalog_id": 1, "product_retailer_id": "sku"}});
    let product = samples::with(
        samples::text(CUSTOMER, "wamid.4", "Still there?"),
        "context",
        about,
    );
    assert_eq!(message(&Webhook::of(product)).product.as_deref(), Some("1/sku"));
}

#[test]
fn an_advertisement_that_led_here_is_told() {
    let referral = json!({"source_url": "https://fb.me/x", "source_id": "120", "source_type": "ad",
        "headline": "Chat with us", "body": "Succulents", "ctwa_clid": "Aff"});
    let sample = samples::with(samples::text(CUSTOMER, "wamid.1", "Hi"), "referral", referral);
    let referral = message(&Webhook::of(sample)).referral.unwrap();
    assert_eq!(referral.source_type.as_deref(), Some("ad"));
    assert_eq!(referral.headline.as_deref(), Some("Chat with us"));
}

#[test]
fn a_reaction_names_its_message_and_is_taken_away_without_an_emoji() {
    for emoji in [Some("👍"), None] {
        let sample = samples::reaction(CUSTOMER, "wamid.r", "wamid.ours", emoji);
        let Report::Reaction(reaction) = read_one(&Webhook::of(sample)) else {
            panic!("a reaction");
        };
        assert_eq!(
            (reaction.about.as_str(), reaction.emoji.as_deref()),
            ("wamid.ours", emoji)
        );
    }
    let emptied = samples::message(
        CUSTOMER,
        "wamid.r",
        "reaction",
        json!({"message_id": "m", "emoji": ""}),
    );
    assert!(
        matches!(read_one(&Webhook::of(emptied)), Report::Reaction(reaction) if reaction.emoji.is_none())
    );
}

#[test]
fn an_edit_and_a_deletion_name_the_message_they_are_about() {
    let edited = read_one(&Webhook::of(samples::edit(
        CUSTOMER, "wamid.e", "wamid.1", "Blue?",
    )));
    let Report::Edit(edit) = edited else {
        panic!("{edited:?}");
    };
    assert_eq!((edit.about.as_str(), edit.text.as_str()), ("wamid.1", "Blue?"));
    assert_eq!(edit.id, "wamid.e");
    let deleted = read_one(&Webhook::of(samples::revoke(CUSTOMER, "wamid.d", "wamid.1")));
    let Report::Deletion(deletion) = deleted else {
        panic!("{deleted:?}");
    };
    assert_eq!(deletion.about, "wamid.1");
}

#[test]
fn a_new_number_or_user_id_is_told_with_the_old_one() {
    let change = samples::number_change(CUSTOMER, "wamid.s", "12195555358");
    let Report::IdentityChange(change) = read_one(&Webhook::new().with_message(change)) else {
        panic!("a change");
    };
    assert_eq!(change.before.phone.as_deref(), Some("+16505551234"));
    assert_eq!(change.after.phone.as_deref(), Some("+12195555358"));
    let object = json!({"type": "user_changed_user_id", "user_id": "US.2", "body": "changed"});
    let change = samples::message("US.1", "wamid.s", "system", object);
    let Report::IdentityChange(change) = read_one(&Webhook::new().with_message(change)) else {
        panic!("a change");
    };
    assert_eq!(change.before.user_id.as_deref(), Some("US.1"));
    assert_eq!(change.after.user_id.as_deref(), Some("US.2"));
}

#[test]
fn another_notice_of_the_provider_is_a_system_message_and_no_change() {
    let object =
        json!({"type": "customer_identity_changed", "body": "The security code changed", "wa_id": CUSTOMER});
    let notice = samples::message(CUSTOMER, "wamid.s", "system", object);
    let notice = message(&Webhook::of(notice));
    assert_eq!(
        (notice.kind, notice.text.as_str()),
        (Kind::System, "The security code changed")
    );
}

#[test]
fn a_chat_opened_for_the_first_time_is_no_message() {
    let sample = samples::message(CUSTOMER, "wamid.w", "request_welcome", json!({}));
    assert!(matches!(read_one(&Webhook::of(sample)), Report::Opened(opened) if opened.sender.is_known()));
}

#[test]
fn each_status_climbs_to_its_place_with_reference_and_price() {
    for (word, state) in [
        ("sent", State::Sent),
        ("delivered", State::Delivered),
        ("read", State::Read),
        ("played", State::Read),
        ("failed", State::Failed),
    ] {
        let read = status(samples::status("wamid.9", word, CUSTOMER, Some("out_1")));
        assert_eq!((read.state, read.id.as_str()), (state, "wamid.9"), "{word}");
        assert_eq!(read.reference.as_deref(), Some("out_1"));
        assert_eq!(read.recipient.phone.as_deref(), Some("+16505551234"));
        assert_eq!(read.failure.is_some(), word == "failed", "{word}");
    }
    let pricing = status(samples::status("wamid.9", "sent", CUSTOMER, None))
        .pricing
        .unwrap();
    assert_eq!(
        (pricing.is_billable, pricing.category.as_deref()),
        (Some(true), Some("utility"))
    );
}

#[test]
fn a_failure_says_why_and_a_recipient_may_be_a_user_id() {
    let failed = status(samples::status("wamid.9", "failed", USER_ID, None));
    let failure = failed.failure.unwrap();
    assert_eq!(failure.code, Some(131_047));
    assert_eq!(
        failure.reason,
        "131047: Re-engagement message: Re-engagement message, in more words"
    );
    assert_eq!(failed.recipient.user_id.as_deref(), Some(USER_ID));
}

#[test]
fn an_error_of_the_account_is_no_error_of_a_message() {
    let webhook = Webhook::new().with_error(samples::error(130_429, "Rate limit hit"));
    assert!(matches!(read_one(&webhook), Report::AccountError(failure) if failure.code == Some(130_429)));
}

#[test]
fn reports_come_in_order_and_another_number_is_told_apart() {
    let webhook = Webhook::of(samples::text(CUSTOMER, "wamid.1", "One"))
        .with_message(samples::text(CUSTOMER, "wamid.2", "Two"))
        .with_status(samples::status("wamid.9", "read", CUSTOMER, None))
        .for_number("999");
    let reports = read(&webhook);
    assert!(
        reports
            .iter()
            .all(|report| report.number_id.as_deref() == Some("999"))
    );
    let texts: Vec<_> = reports
        .iter()
        .filter_map(|addressed| match &addressed.report {
            Report::Message(message) => Some(message.text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(texts, ["One", "Two"]);
    assert!(matches!(reports[2].report, Report::Status(_)));
}

#[test]
fn what_has_no_meaning_here_is_skipped_with_a_reason() {
    let other_field = json!({"entry": [{"changes": [{"field": "account_update", "value": {}}]}]});
    for (body, expected) in [
        ("not json".to_owned(), "not JSON"),
        ("{}".to_owned(), "without a report"),
        (other_field.to_string(), "account_update"),
        ("[".repeat(100_000), "not JSON"),
    ] {
        let reports = switchboard_channels::whatsapp::report::parse(verified(body.as_bytes()));
        let [addressed] = reports.as_slice() else {
            panic!("{reports:?}");
        };
        assert!(
            matches!(&addressed.report, Report::Skipped(skipped) if skipped.reason.contains(expected)),
            "{addressed:?}"
        );
    }
}

#[test]
fn a_message_without_an_id_has_the_same_one_each_time_it_comes() {
    let mut nameless = samples::text(CUSTOMER, "x", "Hello");
    nameless.as_object_mut().unwrap().remove("id");
    let ids: Vec<_> = (0..2)
        .map(|_| message(&Webhook::of(nameless.clone())).id)
        .collect();
    assert_eq!(ids[0], ids[1]);
    assert!(ids[0].starts_with("unnamed."), "{}", ids[0]);
    let other = samples::with(nameless, "timestamp", "1739321025".into());
    assert_ne!(message(&Webhook::of(other)).id, ids[0]);
}
