//! Messages out: what the provider takes, what its errors mean, and what is never guessed.

use std::time::Duration;

use switchboard_channels::whatsapp::client::{Account, MAX_TEXT_CHARACTERS, WhatsApp};
use switchboard_domain::ports::transport::{Outgoing, OutgoingFile, SendError, TemplateUse, Transport};
use switchboard_testbed::fault::{Fault, wait_until};
use switchboard_testbed::graph::{Call, Graph};

use crate::support::{CUSTOMER, account, client, http_client, outgoing};

fn file(name: &str, media_type: &str) -> OutgoingFile {
    OutgoingFile {
        name: name.into(),
        media_type: media_type.into(),
        content: b"content\r\n--with a line like a boundary".to_vec(),
    }
}

fn template(values: &[&str]) -> Outgoing {
    Outgoing {
        template: Some(TemplateUse {
            name: "reminder".into(),
            language: "en_US".into(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        }),
        ..outgoing("")
    }
}

async fn fails_with(fault: Fault) -> SendError {
    let graph = Graph::start().await.unwrap();
    graph.fail_next(Call::Message, 1, fault);
    client(&graph).send(outgoing("Hello")).await.unwrap_err()
}

#[tokio::test]
async fn a_text_goes_out_with_reference_link_preview_and_what_it_replies_to() {
    let graph = Graph::start().await.unwrap();
    let message = Outgoing {
        replies_to: Some("wamid.question".into()),
        ..outgoing("See https://example.com")
    };
    let receipt = client(&graph).send(message).await.unwrap();
    let sent = graph.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!((&receipt.provider_id, receipt.parts), (&sent[0].id, 1));
    assert_eq!(
        (sent[0].to.as_str(), sent[0].reference.as_deref()),
        (CUSTOMER, Some("out_1"))
    );
    assert_eq!(sent[0].body["text"]["preview_url"], true);
    assert_eq!(sent[0].body["context"]["message_id"], "wamid.question");
    assert_eq!(graph.refusals(), Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn a_customer_without_a_phone_number_is_written_to_by_user_id() {
    let graph = Graph::start().await.unwrap();
    let message = Outgoing {
        to: "US.13491208655302741918".into(),
        ..outgoing("Hello")
    };
    client(&graph).send(message).await.unwrap();
    assert_eq!(graph.sent()[0].body["recipient"], "US.13491208655302741918");
    assert_eq!(graph.sent()[0].body["to"], serde_json::Value::Null);
}

#[tokio::test]
async fn files_are_uploaded_first_and_go_as_what_they_are() {
    let graph = Graph::start().await.unwrap();
    let client = client(&graph);
    for (file, text, kind) in [
        (file("a.png", "image/png"), "A picture", "image"),
        (file("a.mp4", "video/mp4"), "", "video"),
        (file("a.ogg", "audio/ogg; codecs=opus"), "", "audio"),
        (file("b.ogg", "audio/ogg"), "With words", "document"),
        (file("ä \"q\".pdf", "application/pdf"), "", "document"),
    ] {
        let message = Outgoing {
            files: vec![file],
            ..outgoing(text)
        };
        client.send(message).await.unwrap();
        let sent = graph.sent().pop().unwrap();
        let upload = graph.uploads().pop().unwrap();
        assert_eq!(
            (sent.kind.as_str(), &sent.body[kind]["id"]),
            (kind, &upload.id.into())
        );
        assert_eq!(upload.content, b"content\r\n--with a line like a boundary");
        let caption = &sent.body[kind]["caption"];
        assert_eq!(caption.as_str().unwrap_or_default(), text);
    }
    assert_eq!(
        graph.sent().pop().unwrap().body["document"]["filename"],
        "ä q.pdf"
    );
}

#[tokio::test]
async fn a_template_goes_out_with_its_values_and_is_refused_with_others() {
    let graph = Graph::start().await.unwrap();
    graph.approve_template("reminder", "en_US", 2);
    let client = client(&graph);
    client.send(template(&["Anna", "10:00"])).await.unwrap();
    let sent = graph.sent().pop().unwrap();
    assert_eq!(
        sent.body["template"]["components"][0]["parameters"][1]["text"],
        "10:00"
    );
    for wrong in [template(&["Anna"]), template(&[])] {
        let error = client.send(wrong).await.unwrap_err();
        assert!(
            matches!(&error, SendError::Refused { reason } if reason.contains("132000")),
            "{error:?}"
        );
    }
    let unknown = Outgoing {
        template: Some(TemplateUse {
            name: "other".into(),
            language: "en_US".into(),
            values: Vec::new(),
        }),
        ..outgoing("")
    };
    assert!(matches!(
        client.send(unknown).await,
        Err(SendError::Refused { .. })
    ));
    assert_eq!(graph.sent().len(), 1);
}

#[tokio::test]
async fn what_whatsapp_cannot_carry_is_refused_before_anything_is_sent() {
    let graph = Graph::start().await.unwrap();
    let client = client(&graph);
    let two = vec![file("a.png", "image/png"), file("b.png", "image/png")];
    let empty_file = OutgoingFile {
        content: Vec::new(),
        ..file("a.png", "image/png")
    };
    for wrong in [
        outgoing(&"a".repeat(MAX_TEXT_CHARACTERS + 1)),
        outgoing("  "),
        Outgoing {
            files: two,
            ..outgoing("")
        },
        Outgoing {
            files: vec![empty_file],
            ..outgoing("")
        },
        Outgoing {
            files: vec![file("a.png", "image/png")],
            ..outgoing(&"a".repeat(1025))
        },
        Outgoing {
            to: "anna@example.com".into(),
            ..outgoing("Hello")
        },
    ] {
        let error = client.send(wrong).await.unwrap_err();
        assert!(matches!(error, SendError::Refused { .. }), "{error:?}");
    }
    client
        .send(outgoing(&"ä".repeat(MAX_TEXT_CHARACTERS)))
        .await
        .unwrap();
    assert_eq!(
        (graph.sent().len(), graph.uploads().len(), graph.refusals().len()),
        (1, 0, 0)
    );
}

#[tokio::test]
async fn each_class_of_error_is_told_apart_on_the_wire() {
    for (code, is_right) in [
        (190, matches_stopped as fn(&SendError) -> bool),
        (131_042, matches_stopped),
        (131_031, matches_stopped),
        (130_429, matches_later),
        (80_007, matches_later),
        (131_000, matches_later),
        (131_016, matches_later),
        (2, matches_later),
        (131_026, matches_refused),
        (131_047, matches_refused),
        (132_001, matches_refused),
        (100, matches_refused),
    ] {
        let error = fails_with(Fault::Code(code)).await;
        assert!(is_right(&error), "{code}: {error:?}");
        assert!(error.to_string().contains(&code.to_string()), "{error}");
    }
}

fn matches_stopped(error: &SendError) -> bool {
    matches!(error, SendError::AccountStopped { .. })
}

fn matches_later(error: &SendError) -> bool {
    matches!(error, SendError::Later { .. })
}

fn matches_refused(error: &SendError) -> bool {
    matches!(error, SendError::Refused { .. })
}

#[tokio::test]
async fn the_wait_that_is_asked_for_is_passed_on() {
    let body = r#"{"error":{"message":"slow down","code":130429}}"#;
    let error = fails_with(Fault::Answer(429, body.into(), Some("7".into()))).await;
    assert!(matches!(error, SendError::Later { after: Some(wait), .. } if wait == Duration::from_secs(7)));
    let pair = fails_with(Fault::Code(131_056)).await;
    assert!(matches!(pair, SendError::Later { after: Some(wait), .. } if wait == Duration::from_secs(6)));
    let endless = fails_with(Fault::Answer(429, body.into(), Some(u64::MAX.to_string()))).await;
    assert!(
        matches!(endless, SendError::Later { after: Some(wait), .. } if wait == Duration::from_secs(86_400))
    );
    let date = wait_until(Duration::from_secs(600));
    let dated = fails_with(Fault::Answer(429, body.into(), Some(date))).await;
    assert!(
        matches!(dated, SendError::Later { after: Some(wait), .. } if (590..=601).contains(&wait.as_secs()))
    );
}

#[tokio::test]
async fn what_may_be_on_its_way_is_uncertain_and_not_sent_again() {
    for fault in [Fault::CloseAccepted, Fault::Garbage, Fault::CloseUnread] {
        let error = fails_with(fault.clone()).await;
        assert!(
            matches!(error, SendError::Uncertain { .. }),
            "{fault:?}: {error:?}"
        );
    }
    let graph = Graph::start().await.unwrap();
    graph.fail_next(Call::Message, 1, Fault::Slow(Duration::from_secs(30)));
    let hasty = client(&graph).with_patience(Duration::from_secs(2));
    let error = hasty.send(outgoing("Hello")).await.unwrap_err();
    assert!(matches!(error, SendError::Uncertain { .. }), "{error:?}");
    assert_eq!(graph.sent().len(), 1, "it was taken all the same, once");
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_took_nothing() {
    let graph = Graph::start().await.unwrap();
    let client = client(&graph);
    graph.refuse_connections().await.unwrap();
    let error = client.send(outgoing("Hello")).await.unwrap_err();
    assert!(matches_later(&error), "{error:?}");
    graph.accept_connections().unwrap();
    client.send(outgoing("Hello")).await.unwrap();
    assert_eq!(graph.sent().len(), 1);
}

#[tokio::test]
async fn a_failed_upload_leaves_nothing_open() {
    let graph = Graph::start().await.unwrap();
    let client = client(&graph);
    let message = || Outgoing {
        files: vec![file("a.png", "image/png")],
        ..outgoing("")
    };
    for fault in [Fault::CloseAccepted, Fault::Garbage, Fault::Code(131_000)] {
        graph.fail_next(Call::Upload, 1, fault.clone());
        let error = client.send(message()).await.unwrap_err();
        assert!(matches_later(&error), "{fault:?}: {error:?}");
    }
    graph.fail_next(Call::Upload, 1, Fault::Code(131_053));
    assert!(matches_refused(&client.send(message()).await.unwrap_err()));
    assert_eq!(graph.sent().len(), 0);
}

#[tokio::test]
async fn a_wrong_token_or_number_stops_the_account_and_names_the_key() {
    let graph = Graph::start().await.unwrap();
    let wrong_token = Account {
        access_token: "old".into(),
        ..account(&graph)
    };
    let wrong_number = Account {
        number_id: "1".into(),
        ..account(&graph)
    };
    for (account, key) in [
        (wrong_token, "whatsapp.access_token"),
        (wrong_number, "whatsapp.phone_number_id"),
    ] {
        let client = WhatsApp::new(http_client(), account);
        let error = client.send(outgoing("Hello")).await.unwrap_err();
        assert!(matches_stopped(&error), "{error:?}");
        let trouble = client.probe().await.unwrap_err();
        assert!(trouble.contains(key), "{trouble}");
    }
    let gone = Account {
        base_url: "http://127.0.0.1:9".into(),
        ..account(&graph)
    };
    let trouble = WhatsApp::new(http_client(), gone).probe().await.unwrap_err();
    assert!(trouble.contains("whatsapp.graph_base_url"), "{trouble}");
    assert_eq!(client(&graph).probe().await, Ok(()));
}

#[tokio::test]
async fn a_read_mark_and_a_typing_indicator_go_out_and_their_failure_stops_nothing() {
    let graph = Graph::start().await.unwrap();
    let client = client(&graph);
    client.acknowledge("wamid.1".into(), false).await;
    client.acknowledge("wamid.2".into(), true).await;
    graph.fail_next(Call::ReadMark, 1, Fault::CloseUnread);
    client.acknowledge("wamid.3".into(), true).await;
    let marks: Vec<_> = graph
        .read_marks()
        .into_iter()
        .map(|mark| (mark.message_id, mark.is_typing))
        .collect();
    assert_eq!(marks, [("wamid.1".into(), false), ("wamid.2".into(), true)]);
}

#[test]
fn no_debug_output_holds_the_token() {
    let account = Account {
        base_url: "https://graph.facebook.com".into(),
        version: "v23.0".into(),
        number_id: "1".into(),
        access_token: "EAAsecret".into(),
    };
    let shown = format!("{:?}", WhatsApp::new(http_client(), account));
    assert!(!shown.contains("EAAsecret"), "{shown}");
}
