//! Customers whose number is another one from now on: everything of theirs follows, however much and however often cut off.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use parking_lot::Mutex;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::customer::{Channel, Identity};
use switchboard_domain::incoming::{Asks, Incoming, Thread};
use switchboard_domain::message::Provided;
use switchboard_domain::ports::reports::{Move, Report, Reports, Unsigned};

use super::world::{World, settings};
use crate::channel::ChannelPorts;
use crate::error::HubError;
use crate::records::keys::Kind;

const OLD: &str = "+4915112345678";
const NEW: &str = "+4915187654321";
const MAIL: &str = "ann@mail.example";
/// More than are looked at anywhere.
const MAILS: u32 = 60;

/// Tells whatever a test wants, whoever calls.
#[derive(Debug, Default)]
struct Told(Mutex<Vec<Report>>);

impl Reports for Told {
    fn read(&self, _: Option<&str>, _: &[u8]) -> Result<Vec<Report>, Unsigned> {
        Ok(self.0.lock().clone())
    }

    fn confirms(&self, _: &str, _: &str) -> bool {
        true
    }
}

/// Somebody's words.
fn incoming(channel: Channel, sender: &[Identity], reply_to: &str, id: &str) -> Incoming {
    let thread = match channel {
        Channel::Email => Thread::New,
        _ => Thread::Newest,
    };
    Incoming {
        channel,
        sender: sender.to_vec(),
        name: "Ann".to_owned(),
        reply_to: reply_to.to_owned(),
        subject: String::new(),
        text: format!("Words {id}"),
        files: Vec::new(),
        raw: None,
        provided: Provided {
            id: id.to_owned(),
            kind: "text".to_owned(),
            ..Provided::default()
        },
        asks: Asks::Nothing,
        thread,
    }
}

fn by_phone(channel: Channel, number: &str, id: &str) -> Incoming {
    incoming(channel, &[Identity::Phone(number.to_owned())], number, id)
}

/// The notice of a move, as the adapter tells it: the move, and the notice's own message from the new number.
fn notice() -> Vec<Report> {
    let mut message = by_phone(Channel::Whatsapp, NEW, "notice");
    message.provided.kind = "system".to_owned();
    let told = Move {
        from: Identity::Phone(OLD.to_owned()),
        to: Identity::Phone(NEW.to_owned()),
        notice: "notice".to_owned(),
    };
    vec![Report::Moved(told), Report::Message(Box::new(message))]
}

/// A customer on WhatsApp and by SMS, who has written many mails since.
async fn world() -> (World, [Arc<Conversation>; 2]) {
    let told = Arc::new(Told(Mutex::new(notice())));
    let channels = ChannelPorts {
        whatsapp_reports: Some(told),
        ..ChannelPorts::default()
    };
    let world = World::with_channels(settings(), channels).await;
    let both = [Identity::Phone(OLD.to_owned()), Identity::Email(MAIL.to_owned())];
    let first = world.takes(incoming(Channel::Whatsapp, &both, OLD, "w")).await;
    let texted = world.takes(by_phone(Channel::Sms, OLD, "s")).await;
    assert_eq!(texted.customer, first.customer);
    for number in 0..MAILS {
        let mail = incoming(Channel::Email, &both[1..], MAIL, &format!("m{number}"));
        assert_eq!(world.takes(mail).await.customer, first.customer);
    }
    (world, [first, texted])
}

impl World {
    async fn takes(&self, incoming: Incoming) -> Arc<Conversation> {
        let organization = self.staff().organization;
        let taken = self
            .hub
            .receive_incoming(organization, incoming.into())
            .await
            .unwrap();
        taken.conversation
    }

    /// The provider calls.
    async fn told(&self) -> Result<(), HubError> {
        self.hub.receive_reports(Channel::Whatsapp, None, b"").await
    }

