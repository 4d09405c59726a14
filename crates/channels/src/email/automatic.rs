//! Which mails no machine may answer (RFC 3834, section 2), so that two machines never talk to each other.
//!
//! Asked by the core before anything is answered in the assistant's name; people may still answer. Invariant: in doubt a
//! mail is automatic.

use super::mail::{Headers, Mail};
use super::thread::Signer;

/// Why a mail gets no automatic answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It says so itself: `Auto-Submitted` other than `no`.
    AutoSubmitted,
    /// `Precedence: bulk`, `list` or `junk`.
    Precedence,
    /// It comes from a mailing list (RFC 2369, RFC 2919).
    List,
    /// `X-Auto-Response-Suppress` asks for silence.
    Suppressed,
    /// An older header of automatic answers.
    Autoreply,
    /// Its return path is empty: nobody is there to read an answer.
    NullReturnPath,
    /// A mail server wrote it.
    MailServer,
    /// A report on a mail: not delivered, read, or complained of (RFC 6522).
    Report,
    /// It comes from one of our own addresses.
    OwnAddress,
    /// It is a mail of ours that came back.
    OwnMail,
    /// It does not say who wrote it.
    NoSender,
}

const MAIL_SERVERS: [&str; 3] = ["mailer-daemon", "postmaster", "mail-daemon"];
const AUTOREPLY_FIELDS: [&str; 5] = [
    "x-autoreply",
    "x-autorespond",
    "x-autoreply-from",
    "x-mail-autoreply",
    "auto-reply",
];

/// Why this mail must not be answered automatically; `None` when it may be. `own` are the addresses that the hub reads.
pub fn why(mail: &Mail, own: &[String], signer: &Signer) -> Option<Why> {
    let headers = &mail.headers;
    let checks = [
        (is_auto_submitted(headers), Why::AutoSubmitted),
        (is_bulk(headers), Why::Precedence),
        (
            headers.iter().any(|(name, _)| name.starts_with("list-")),
            Why::List,
        ),
        (is_suppressed(headers), Why::Suppressed),
        (
            AUTOREPLY_FIELDS.iter().any(|name| headers.get(name).is_some()),
            Why::Autoreply,
        ),
        (
            headers
                .all("return-path")
                .any(|path| path.replace(' ', "") == "<>"),
            Why::NullReturnPath,
        ),
        (is_mail_server(mail), Why::MailServer),
        (is_report(headers), Why::Report),
        (is_own_address(mail, own), Why::OwnAddress),
        (
            mail.message_id
                .as_deref()
                .is_some_and(|id| signer.read_reference(id).is_some()),
            Why::OwnMail,
        ),
        (mail.from.is_none(), Why::NoSender),
    ];
    checks.into_iter().find(|(holds, _)| *holds).map(|(_, why)| why)
}

/// The first word of a field, in lower case: comments and parameters may follow it.
fn keyword(value: &str) -> String {
    let end = value
        .find(|c: char| c == ';' || c == '(' || c.is_whitespace())
        .unwrap_or(value.len());
    value.get(..end).unwrap_or_default().to_ascii_lowercase()
}

fn is_auto_submitted(headers: &Headers) -> bool {
    headers.all("auto-submitted").any(|value| keyword(value) != "no")
}

fn is_bulk(headers: &Headers) -> bool {
    headers
        .all("precedence")
        .any(|value| ["bulk", "list", "junk"].contains(&keyword(value).as_str()))
}

fn is_suppressed(headers: &Headers) -> bool {
    let asks = |word: &str| ["all", "oof", "autoreply"].contains(&word.trim().to_ascii_lowercase().as_str());
    headers
        .all("x-auto-response-suppress")
        .any(|value| value.split([',', ';']).any(asks))
}

/// Whether the address is one that mail servers write from.
pub(super) fn is_mail_server(mail: &Mail) -> bool {
    let sender = mail
        .from
        .as_ref()
        .map(|from| from.address.as_str())
        .unwrap_or_default();
    MAIL_SERVERS.contains(&sender.split('@').next().unwrap_or_default())
}

