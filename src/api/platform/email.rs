//! `/api/channels/email`: mails to addresses, mails that other programs hand over, and the mailboxes' listener.

use futures_util::FutureExt;
use hyper::header::{CONTENT_DISPOSITION, HeaderName, HeaderValue};

use super::foreign::{KEPT_APART, foreign};
use super::wire::{
    ListenerOut, MailIn, MailProcessedOut, MailRetriedOut, MailToProcessIn, QuarantinedOut, SentOut,
};
use crate::http::failure::named;
use crate::http::reply::{no_content, ok};
use crate::http::route::{Access, Call, Param, Reply, Route};

/// Nothing in a mail runs or loads anything, whoever opens the answer in whatever way.
const SHOWN: HeaderValue =
    HeaderValue::from_static("default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox");

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const RAW: HeaderValue = HeaderValue::from_static("message/rfc822");
/// Whether a mail has HTML of its own.
const MAIL_FORM: HeaderName = HeaderName::from_static("x-mail-form");
const DOWNLOADED: HeaderValue = HeaderValue::from_static("attachment; filename=\"quarantined.eml\"");

const MAIL: Param = Param::text("id", "The mail's id, as the list tells it");

pub(super) const ROUTES: &[Route] = &[
    Route::post("/api/channels/email/send", Access::Staff, |call| send(call).boxed())
        .says("Send a mail")
        .details(
            "Into the conversation of `threadId`, which must be one by mail with this address; without it, into the \
             customer's open one or a new one. `status` is how far it has got after at most three seconds.",
        )
        .with_files()
        .takes::<MailIn>()
        .answers::<SentOut>(200),
    Route::post("/api/channels/email/process", Access::Staff, |call| process(call).boxed())
        .says("Take in a mail that came another way")
        .details("As if it had come by the mailbox. `threadId` must be a conversation with its sender.")
        .with_files()
        .takes::<MailToProcessIn>()
        .answers::<MailProcessedOut>(200),
    Route::act("/api/channels/email/listener/start", Access::Admin, |call| {
        set_listener(call, true).boxed()
    })
    .says("Have the mailboxes read")
    .answers::<ListenerOut>(200),
    Route::act("/api/channels/email/listener/stop", Access::Admin, |call| {
        set_listener(call, false).boxed()
    })
    .says("Have the mailboxes no longer read, over restarts too")
    .answers::<ListenerOut>(200),
    Route::read("/api/channels/email/quarantine", Access::Staff, list_quarantined)
        .says("List mails that could not be understood")
        .answers::<Vec<QuarantinedOut>>(200),
    Route::look("/api/channels/email/quarantine/:id", Access::Admin, |call| {
        download(call).boxed()
    })
    .says("Download a mail that could not be understood")
    .details("As it came, byte for byte, and as whoever sent it has made it: open it with care.")
    .path(&[MAIL])
    .answers_with("message/rfc822"),
    Route::act("/api/channels/email/quarantine/:id/retry", Access::Admin, |call| {
        retry(call).boxed()
    })
    .says("Try to understand a mail again")
    .details(
        "After an upgrade, say. What can be understood now is taken in as if it had just come and leaves the \
         quarantine; what cannot is answered with 409 and the reason.",
    )
    .path(&[MAIL])
    .answers::<MailRetriedOut>(200),
    Route::delete("/api/channels/email/quarantine/:id", Access::Admin, |call| {
        discard(call).boxed()
    })
    .says("Throw away a mail that could not be understood")
    .details("For good: in its mailbox it stays as it is.")
    .path(&[MAIL])
    .answers_nothing(),
    Route::look("/api/channels/email/messages/:reference/html", Access::Staff, |call| {
        show(call).boxed()
    })
    .says("Show a mail's words as safe HTML")
    .details(
        "`reference` is `{sessionId}.{sequence}`. Images that came with the mail are in it; from afar nothing is \
         loaded. `X-Mail-Form` tells `html`, or `text` for a mail without any HTML, which says no more than the message's \
         text.",
    )
    .answers_with("text/html"),
];

async fn send(call: Call) -> Reply {
    let (to, thread, message) = call.json::<MailIn>()?.into_parts(call.idempotency_key())?;
    let sent = call
        .hub()
        .send_mail(call.scope()?, to, thread.as_deref(), message)
        .await;
    ok(&SentOut::from(&sent?))
}

async fn process(call: Call) -> Reply {
    let (mail, thread) = call
        .json::<MailToProcessIn>()?
        .into_parts(call.idempotency_key(), call.hub().services())?;
    let taken = call
        .hub()
        .process_mail(call.scope()?, &mail, thread.as_deref())
        .await;
    ok(&MailProcessedOut::from(
        taken.map_err(named(&[("to", "from")]))?.as_ref(),
    ))
}

async fn set_listener(call: Call, is_on: bool) -> Reply {
    call.hub().set_mail_listener(call.scope()?, is_on).await?;
    ok(&ListenerOut::new(is_on))
}

fn list_quarantined(call: &Call) -> Reply {
    let mails = call.hub().list_quarantined_mails(call.scope()?)?;
    ok(&mails.iter().map(QuarantinedOut::from).collect::<Vec<_>>())
}

async fn download(call: Call) -> Reply {
    let raw = call
        .hub()
        .read_quarantined_mail(call.scope()?, call.path("id"))
        .await?;
    let mut answer = foreign(raw.into(), RAW, KEPT_APART);
    answer.headers_mut().insert(CONTENT_DISPOSITION, DOWNLOADED);
    Ok(answer)
}

async fn retry(call: Call) -> Reply {
    let retried = call
        .hub()
        .retry_quarantined_mail(call.scope()?, call.path("id"))
        .await?;
    ok(&MailRetriedOut::from(&retried))
}

async fn discard(call: Call) -> Reply {
    call.hub()
        .discard_quarantined_mail(call.scope()?, call.path("id"))
        .await?;
    no_content()
}

async fn show(call: Call) -> Reply {
    let shown = call
        .hub()
        .mail_html(call.scope()?, call.path("reference"))
        .await?;
    let form = HeaderValue::from_static(if shown.is_made { "text" } else { "html" });
    let mut answer = foreign(shown.html.into(), HTML, SHOWN);
    answer.headers_mut().insert(MAIL_FORM, form);
    Ok(answer)
}
