//! Reports as servers write them, and mails that only look like one.

use super::*;
use crate::email::mail::{Limits, read as read_mail};
use switchboard_domain::id::ConversationId;

fn signer() -> Signer {
    Signer::new(b"secret").unwrap()
}

fn reference() -> String {
    signer().reference(ConversationId::from_bytes([9; 16]), 5)
}

fn bounce(raw: &str) -> Option<Bounce> {
    let raw = raw.replace("{ref}", &reference()).replace('\n', "\r\n");
    read(&read_mail(raw.as_bytes(), &Limits::default()).unwrap(), &signer())
}

const POSTFIX: &str =
    "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example (Mail Delivery System)\nTo: support@shop.example
Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\"

--B
Content-Type: text/plain

I'm sorry to have to inform you.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ann@mail.example
Original-Recipient: rfc822;Ann@mail.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <ann@mail.example>:
    Recipient address rejected

--B
Content-Type: text/rfc822-headers

From: Support <support@shop.example>
Message-ID: <{ref}@shop.example>
Subject: Your order

--B--
";

#[test]
fn a_standard_report_names_our_message_and_the_reason() {
    let bounce = bounce(POSTFIX).unwrap();
    assert_eq!(bounce.original, Some(format!("{}@shop.example", reference())));
    assert_eq!(bounce.token.unwrap().sequence, Some(5));
    assert_eq!(bounce.recipient.as_deref(), Some("ann@mail.example"));
    assert_eq!(
        (bounce.outcome, bounce.status.as_str()),
        (Outcome::Permanent, "5.1.1")
    );
    assert_eq!(
        bounce.diagnostic,
        "550 5.1.1 <ann@mail.example>: Recipient address rejected"
    );
}

#[test]
fn the_whole_mail_may_come_back_and_be_late_only() {
    let late = POSTFIX
        .replace("text/rfc822-headers", "message/rfc822")
        .replace("Action: failed", "Action: delayed")
        .replace("5.1.1", "4.4.1");
    let bounce = bounce(&late).unwrap();
    assert_eq!((bounce.outcome, bounce.token.is_some()), (Outcome::Delayed, true));
}

#[test]
fn a_forged_name_proves_nothing() {
    let forged = POSTFIX.replace(
        "{ref}",
        "conv_09090909090909090909090909090909.5.000000000000000000000000",
    );
    let bounce = bounce(&forged).unwrap();
    assert!(bounce.token.is_none() && bounce.original.is_some());
}

#[test]
fn a_report_of_success_is_no_bounce() {
    assert_eq!(
        bounce(
            &POSTFIX
                .replace("Action: failed", "Action: delivered")
                .replace("5.1.1", "2.0.0")
        ),
        None
    );
}

#[test]
fn older_servers_are_understood_as_far_as_they_speak() {
    let qmail = "Return-Path: <>\nFrom: MAILER-DAEMON@old.example\nSubject: failure notice\n
Hi. This is the qmail-send program at old.example.\n
<ann@mail.example>:\nRemote host said: 550 5.1.1 no such user\n
--- Below this line is a copy of the message.\n
Message-ID: <{ref}@shop.example>\nSubject: Your order\n\ntext";
    let bounce_q = bounce(qmail).unwrap();
    assert_eq!(
        (bounce_q.outcome, bounce_q.token.is_some()),
        (Outcome::Permanent, true)
    );
    assert_eq!(bounce_q.diagnostic, "Remote host said: 550 5.1.1 no such user");
    let exim = "Return-Path: <>\nFrom: Mail Delivery System <Mailer-Daemon@old.example>\nX-Failed-Recipients: Ann@mail.example
Subject: Mail delivery failed: returning message to sender\nReferences: <{ref}@shop.example>\n\nMailbox full.";
    let bounce_e = bounce(exim).unwrap();
    assert_eq!(
        (bounce_e.recipient.as_deref(), bounce_e.token.is_some()),
        (Some("ann@mail.example"), true)
    );
    let warning = qmail.replace("failure notice", "Warning: message delayed, delivery goes on");
    assert_eq!(bounce(&warning).unwrap().outcome, Outcome::Delayed);
}

#[test]
fn a_mail_that_speaks_of_delivery_is_no_bounce() {
    for raw in [
        "From: ann@mail.example\nSubject: Delivery of my order\n\nWhere is it? Error 5.1.1",
        "From: ann@mail.example\nReturn-Path: <>\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nBack on Monday.",
        "From: ann@mail.example\nReturn-Path: <>\nIn-Reply-To: <{ref}@shop.example>\nSubject: Away: your delivery\n\nBack soon",
    ] {
        assert_eq!(bounce(raw), None, "{raw}");
    }
}
