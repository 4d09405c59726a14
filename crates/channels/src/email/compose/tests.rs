//! What goes out, read back with the reader of what comes in.

use super::*;
use crate::email::mail::{Limits, Mail, read};
use proptest::prelude::*;
use switchboard_domain::id::ConversationId;

fn signer() -> Signer {
    Signer::new(b"secret").unwrap()
}

fn sender() -> Sender {
    Sender {
        address: "support@shop.example".to_owned(),
        name: "Shop & Söhne".to_owned(),
        reply_tokens: Some(signer()),
    }
}

fn outgoing() -> Outgoing {
    Outgoing {
        reference: signer().reference(ConversationId::from_bytes([3; 16]), 8),
        to: "ann@mail.example".to_owned(),
        to_name: "Ann, the \"first\" <x@y> 😀".to_owned(),
        text: "Hello Ann,\n.\nFrom here: 你好 😀\n\n-- \nUs".to_owned(),
        files: Vec::new(),
        replies_to: None,
        template: None,
        letter: Some(Letter {
            subject: "Re: Bestellung über 100 € 😀 and a long tail of words behind it".to_owned(),
            ..Letter::default()
        }),
    }
}

fn write(message: &Outgoing) -> Result<Composed, Flaw> {
    compose(message, &sender(), Timestamp::from_millis(1_700_000_000_000))
}

fn there_and_back(message: &Outgoing) -> (Composed, Mail) {
    let composed = write(message).unwrap();
    let mail = read(&composed.bytes, &Limits::default()).unwrap();
    (composed, mail)
}

fn letter(change: impl FnOnce(&mut Letter)) -> Outgoing {
    let mut message = outgoing();
    change(message.letter.as_mut().unwrap());
    message
}

#[test]
fn every_word_arrives_as_it_was_meant() {
    let message = letter(|letter| letter.html = Some("<p>Hello 😀</p>".to_owned()));
    let (_, mail) = there_and_back(&message);
    assert_eq!(mail.subject, message.letter.as_ref().unwrap().subject);
    assert_eq!(mail.text, message.text);
    assert_eq!(mail.html.unwrap().trim_end(), "<p>Hello 😀</p>");
    assert_eq!(mail.from.unwrap().name, "Shop & Söhne");
    assert_eq!(
        (mail.to[0].address.as_str(), mail.to[0].name.as_str()),
        ("ann@mail.example", message.to_name.as_str())
    );
    assert_eq!(mail.date, Some(Timestamp::from_millis(1_700_000_000_000)));
}

#[test]
fn the_same_reference_gives_the_same_mail_and_its_id_finds_the_conversation() {
    let (first, mail) = there_and_back(&outgoing());
    assert_eq!(first.bytes, write(&outgoing()).unwrap().bytes);
    assert_eq!(mail.message_id.as_deref(), Some(first.message_id.as_str()));
    assert_eq!(
        signer().read_reference(&first.message_id).unwrap().sequence,
        Some(8)
    );
    let answers_to = &mail.reply_to[0].address;
    assert_eq!(
        signer().read_address(answers_to).unwrap().conversation,
        ConversationId::from_bytes([3; 16])
    );
}

#[test]
fn a_reference_that_cannot_stand_in_an_id_is_hashed() {
    let odd = message_id("campaign 7 <x>", "shop.example");
    assert_eq!(odd, message_id("campaign 7 <x>", "shop.example"));
    assert!(odd.len() == 40 + "@shop.example".len() && odd != message_id("campaign 8 <x>", "shop.example"));
    assert_eq!(
        message_id("camp_1.cust_2", "shop.example"),
        "camp_1.cust_2@shop.example"
    );
}

#[test]
fn the_thread_goes_along_and_stays_bounded() {
    let (_, mail) = there_and_back(&letter(|letter| {
        letter.references = (0..60)
            .map(|number| format!("<{number}.{}@mail.example>", "x".repeat(60)))
            .collect();
        letter.in_reply_to = Some("last@mail.example".to_owned());
    }));
    assert_eq!(mail.in_reply_to, ["last@mail.example"]);
    assert_eq!(mail.references.len(), REFERENCES + 1);
    assert!(mail.references[0].starts_with("0.") && mail.references[1].starts_with("41."));
    assert_eq!(mail.references.last().unwrap(), "last@mail.example");
}

#[test]
fn automatic_mails_and_campaigns_say_what_they_are() {
    let (_, mail) = there_and_back(&letter(|letter| {
        letter.is_automatic = true;
        letter.unsubscribe_url = Some("https://shop.example/u/abc?x=1&y=2".to_owned());
    }));
    assert_eq!(mail.headers.get("auto-submitted"), Some("auto-replied"));
    assert_eq!(
        mail.headers.get("list-unsubscribe"),
        Some("<https://shop.example/u/abc?x=1&y=2>")
    );
    assert_eq!(
        mail.headers.get("list-unsubscribe-post"),
        Some("List-Unsubscribe=One-Click")
    );
    let (_, plain) = there_and_back(&outgoing());
    assert!(plain.headers.get("auto-submitted").is_none() && plain.headers.get("list-unsubscribe").is_none());
}