/// Whether the mail is a report by its media type.
pub(super) fn is_report(headers: &Headers) -> bool {
    let media_type = headers
        .get("content-type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    [
        "multipart/report",
        "message/delivery-status",
        "message/disposition-notification",
    ]
    .iter()
    .any(|kind| media_type.starts_with(kind))
}

/// An address is ours with and without what follows a `+` in it.
fn is_own_address(mail: &Mail, own: &[String]) -> bool {
    let Some(from) = &mail.from else { return false };
    let plain = |address: &str| -> Option<String> {
        let (local, domain) = address.rsplit_once('@')?;
        let local = local.split_once('+').map_or(local, |(local, _)| local);
        Some(format!("{local}@{domain}").to_lowercase())
    };
    let sender = plain(&from.address);
    sender.is_some() && own.iter().any(|address| plain(address) == sender)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::email::mail::{Limits, read};
    use switchboard_domain::id::ConversationId;

    fn ask(fields: &str) -> Option<Why> {
        let signer = Signer::new(b"secret").unwrap();
        let from = if fields.to_lowercase().contains("from:") {
            ""
        } else {
            "From: Ann <ann@mail.example>\r\n"
        };
        let mail = read(
            format!("{from}{fields}\r\n\r\ntext").as_bytes(),
            &Limits::default(),
        )
        .unwrap();
        why(&mail, &["Support@Shop.example".to_owned()], &signer)
    }

    #[test]
    fn a_persons_mail_may_be_answered() {
        for fields in [
            "Subject: Hello",
            "Auto-Submitted: no",
            "Auto-Submitted: No (really)",
            "Precedence: normal",
            "X-Auto-Response-Suppress: DR, RN",
            "X-Auto-Response-Suppress: None",
            "Return-Path: <ann@mail.example>",
            "From: support-team@mail.example",
            "Message-ID: <a@b>",
        ] {
            assert_eq!(ask(fields), None, "{fields}");
        }
    }

    #[test]
    fn a_machines_mail_is_never_answered() {
        let signed = Signer::new(b"secret")
            .unwrap()
            .reference(ConversationId::from_bytes([1; 16]), 1);
        let own = format!("Message-ID: <{signed}@shop.example>");
        for (fields, want) in [
            ("Auto-Submitted: auto-replied", Why::AutoSubmitted),
            (
                "auto-submitted: AUTO-GENERATED; owner-email=\"a@b\"",
                Why::AutoSubmitted,
            ),
            ("Auto-Submitted:", Why::AutoSubmitted),
            ("Precedence: Bulk", Why::Precedence),
            ("Precedence: list", Why::Precedence),
            ("Precedence: junk", Why::Precedence),
            ("List-Id: <news.shop.example>", Why::List),
            ("List-Unsubscribe: <mailto:x@y>", Why::List),
            ("X-Auto-Response-Suppress: OOF, AutoReply", Why::Suppressed),
            ("X-Auto-Response-Suppress: All", Why::Suppressed),
            ("X-Autoreply: yes", Why::Autoreply),
            ("Return-Path: <>", Why::NullReturnPath),
            ("Return-Path: < >", Why::NullReturnPath),
            ("From: MAILER-DAEMON@mx.example (Mail Delivery)", Why::MailServer),
            ("From: Postmaster <PostMaster@mx.example>", Why::MailServer),
            (
                "Content-Type: multipart/report; report-type=delivery-status",
                Why::Report,
            ),
            ("From: support@shop.example", Why::OwnAddress),
            ("From: support+token@SHOP.example", Why::OwnAddress),
            (own.as_str(), Why::OwnMail),
            ("From: <>", Why::NoSender),
        ] {
            assert_eq!(ask(fields), Some(want), "{fields}");
        }
    }
}
