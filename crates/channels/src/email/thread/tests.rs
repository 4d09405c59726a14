//! What a token opens, and what opens nothing.

use super::*;
use crate::email::mail::{Limits, read};

fn signer() -> Signer {
    Signer::new(b"the hub's secret").unwrap()
}

fn conversation(byte: u8) -> ConversationId {
    ConversationId::from_bytes([byte; 16])
}

fn mail(fields: &str) -> Mail {
    read(format!("{fields}\r\n\r\ntext").as_bytes(), &Limits::default()).unwrap()
}

#[test]
fn a_reference_reads_back_and_is_the_same_every_time() {
    let reference = signer().reference(conversation(1), 42);
    assert_eq!(reference, signer().reference(conversation(1), 42));
    let token = ConversationToken {
        conversation: conversation(1),
        sequence: Some(42),
    };
    assert_eq!(
        signer().read_reference(&format!("<{reference}@shop.example>")),
        Some(token)
    );
    assert_eq!(signer().read_reference(&reference.to_uppercase()), Some(token));
}

#[test]
fn a_changed_reference_opens_nothing() {
    let reference = signer().reference(conversation(1), 42);
    let other = Signer::new(b"another secret").unwrap();
    assert_eq!(other.read_reference(&reference), None);
    for (from, to) in [
        (".42.", ".43."),
        (".42.", ".042."),
        (".42.", ".+42."),
        ("0101", "0102"),
    ] {
        assert_eq!(
            signer().read_reference(&reference.replacen(from, to, 1)),
            None,
            "{from} → {to}"
        );
    }
    for at in 0..reference.len() {
        let mut changed = reference.clone().into_bytes();
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        assert_eq!(
            signer().read_reference(&String::from_utf8(changed).unwrap()),
            None,
            "at {at}"
        );
        assert_eq!(signer().read_reference(&reference[..at]), None, "cut at {at}");
    }
}

#[test]
fn a_reply_address_is_an_address_and_reads_back() {
    let address = signer()
        .reply_address("support@shop.example", conversation(7))
        .unwrap();
    let (local, domain) = address.split_once('@').unwrap();
    assert!(local.len() <= 64 && local.starts_with("support+"), "{address}");
    assert_eq!(domain, "shop.example");
    let token = ConversationToken {
        conversation: conversation(7),
        sequence: None,
    };
    assert_eq!(signer().read_address(&address), Some(token));
    assert_eq!(signer().read_address(&address.to_uppercase()), Some(token));
    assert_eq!(signer().read_address(&address.replacen("+a", "+b", 1)), None);
    assert_eq!(signer().read_address("support+newsletter@shop.example"), None);
    assert_eq!(
        signer().reply_address("a-very-long-local-part-indeed@shop.example", conversation(7)),
        None
    );
}

#[test]
fn a_reference_is_no_address_and_an_address_no_reference() {
    let reference = signer().reference(conversation(1), 1);
    assert_eq!(
        signer().read_address(&format!("support+{reference}@shop.example")),
        None
    );
    let address = signer().reply_address("s@shop.example", conversation(1)).unwrap();
    assert_eq!(signer().read_reference(&address), None);
}

#[test]
fn the_mail_that_is_answered_counts_before_the_thread_and_the_address() {
    let (first, second) = (
        signer().reference(conversation(1), 1),
        signer().reference(conversation(2), 2),
    );
    let address = signer()
        .reply_address("support@shop.example", conversation(3))
        .unwrap();
    let found = |fields: String| signer().find(&mail(&fields)).map(|token| token.conversation);
    let thread =
        format!("From: a@b.example\r\nTo: {address}\r\nReferences: <x@y> <{first}@s> <{second}@s> <z@y>");
    assert_eq!(
        found(thread.clone()),
        Some(conversation(2)),
        "the newest of the thread"
    );
    assert_eq!(
        found(format!("{thread}\r\nIn-Reply-To: <{first}@s>")),
        Some(conversation(1))
    );
    assert_eq!(
        found(format!("From: a@b.example\r\nCc: x@y.example, Us <{address}>")),
        Some(conversation(3))
    );
    assert_eq!(
        found(format!("From: a@b.example\r\nDelivered-To: {address}")),
        Some(conversation(3))
    );
    assert_eq!(found("From: a@b.example\r\nIn-Reply-To: <x@y>".to_owned()), None);
}

#[test]
fn without_a_secret_nothing_is_signed() {
    assert!(Signer::new(b"").is_none());
}