#[test]
fn a_file_of_plain_text_arrives_as_it_is_and_ends_no_mail() {
    for content in [
        b"a\nb\n.\r\nMAIL FROM:<eve@mail.example>\r\n".as_slice(),
        b"a\n.\nb\n",
        b".\n",
        b"a\rb\0c",
    ] {
        let mut message = outgoing();
        message.files = vec![OutgoingFile {
            name: "list.csv".to_owned(),
            media_type: "text/csv".to_owned(),
            content: content.to_vec(),
        }];
        let (composed, mail) = there_and_back(&message);
        let text = String::from_utf8(composed.bytes).unwrap();
        let whole_lines = text.replace("\r\n", "");
        assert!(!whole_lines.contains(['\n', '\r', '\0']), "{text:?}");
        assert!(text.split("\r\n").all(|line| line != "."), "{text:?}");
        assert_eq!(mail.attachments[0].content, content);
    }
}

#[test]
fn files_go_along_whole() {
    let mut message = outgoing();
    let bytes: Vec<u8> = (0..=255).cycle().take(5000).collect();
    message.files = vec![
        OutgoingFile {
            name: "Rechnung für Ann.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            content: bytes.clone(),
        },
        OutgoingFile {
            name: "a\"b\\c;.txt".to_owned(),
            media_type: "text/plain".to_owned(),
            content: b"x\r\ny".to_vec(),
        },
    ];
    let (_, mail) = there_and_back(&message);
    assert_eq!(mail.text, message.text);
    assert_eq!(
        (mail.attachments[0].name.as_str(), &mail.attachments[0].content),
        ("Rechnung für Ann.pdf", &bytes)
    );
    assert_eq!(
        (
            mail.attachments[1].name.as_str(),
            mail.attachments[1].content.as_slice()
        ),
        ("a\"b\\c;.txt", &b"x\r\ny"[..])
    );
}

#[test]
fn hidden_receivers_are_in_the_envelope_alone() {
    let (composed, mail) = there_and_back(&letter(|letter| {
        letter.cc = vec!["cc@mail.example".to_owned()];
        letter.bcc = vec!["secret@mail.example".to_owned(), "ann@mail.example".to_owned()];
    }));
    let receivers: Vec<_> = composed.envelope.to().iter().map(ToString::to_string).collect();
    assert_eq!(
        receivers,
        ["ann@mail.example", "cc@mail.example", "secret@mail.example"]
    );
    assert_eq!(mail.cc[0].address, "cc@mail.example");
    assert!(!String::from_utf8_lossy(&composed.bytes).contains("secret@"));
}

#[test]
fn no_field_can_bring_a_line_into_the_header() {
    let evil = "x\r\nBcc: victim@mail.example";
    let fields: [fn(&mut Outgoing, &str); 9] = [
        |message, text| message.to = text.to_owned(),
        |message, text| message.to_name = text.to_owned(),
        |message, text| message.replies_to = Some(text.to_owned()),
        |message, text| message.letter.as_mut().unwrap().subject = text.to_owned(),
        |message, text| message.letter.as_mut().unwrap().in_reply_to = Some(text.to_owned()),
        |message, text| message.letter.as_mut().unwrap().references = vec![text.to_owned()],
        |message, text| message.letter.as_mut().unwrap().cc = vec![text.to_owned()],
        |message, text| message.letter.as_mut().unwrap().bcc = vec![text.to_owned()],
        |message, text| message.letter.as_mut().unwrap().unsubscribe_url = Some(format!("https://x/{text}")),
    ];
    for (number, set) in fields.into_iter().enumerate() {
        for evil in [
            evil,
            &evil.replace("\r\n", "\n"),
            &evil.replace("\r\n", "\r"),
            "x\0y",
            "x\u{2028}y",
        ] {
            let mut message = outgoing();
            set(&mut message, evil);
            assert!(write(&message).is_err(), "field {number}: {evil:?}");
        }
    }
    let mut named = sender();
    named.name = evil.to_owned();
    assert!(compose(&outgoing(), &named, Timestamp::from_millis(0)).is_err());
    for (name, media_type) in [
        (evil, "text/plain"),
        ("a", "text/plain\r\nX: y"),
        ("a", "nonsense"),
    ] {
        let mut message = outgoing();
        message.files = vec![OutgoingFile {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            content: Vec::new(),
        }];
        assert!(write(&message).is_err(), "{name} {media_type}");
    }
}

#[test]
fn what_is_no_address_is_refused_by_name() {
    for to in [
        "",
        "ann",
        "ann@",
        "@mail.example",
        "a@b@c",
        "ann@mail.example, bob@mail.example",
        "Ann <ann@mail.example>",
    ] {
        let mut message = outgoing();
        message.to = to.to_owned();
        assert!(
            matches!(write(&message), Err(Flaw::Address { field: "to", .. })),
            "{to}"
        );
    }
}

proptest! {
    #[test]
    fn any_text_and_subject_come_back_as_they_were(subject in "\\PC{0,200}", name in "\\PC{0,80}", text in "(\\PC|\n){0,400}") {
        let mut message = letter(|letter| letter.subject.clone_from(&subject));
        message.to_name.clone_from(&name);
        message.text.clone_from(&text);
        // Only what has line ends in it may be refused.
        let composed = match write(&message) {
            Ok(composed) => composed,
            Err(Flaw::ControlCharacters(_)) => return Ok(()),
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        };
        let mail = read(&composed.bytes, &Limits::default()).unwrap();
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(words(&mail.subject), words(&subject));
        prop_assert_eq!(words(&mail.text.replace('\u{feff}', "")), words(&text.replace('\u{feff}', "")));
        prop_assert_eq!(&mail.to[0].address, "ann@mail.example");
        for line in composed.bytes.split(|byte| *byte == b'\n') {
            prop_assert!(line.len() <= 999 && (line.is_empty() || line.ends_with(b"\r")), "{:?}", String::from_utf8_lossy(line));
        }
    }
}
