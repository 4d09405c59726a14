//! `/api/channels`: what providers tell the hub, messages to addresses, and messages that wait or have failed.

use bytes::Bytes;
use futures_util::FutureExt;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use switchboard_actors::hub::addresses::Address;
use switchboard_domain::customer::Channel;

use super::wire::{FailedOut, ReceivedOut, SentOut, SmsIn, WaitingOut, WhatsAppIn};
use crate::http::failure::named;
use crate::http::reply::{no_content, ok};
use crate::http::route::{Access, Answer, Call, Param, Reply, Route};
use crate::http::wire::AnyObject;

const TOKEN: Param = Param::text("token", "The token of the address that the hub tells");

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/channels/whatsapp/webhook", Access::Public, confirm)
        .provider()
        .says("Confirm the subscription of WhatsApp's webhook")
        .details("Answers `hub.challenge` where `hub.verify_token` is the configured token.")
        .query(&[
            Param::text("hub.mode", "Always `subscribe`"),
            Param::text("hub.verify_token", "The token of `whatsapp.verify_token`"),
            Param::text("hub.challenge", "What is answered"),
        ])
        .answers_with("text/plain"),
    Route::signed("/api/channels/whatsapp/webhook", |call| receive_whatsapp(call).boxed())
        .provider()
        .says("Take in what WhatsApp tells")
        .details(
            "Signed by `X-Hub-Signature-256` over the raw body with `whatsapp.app_secret`. Answered once everything \
             in it is on disk.",
        )
        .takes::<AnyObject>()
        .answers::<ReceivedOut>(200),
    Route::post("/api/channels/whatsapp/messages", Access::Staff, |call| {
        send_whatsapp(call).boxed()
    })
    .says("Send a WhatsApp message")
    .details(
        "Free text only within 24 hours of the customer's last message; otherwise `type` is `template`. A repeated \
         `messageId` is the same message. `status` is how far it has got after at most three seconds.",
    )
    .with_files()
    .takes::<WhatsAppIn>()
    .answers::<SentOut>(200),
    Route::form("/api/channels/sms/status/:token", |call| receive_sms(call).boxed())
        .provider()
        .says("Take in what became of an SMS")
        .details(
            "As Exotel's `StatusCallback` sends it. The token is the hub's own: the whole address is part of every SMS. \
             Answered once it is on disk.",
        )
        .path(&[TOKEN])
        .takes::<AnyObject>()
        .answers::<ReceivedOut>(200),
    Route::form("/api/channels/sms/incoming/:token", |call| receive_sms(call).boxed())
        .provider()
        .says("Take in an SMS of a customer")
        .details("As Exotel sends it. The address with its token is printed at the start.")
        .path(&[TOKEN])
        .takes::<AnyObject>()
        .answers::<ReceivedOut>(200),
    Route::look("/api/channels/sms/incoming/:token", Access::Public, |call| {
        pass_sms_through(call).boxed()
    })
    .provider()
    .says("Take in an SMS as Exotel's passthru applet tells it")
    .path(&[TOKEN])
    .query(&[
        Param::text("SmsSid", "Exotel's id of it"),
        Param::text("From", "Who wrote it"),
        Param::text("Body", "Its words"),
    ])
    .answers::<ReceivedOut>(200),
    Route::post("/api/channels/sms/messages", Access::Staff, |call| send_sms(call).boxed())
        .says("Send an SMS")
        .details(
            "A repeated `messageId` is the same message. `status` is how far it has got after at most three seconds.",
        )
        .takes::<SmsIn>()
        .answers::<SentOut>(200),
    Route::read("/api/channels/messages/waiting", Access::Staff, list_waiting)
        .says("List messages that have still to leave")
        .details(
            "Those that are due first in each channel. What waits for a channel that is not configured goes out when it \
             is configured again, within a day of its being written; after that it has failed.",
        )
        .answers::<Vec<WaitingOut>>(200),
    Route::read("/api/channels/messages/failed", Access::Staff, list_failed)
        .says("List messages that could not be sent")
        .answers::<Vec<FailedOut>>(200),
    Route::act("/api/channels/messages/failed/:reference/retry", Access::Staff, |call| {
        send_again(call).boxed()
    })
    .says("Send a failed message after all")
    .answers_nothing(),
];

fn confirm(call: &Call) -> Reply {
    let text = |name| call.query().text(name).unwrap_or_default();
    let (mode, token) = (text("hub.mode"), text("hub.verify_token"));
    call.hub().confirm_subscription(Channel::Whatsapp, mode, token)?;
    let mut answer = Answer::new(Bytes::from(text("hub.challenge").to_owned()));
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, plain);
    Ok(answer)
}

async fn receive_whatsapp(call: Call) -> Reply {
    let (signature, body) = call.signed();
    call.hub()
        .receive_reports(Channel::Whatsapp, signature, body)
        .await?;
    ok(&ReceivedOut::RECEIVED)
}

async fn send_whatsapp(call: Call) -> Reply {
    let (to, message) = call.json::<WhatsAppIn>()?.into_parts(call.idempotency_key())?;
    let sent = call
        .hub()
        .send_to_address(call.scope()?, Address::Whatsapp(to), message)
        .await;
    ok(&SentOut::from(&sent.map_err(named(&[("id", "messageId")]))?))
}

async fn receive_sms(call: Call) -> Reply {
    let (_, body) = call.signed();
    let token = Some(call.path("token"));
    call.hub().receive_reports(Channel::Sms, token, body).await?;
    ok(&ReceivedOut::RECEIVED)
}

async fn pass_sms_through(call: Call) -> Reply {
    let told = call.query().to_form();
    let token = Some(call.path("token"));
    call.hub()
        .receive_reports(Channel::Sms, token, told.as_bytes())
        .await?;
    ok(&ReceivedOut::RECEIVED)
}

async fn send_sms(call: Call) -> Reply {
    let (to, message) = call.json::<SmsIn>()?.into_parts(call.idempotency_key());
    let sent = call
        .hub()
        .send_to_address(call.scope()?, Address::Sms(to), message)
        .await;
    ok(&SentOut::from(&sent.map_err(named(&[("id", "messageId")]))?))
}

fn list_waiting(call: &Call) -> Reply {
    let waiting = call.hub().list_waiting_messages(call.scope()?)?;
    ok(&waiting.iter().map(WaitingOut::from).collect::<Vec<_>>())
}

fn list_failed(call: &Call) -> Reply {
    let failed = call.hub().list_failed_messages(call.scope()?)?;
    ok(&failed.iter().map(FailedOut::from).collect::<Vec<_>>())
}

async fn send_again(call: Call) -> Reply {
    call.hub()
        .send_again(call.scope()?, call.path("reference"))
        .await?;
    no_content()
}
