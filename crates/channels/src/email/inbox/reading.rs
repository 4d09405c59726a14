//! From a raw mail to what the core takes in: a message, a report, a mail of ours, or a reason why it is none of these.
//!
//! Called for every mail of a mailbox. Invariant: whoever names no address that can be answered is nobody's customer.

use switchboard_domain::customer::{Channel, Identity};
use switchboard_domain::handover::HandoverReason;
use switchboard_domain::incoming::{Asks, Incoming, IncomingFile, Thread};
use switchboard_domain::message::{Billing, DeliveryReport, DeliveryStatus, Provided};
use switchboard_domain::ports::mailbox::{Mail, ShownMail};
use switchboard_domain::time::Timestamp;

use crate::email::automatic::{self, Why};
use crate::email::bounce::{self, Bounce, Outcome};
use crate::email::mail::{self, Correspondent, Limits, Mail as Read};
use crate::email::thread::Signer;
use crate::email::{html, reply};

/// Longest subject that is kept, characters.
const SUBJECT: usize = 500;
/// Longest `Message-ID` that is answered by its name, bytes.
const LONGEST_ID: usize = 900;

/// Understands mails.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) own: Vec<String>,
    pub(super) signer: Signer,
    pub(super) limits: Limits,
}

impl Reader {
    pub(super) fn read(&self, raw: &[u8]) -> Mail {
        let mail = match mail::read(raw, &self.limits) {
            Ok(mail) => mail,
            Err(unreadable) => return Mail::Unreadable(unreadable.to_string()),
        };
        let why = automatic::why(&mail, &self.own, &self.signer);
        let id = mail.message_id.as_deref();
        if id.is_some_and(|id| self.signer.read_reference(id).is_some()) {
            return Mail::Own;
        }
        if let Some(bounce) = bounce::read(&mail, &self.signer) {
            return report(&bounce);
        }
        if automatic::is_report(&mail.headers) {
            return Mail::Report {
                reference: None,
                report: None,
                words: format!("a report that asks for nothing: {}", mail.subject),
            };
        }
        self.message(mail, why, raw)
    }

    fn message(&self, mail: Read, why: Option<Why>, raw: &[u8]) -> Mail {
        let Some(from) = mail.from.clone().filter(is_answerable) else {
            return Mail::Unreadable("it does not say who wrote it".to_owned());
        };
        let thread = self.signer.find(&mail);
        let reply = reply::strip(&mail.text);
        let asks = asks(why, &reply, &mail);
        let subject = one_line(&mail.subject);
        let text = if reply.is_empty() { subject.clone() } else { reply };
        Mail::Message(Box::new(Incoming {
            channel: Channel::Email,
            reply_to: reply_to(&mail, &from),
            sender: vec![Identity::Email(from.address)],
            name: from.name,
            subject,
            text,
            provided: Provided {
                id: mail.message_id.filter(|id| is_fit(id)).unwrap_or_default(),
                at: mail.date.unwrap_or(Timestamp::from_millis(0)),
                kind: "email".to_owned(),
                about: mail.in_reply_to.into_iter().next(),
                ..Provided::default()
            },
            files: mail.attachments.into_iter().map(file).collect(),
            raw: Some(raw.to_vec()),
            asks,
            thread: thread.map_or(Thread::New, |token| Thread::Of(token.conversation)),
        }))
    }

    pub(super) fn html(&self, raw: &[u8]) -> Option<ShownMail> {
        let mail = mail::read(raw, &self.limits).ok()?;
        let is_made = mail.html.is_none();
        let html = mail.html.unwrap_or_else(|| html::from_text(&mail.text));
        let html = html::with_images(&html::sanitize(&html), &mail.attachments);
        Some(ShownMail { html, is_made })
    }
}

/// Silence for machines; an agent for files without a word.
fn asks(why: Option<Why>, reply: &str, mail: &Read) -> Asks {
    let is_wordless = reply.is_empty();
    match why {
        Some(_) => Asks::Nothing,
        None if is_wordless && !mail.attachments.is_empty() => Asks::Agent(HandoverReason::Attachment),
        None if is_wordless && mail.subject.trim().is_empty() => Asks::Nothing,
        None => Asks::Answer,
    }
}

/// The one address that answers are asked to, else the writer's.
fn reply_to(mail: &Read, from: &Correspondent) -> String {
    match mail.reply_to.as_slice() {
        [one] if is_answerable(one) => one.address.clone(),
        _ => from.address.clone(),
    }
}

fn is_answerable(person: &Correspondent) -> bool {
    let has_domain = person
        .address
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    has_domain && person.address.len() <= 254 && !person.address.contains(|c: char| c.is_control())
}

/// Whether an id can stand in the header of an answer.
fn is_fit(id: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_graphic() && !b"<>".contains(&byte);
    id.len() <= LONGEST_ID && id.bytes().all(is_fit)
}

fn one_line(subject: &str) -> String {
    let words: Vec<_> = subject
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").chars().take(SUBJECT).collect()
}

fn file(attachment: mail::Attachment) -> IncomingFile {
    let name = Some(attachment.name).filter(|name| !name.is_empty());
    IncomingFile {
        name: name.unwrap_or_else(|| "attachment".to_owned()),
        media_type: attachment.media_type,
        content: attachment.content,
    }
}

fn report(bounce: &Bounce) -> Mail {
    let reference = bounce.token.and_then(|token| {
        let sequence = token.sequence?;
        Some(format!("{}.{sequence}", token.conversation))
    });
    let words = format!("{} {}", bounce.status, bounce.diagnostic)
        .trim()
        .to_owned();
    let failed = || DeliveryReport {
        status: DeliveryStatus::Failed,
        provider_id: bounce.original.clone(),
        at: Timestamp::from_millis(0),
        failure: words.clone(),
        billing: Billing::default(),
    };
    Mail::Report {
        report: (bounce.outcome == Outcome::Permanent).then(failed),
        reference,
        words,
    }
}