    fn leads_to(&self, conversation: &Conversation) -> String {
        let known = self
            .hub
            .get_conversation(&self.staff(), &conversation.id.to_string());
        known.unwrap().route.as_ref().unwrap().to.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_sixty_mails_follows_a_number_by_whatsapp_and_by_sms() {
    let (world, [first, texted]) = world().await;
    world.told().await.unwrap();
    for conversation in [&first, &texted] {
        assert_eq!(world.leads_to(conversation), NEW, "{:?}", conversation.channel);
    }
    for (channel, conversation) in [(Channel::Whatsapp, &first), (Channel::Sms, &texted)] {
        let again = world.takes(by_phone(channel, NEW, "again")).await;
        assert_eq!(again.id, conversation.id, "{channel:?}");
        let other = world.takes(by_phone(channel, OLD, "other")).await;
        assert_ne!(other.customer, first.customer, "the old number is another's");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_the_customer_also_texts_from_stays_where_it_is() {
    let (world, [first, texted]) = world().await;
    let second = "+4915100000000";
    let both = [
        Identity::Phone(OLD.to_owned()),
        Identity::Phone(second.to_owned()),
    ];
    let elsewhere = world.takes(incoming(Channel::Sms, &both, second, "second")).await;
    assert_eq!(
        (elsewhere.customer, texted.id == elsewhere.id),
        (first.customer, false)
    );
    world.told().await.unwrap();
    assert_eq!(world.leads_to(&texted), NEW);
    assert_eq!(world.leads_to(&elsewhere), second);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_was_cut_off_goes_on_with_its_customer_though_the_old_number_is_anothers_by_then() {
    let (world, [first, texted]) = world().await;
    let go_on = world.engine.hold(Kind::Move);
    let hub = world.hub.clone();
    let call = tokio::spawn(async move { hub.receive_reports(Channel::Whatsapp, None, b"").await });
    world.until("the new address", || world.engine.is_held()).await;
    world.engine.full.store(true, Ordering::SeqCst);
    go_on.send(()).unwrap();
    assert!(call.await.unwrap().is_err(), "the provider is to come again");
    world.engine.full.store(false, Ordering::SeqCst);
    assert_eq!(world.leads_to(&first), OLD, "it was cut off before this one");
    let world = world.restarted().await;
    let stranger = world.takes(by_phone(Channel::Whatsapp, OLD, "stranger")).await;
    assert_ne!(stranger.customer, first.customer);
    for _ in 0..2 {
        world.told().await.unwrap();
        for conversation in [&first, &texted] {
            assert_eq!(world.leads_to(conversation), NEW, "{:?}", conversation.channel);
        }
        assert_eq!(world.leads_to(&stranger), OLD);
    }
    let found = world.takes(by_phone(Channel::Whatsapp, OLD, "again")).await;
    assert_eq!(found.id, stranger.id, "the old number is the stranger's");
    let records = world.hub.services().records();
    let under_way = records.find_move(world.staff().organization, Channel::Whatsapp, "notice");
    assert_eq!(under_way.unwrap(), None, "nothing of it is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_a_customers_numbers_has_its_own_conversation_whichever_is_newer() {
    let world = World::with_channels(settings(), ChannelPorts::default()).await;
    let both = [Identity::Phone(OLD.to_owned()), Identity::Email(MAIL.to_owned())];
    let first = world
        .takes(incoming(Channel::Whatsapp, &both, OLD, "first"))
        .await;
    let second = [Identity::Phone(NEW.to_owned()), Identity::Email(MAIL.to_owned())];
    let newer = world
        .takes(incoming(Channel::Whatsapp, &second, NEW, "second"))
        .await;
    assert_eq!(newer.customer, first.customer);
    for (number, conversation) in [(OLD, &first), (NEW, &newer)] {
        let again = by_phone(Channel::Whatsapp, number, &format!("again {number}"));
        assert_eq!(world.takes(again).await.id, conversation.id, "{number}");
    }
    assert_eq!(
        world.leads_to(&first),
        OLD,
        "answers go where the words came from"
    );
}
