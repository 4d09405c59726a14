//! Odd mails and what becomes of them; none may stop the reader.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn mail(raw: &str) -> Mail {
    read(raw.replace('\n', "\r\n").as_bytes(), &Limits::default()).unwrap()
}

fn multipart(kind: &str, parts: &[&str]) -> String {
    let parts = parts
        .iter()
        .map(|part| format!("--B\n{part}\n"))
        .collect::<Vec<_>>()
        .concat();
    format!(
        "From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary=\"B\"\n\npreamble\n{parts}--B--\nepilogue\n"
    )
}

const PLAIN: &str = "Content-Type: text/plain; charset=utf-8\n\nwords";
const HTML: &str = "Content-Type: text/html\n\n<p>rich <b>words</b></p>";
const IMAGE: &str = "Content-Type: image/png; name=\"a.png\"\nContent-Transfer-Encoding: base64\nContent-ID: <logo@x>\nContent-Disposition: inline\n\niVBORw0KGgo=";
const FILE: &str = "Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"=?utf-8?Q?Rechnung_f=C3=BCr_Ann=2Epdf?=\"\nContent-Transfer-Encoding: base64\n\nAAEC";

#[test]
fn a_plain_mail_is_read() {
    let mail = mail(
        "Message-ID: <one@mail.example>\nFrom: =?utf-8?Q?Ann_M=C3=BCller?= <Ann@Mail.EXAMPLE>\nTo: Support <support@shop.example>, b@c.example
Cc: d@e.example\nReply-To: other@mail.example\nSubject: =?iso-8859-1?Q?caf=E9?= =?utf-8?B?8J+YgA==?=\nDate: Mon, 15 Jan 2024 10:30:00 +0100
In-Reply-To: <two@x>\nReferences: <one@x>\n <two@x>\n\nHello\n",
    );
    assert_eq!(mail.message_id.as_deref(), Some("one@mail.example"));
    let ann = Correspondent {
        address: "ann@mail.example".to_owned(),
        name: "Ann Müller".to_owned(),
    };
    assert_eq!(mail.from, Some(ann));
    assert_eq!(
        mail.to.iter().map(|p| p.address.as_str()).collect::<Vec<_>>(),
        ["support@shop.example", "b@c.example"]
    );
    assert_eq!(
        (mail.cc.len(), mail.reply_to[0].address.as_str()),
        (1, "other@mail.example")
    );
    assert_eq!(mail.subject, "café😀");
    assert_eq!(mail.date.unwrap().to_string(), "2024-01-15T09:30:00.000Z");
    assert_eq!(
        (mail.in_reply_to, mail.references),
        (
            vec!["two@x".to_owned()],
            vec!["one@x".to_owned(), "two@x".to_owned()]
        )
    );
    assert_eq!((mail.text.as_str(), mail.html), ("Hello", None));
}

#[test]
fn of_alternatives_the_text_is_the_text_and_the_html_the_html() {
    let both = mail(&multipart("alternative", &[PLAIN, HTML]));
    assert_eq!(
        (both.text.as_str(), both.html.as_deref()),
        ("words", Some("<p>rich <b>words</b></p>"))
    );
    let html = mail(&multipart("alternative", &[HTML]));
    assert_eq!(html.text, "rich words");
    let empty = mail(&multipart(
        "alternative",
        &["Content-Type: text/plain\n\n \n", HTML],
    ));
    assert_eq!(empty.text, "rich words", "an empty text is none");
    let calendar = mail(&multipart(
        "alternative",
        &[
            PLAIN,
            "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR",
        ],
    ));
    assert_eq!(
        (
            calendar.text.as_str(),
            calendar.attachments[0].media_type.as_str()
        ),
        ("words", "text/calendar")
    );
}

#[test]
fn files_and_inline_images_are_told_apart() {
    let mail = mail(&multipart(
        "mixed",
        &[
            PLAIN,
            IMAGE,
            FILE,
            "Content-Type: text/plain; name=notes.txt\n\nnotes",
        ],
    ));
    assert_eq!(mail.text, "words");
    let [image, file, notes] = mail.attachments.as_slice() else {
        panic!("{:?}", mail.attachments)
    };
    assert_eq!(
        (image.content_id.as_deref(), image.is_inline, image.content.len()),
        (Some("logo@x"), true, 8)
    );
    assert_eq!(
        (file.name.as_str(), file.is_inline, file.content.as_slice()),
        ("Rechnung für Ann.pdf", false, &[0, 1, 2][..])
    );
    assert_eq!(
        (notes.name.as_str(), notes.content.as_slice()),
        ("notes.txt", &b"notes"[..])
    );
}

