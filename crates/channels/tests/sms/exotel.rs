//! Messages through Exotel: what it takes, what its errors mean, how its callbacks are read.
//!
//! Invariant: nothing here knows more of the crate than its public interface.

use std::time::Duration;

use switchboard_channels::sms::exotel::{Account, Exotel, ExotelCallbacks, MAX_TEXT_CHARACTERS};
use switchboard_channels::sms::report::{Callbacks, Report};
use switchboard_domain::ports::transport::{Outgoing, OutgoingFile, SendError, Transport};
use switchboard_testbed::exotel::{self, Call};
use switchboard_testbed::fault::{Fault, wait_until};

fn http_client() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(2))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

fn account(fake: &exotel::Exotel) -> Account {
    Account {
        base_url: fake.base_url(),
        sid: exotel::ACCOUNT_SID.into(),
        api_key: exotel::API_KEY.into(),
        api_token: exotel::API_TOKEN.into(),
        sender: exotel::SENDER.into(),
        status_callback: Some("https://hub.example/sms/status".into()),
    }
}

fn client(fake: &exotel::Exotel) -> Exotel {
    Exotel::new(http_client(), account(fake))
}

fn outgoing(text: &str) -> Outgoing {
    Outgoing {
        reference: "out_1".into(),
        to: "+919876543210".into(),
        to_name: String::new(),
        text: text.into(),
        files: Vec::new(),
        replies_to: None,
        template: None,
        letter: None,
    }
}

async fn fails_with(fault: Fault) -> SendError {
    let fake = exotel::Exotel::start().await.unwrap();
    fake.fail_next(Call::Message, 1, fault);
    client(&fake).send(outgoing("Hello")).await.unwrap_err()
}

#[tokio::test]
async fn a_message_goes_out_with_its_reference_and_the_parts_it_costs() {
    let fake = exotel::Exotel::start().await.unwrap();
    let client = client(&fake);
    let receipt = client.send(outgoing("Your order & more: 50% off")).await.unwrap();
    let long = client.send(outgoing(&"न".repeat(71))).await.unwrap();
    let sent = fake.sent();
    assert_eq!((&receipt.provider_id, receipt.parts), (&sent[0].id, 1));
    assert_eq!(sent[0].body, "Your order & more: 50% off");
    assert_eq!(sent[0].reference.as_deref(), Some("out_1"));
    assert_eq!(
        sent[0].status_callback.as_deref(),
        Some("https://hub.example/sms/status")
    );
    assert_eq!(
        (long.parts, sent[1].is_unicode, sent[0].is_unicode),
        (2, true, false)
    );
    assert_eq!(fake.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn each_class_of_error_is_told_apart_on_the_wire() {
    for status in [401, 402, 403] {
        let error = fails_with(Fault::Code(status)).await;
        assert!(
            matches!(error, SendError::AccountStopped { .. }),
            "{status}: {error:?}"
        );
    }
    for status in [429, 500, 503] {
        let error = fails_with(Fault::Answer(status, String::new(), Some("9".into()))).await;
        assert!(
            matches!(error, SendError::Later { after: Some(wait), .. } if wait == Duration::from_secs(9)),
            "{status}: {error:?}"
        );
    }
    for status in [400, 404] {
        let error = fails_with(Fault::Code(status)).await;
        assert!(matches!(error, SendError::Refused { .. }), "{status}: {error:?}");
    }
    let gateway = Fault::Answer(504, "<html>Gateway Time-out</html>".into(), None);
    for fault in [Fault::CloseAccepted, Fault::CloseUnread, Fault::Garbage, gateway] {
        let error = fails_with(fault.clone()).await;
        assert!(
            matches!(error, SendError::Uncertain { .. }),
            "{fault:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_wait_until_a_date_is_as_long_as_it_is_until_then() {
    let date = wait_until(Duration::from_secs(600));
    let error = fails_with(Fault::Answer(503, String::new(), Some(date))).await;
    let SendError::Later {
        after: Some(wait), ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert!((590..=601).contains(&wait.as_secs()), "{wait:?}");
}

#[tokio::test]
async fn silence_is_uncertain_and_a_closed_port_took_nothing() {
    let fake = exotel::Exotel::start().await.unwrap();
    fake.fail_next(Call::Message, 1, Fault::Slow(Duration::from_secs(30)));
    let hasty = client(&fake).with_patience(Duration::from_secs(2));
    let error = hasty.send(outgoing("Hello")).await.unwrap_err();
    assert!(matches!(error, SendError::Uncertain { .. }), "{error:?}");
    fake.refuse_connections().await.unwrap();
    let error = client(&fake).send(outgoing("Hello")).await.unwrap_err();
    assert!(matches!(error, SendError::Later { .. }), "{error:?}");
    fake.accept_connections().unwrap();
    client(&fake).send(outgoing("Hello")).await.unwrap();
    assert_eq!(fake.sent().len(), 2);
}

#[tokio::test]
async fn what_an_sms_cannot_carry_is_refused_before_anything_is_sent() {
    let fake = exotel::Exotel::start().await.unwrap();
    let file = OutgoingFile {
        name: "a.png".into(),
        media_type: "image/png".into(),
        content: vec![1],
    };
    for wrong in [
        outgoing(""),
        outgoing(&"a".repeat(MAX_TEXT_CHARACTERS + 1)),
        Outgoing {
            to: "anna".into(),
            ..outgoing("Hello")
        },
        Outgoing {
            files: vec![file],
            ..outgoing("Hello")
        },
    ] {
        let error = client(&fake).send(wrong).await.unwrap_err();
        assert!(matches!(error, SendError::Refused { .. }), "{error:?}");
    }
    assert_eq!((fake.sent().len(), fake.refusals().len()), (0, 0));
}

#[tokio::test]
async fn a_probe_tells_good_credentials_from_wrong_ones_without_sending() {
    let fake = exotel::Exotel::start().await.unwrap();
    assert_eq!(client(&fake).probe().await, Ok(()));
    let wrong = Account {
        api_token: "old".into(),
        ..account(&fake)
    };
    let trouble = Exotel::new(http_client(), wrong).probe().await.unwrap_err();
    assert!(trouble.contains("sms.api_token"), "{trouble}");
    fake.refuse_connections().await.unwrap();
    let trouble = client(&fake).probe().await.unwrap_err();
    assert!(trouble.contains("sms.base_url"), "{trouble}");
    assert_eq!(fake.sent().len(), 0);
}

#[tokio::test]
async fn nothing_shows_the_credentials() {
    let fake = exotel::Exotel::start().await.unwrap();
    let shown = format!("{:?}", client(&fake));
    assert!(
        !shown.contains(exotel::API_KEY) && !shown.contains(exotel::API_TOKEN),
        "{shown}"
    );
}

proptest::proptest! {
    #[test]
    fn any_callback_is_read_without_a_panic(form in "[ -~]{0,80}", id in "[a-z0-9]{0,4}") {
        let callbacks = ExotelCallbacks::default();
        for form in [form.clone(), format!("SmsSid={id}&Status={form}"), format!("SmsSid={id}&From={form}&Date={form}")] {
            if let Report::Message(message) = callbacks.read(form.as_bytes()) {
                proptest::prop_assert!(message.from.starts_with('+'));
            }
        }
    }
}