#[test]
fn text_around_images_and_behind_html_is_not_lost() {
    let mail = mail(&multipart(
        "mixed",
        &[PLAIN, IMAGE, "Content-Type: text/plain\n\nmore <words>", HTML],
    ));
    assert_eq!(mail.text, "words\nmore <words>\nrich words");
    assert_eq!(
        mail.html.unwrap(),
        "<p>words</p><p>more &lt;words&gt;</p><p>rich <b>words</b></p>"
    );
}

#[test]
fn a_mail_within_a_mail_is_a_file() {
    let inner = "Content-Type: message/rfc822\n\nFrom: x@y\nSubject: inner\n\ninner words";
    let mail = mail(&multipart("mixed", &[PLAIN, inner]));
    assert_eq!(
        (mail.text.as_str(), mail.attachments[0].media_type.as_str()),
        ("words", "message/rfc822")
    );
    assert!(mail.attachments[0].content.starts_with(b"From: x@y"));
}

#[test]
fn limits_are_errors_with_their_reason() {
    let limits = Limits {
        bytes: 4000,
        depth: 2,
        parts: 8,
        attachments: 2,
        text: 100,
    };
    let told = |raw: String| read(raw.replace('\n', "\r\n").as_bytes(), &limits).map(|mail| mail.text.len());
    assert!(matches!(
        told("a".repeat(4001)),
        Err(Unreadable::TooLarge {
            bytes: 4001,
            limit: 4000
        })
    ));
    assert_eq!(
        told(multipart("mixed", &[IMAGE, IMAGE, IMAGE])),
        Err(Unreadable::TooManyAttachments(2))
    );
    assert_eq!(
        told(multipart("mixed", &["\n"; 9])),
        Err(Unreadable::TooManyParts(8))
    );
    let nest = |depth: usize| {
        let open = (0..depth)
            .map(|n| format!("Content-Type: multipart/mixed; boundary=B{n}\n\n--B{n}\n"))
            .collect::<Vec<_>>()
            .concat();
        format!("From: a@b\n{open}\n\nx\n")
    };
    assert!(told(nest(2)).is_ok());
    assert_eq!(told(nest(3)), Err(Unreadable::TooDeep(2)));
    assert_eq!(told(String::new()), Err(Unreadable::NoHeader));
    assert_eq!(
        told(format!("From: a@b\n\n{}", "ä".repeat(80))),
        Ok(100),
        "long text is cut, and the mail is read"
    );
}

#[test]
fn a_hundred_thousand_nested_mails_cannot_exhaust_the_stack() {
    let deep = "Content-Type: message/rfc822\r\n\r\n".repeat(100_000);
    let mail = read(format!("From: a@b\r\n{deep}").as_bytes(), &Limits::default()).unwrap();
    assert_eq!(mail.attachments.len(), 1);
    let deep = (0..100_000)
        .map(|n| format!("Content-Type: multipart/digest; boundary={n}\r\n\r\n--{n}\r\n"))
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(
        read(format!("From: a@b\r\n{deep}").as_bytes(), &Limits::default()),
        Err(Unreadable::TooDeep(16))
    );
}

#[test]
fn broken_mails_are_read_as_far_as_they_go() {
    for (raw, want) in [
        (
            "From: a@b\nContent-Type: multipart/mixed\n\nno boundary",
            "no boundary",
        ),
        (
            "From: a@b\nContent-Type: multipart/mixed; boundary=B\n\nnever there",
            "never there",
        ),
        (
            "From: a@b\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\ncut off",
            "cut off",
        ),
        ("From: a@b\nContent-Type: text\n\nodd type", "odd type"),
        (
            "From: a@b\nContent-Type: text/plain; charset=\"\n\nodd charset",
            "odd charset",
        ),
        (
            "From: a@b\nContent-Transfer-Encoding: x-unknown\n\nodd encoding",
            "odd encoding",
        ),
        (
            "From: a@b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n####",
            "",
        ),
        ("From: a@b\n", ""),
        (
            "From: a@b\nContent-Type: text/html\n\n<p>only <i>html",
            "only html",
        ),
        (
            "From: a@b\nContent-Type: text/plain; format=flowed\n\none \ntwo\n",
            "one two",
        ),
    ] {
        assert_eq!(mail(raw).text, want, "{raw}");
    }
}

#[test]
fn hostile_mails_take_time_in_proportion_to_their_length() {
    let bodies = "\r\n\r\nwords";
    let hostile: [(&str, &str, &str); 12] = [
        ("From: ", "a <a@b>, ", bodies),
        ("From: ", "(", bodies),
        ("From: ", "\"", bodies),
        ("To: ", "a:", bodies),
        ("Subject: ", "=?utf-8?Q?a?= ", bodies),
        ("Subject: ", "=?", bodies),
        ("References: ", "<a@b> ", bodies),
        ("Content-Type: text/plain; ", "a*0*=b; ", bodies),
        ("Content-Type: text/plain; ", "a=\"", bodies),
        ("Received: ", "from a by b; ", bodies),
        (
            "From: a@b\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n",
            "--B",
            "\r\n",
        ),
        ("From: a@b\r\nContent-Type: text/html\r\n\r\n", "<a &<!-", ""),
    ];
    for (head, piece, tail) in hostile {
        let raw = |length: usize| format!("{head}{}{tail}", piece.repeat(length / piece.len()));
        let (half, whole) = (raw(1 << 18), raw(1 << 19));
        // A busy machine may hold up one look, and not each of them; more than proportion shows in all.
        let is_proportional = || time(&whole) < time(&half) * 3 + Duration::from_millis(20);
        assert!((0..5).any(|_| is_proportional()), "{piece:?}");
    }
}

fn time(raw: &str) -> Duration {
    let begun = Instant::now();
    std::hint::black_box(read(raw.as_bytes(), &Limits::default())).unwrap();
    begun.elapsed()
}

/// Mails from which the test below makes worse ones.
fn corpus() -> Vec<Vec<u8>> {
    let nested = multipart(
        "mixed",
        &[
            &multipart("alternative", &[PLAIN, HTML]).replace('B', "C"),
            IMAGE,
            FILE,
        ],
    );
    let report = multipart(
        "report",
        &[
            PLAIN,
            "Content-Type: message/delivery-status\n\nAction: failed\n",
            "Content-Type: message/rfc822\n\nMessage-ID: <x@y>\n\n",
        ],
    );
    let odd = "From: \"a\\\" <b@c>, Group: d@e, f@g;, =?utf-8?B?w?= <@>\nTo: (((comment) a@b\nDate: 99 Foo 20240 99:99\nSubject: =?x?Y?z?= =?utf-8?Q?=F?=\nContent-Type: text/plain; charset*0=\"utf\"; charset*1=-16; name*=utf-8''%FF%F\nContent-Transfer-Encoding: quoted-printable\n\n=\n==3=F=\n";
    [
        nested,
        report,
        odd.to_owned(),
        "From: a@b\nContent-Type: text/plain; charset=utf-7\n\n+2D3eAA-".to_owned(),
    ]
    .into_iter()
    .map(|raw| raw.replace('\n', "\r\n").into_bytes())
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn no_mutation_of_a_mail_stops_the_reader(
        which in 0_usize..4,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 0..20),
    ) {
        let mut raw = corpus().swap_remove(which);
        for (at, byte, how) in edits {
            let at = at.index(raw.len() + 1);
            match how {
                0 if at < raw.len() => raw[at] = byte,
                1 => raw.insert(at, byte),
                2 => raw.truncate(at.max(1)),
                _ => raw.extend_from_within(at..),
            }
            raw.truncate(60_000);
        }
        let outcome = read(&raw, &Limits::default());
        prop_assert!(!matches!(outcome, Err(Unreadable::Broken)), "{:?}", String::from_utf8_lossy(&raw));
        if let Ok(mail) = outcome {
            std::hint::black_box(crate::email::reply::strip(&mail.text));
            std::hint::black_box(mail.html.map(|html| crate::email::html::sanitize(&html)));
        }
    }

    #[test]
    fn no_bytes_stop_the_reader(raw in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(!matches!(read(&raw, &Limits::default()), Err(Unreadable::Broken)));
    }
}
