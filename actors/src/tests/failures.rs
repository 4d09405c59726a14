//! What fails is started again, alone; what was acknowledged stays; too many failures go upward.

use std::sync::atomic::Ordering;
use std::time::Duration;

use ractor::Actor;
use switchboard_domain::event::Typist;
use switchboard_domain::ports::bus::Topic;

use super::world::{ANSWER, World, message};
use crate::channel::web::{TypingNotice, WebCommand};
use crate::error::HubError;
use crate::session::SessionCommand;
use crate::supervision::{ChildSpec, RestartPolicy, Supervisor};

#[tokio::test(flavor = "multi_thread")]
async fn a_panicking_session_starts_again_and_loses_nothing_and_its_siblings_live_on() {
    let world = World::up().await;
    let (broken, sibling) = (world.guest().await, world.guest().await);
    world.say(&broken, "strange one").await;
    world.say(&sibling, "strange two").await;
    let directory = &world.hub.links.directory;
    let before = directory.find(broken.conversation.id).expect("live");
    let other = directory.find(sibling.conversation.id).expect("live");
    before.send_message(SessionCommand::Panic).expect("sent");
    let again = || {
        directory
            .find(broken.conversation.id)
            .is_some_and(|now| now != before)
    };
    world.until("the session's restart", again).await;
    let done = world.say(&broken, "still there?").await;
    assert_eq!(done.messages[0].text, "still there?");
    world.until_answered(&broken).await;
    let last = world.conversation(&broken).last_sequence;
    assert!(last >= done.conversation.last_sequence);
    let sequences: Vec<_> = world
        .messages(&broken)
        .iter()
        .map(|message| message.sequence)
        .collect();
    assert_eq!(sequences, (1..=last).collect::<Vec<_>>());
    assert!(world.texts(&broken).contains(&"strange one".to_owned()));
    assert_eq!(
        directory.find(sibling.conversation.id),
        Some(other),
        "the sibling was not touched"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panicking_worker_starts_again_and_the_customer_gets_an_agent() {
    let world = World::with(|settings| settings.assistant.timeout = Duration::from_millis(300)).await;
    let (unlucky, lucky) = (world.guest().await, world.guest().await);
    world.say(&unlucky, "panic").await;
    world.say(&lucky, "returns?").await;
    world.until_answered(&lucky).await;
    assert_eq!(world.texts(&lucky), ["returns?", ANSWER]);
    world.until_answered(&unlucky).await;
    assert_eq!(world.conversation(&unlucky).status.as_str(), "waiting");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panicking_web_channel_starts_again_and_typing_goes_on() {
    let world = World::up().await;
    let guest = world.guest().await;
    let ear = world.ear(Topic::Conversation(guest.conversation.id), 9, true);
    let before = world.hub.links.web.get().expect("up");
    before.send_message(WebCommand::Panic).expect("sent");
    world
        .until("the channel's restart", || {
            world.hub.links.web.get().is_some_and(|now| now != before)
        })
        .await;
    world.hub.links.web.notify(WebCommand::Typing(TypingNotice {
        organization: guest.conversation.organization,
        conversation: guest.conversation.id,
        typist: Typist::Customer,
        is_typing: true,
        origin: None,
    }));
    world.until("typing", || ear.typing() == [true]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_failures_of_one_part_end_the_root() {
    let World { hub, mut root, .. } = World::up().await;
    let kill = tokio::spawn(async move {
        loop {
            if let Some(web) = hub.links.web.get() {
                web.send_message(WebCommand::Panic).ok();
            }
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    });
    tokio::time::timeout(Duration::from_secs(60), root.ended())
        .await
        .expect("the root gives up");
    kill.abort();
}

/// A child that fails as soon as it has started.
struct Doomed;

impl Actor for Doomed {
    type Msg = ();
    type State = ();
    type Arguments = ();

    async fn pre_start(
        &self,
        myself: ractor::ActorRef<()>,
        (): (),
    ) -> Result<(), ractor::ActorProcessingErr> {
        myself.send_message(())?;
        Ok(())
    }

    async fn handle(
        &self,
        _: ractor::ActorRef<()>,
        (): (),
        (): &mut (),
    ) -> Result<(), ractor::ActorProcessingErr> {
        Err("doomed".into())
    }
}

#[tokio::test(start_paused = true)]
async fn a_supervisor_bears_as_many_failures_as_its_policy_says() {
    static STARTS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let spec = ChildSpec::new("doomed", |supervisor| async move {
        STARTS.fetch_add(1, Ordering::SeqCst);
        let (child, _) = Actor::spawn_linked(None, Doomed, (), supervisor).await?;
        Ok(child.get_cell())
    });
    let policy = RestartPolicy {
        max: 3,
        window: Duration::from_secs(10),
        pause: Duration::from_millis(5),
    };
    let (_, ended) = Actor::spawn(None, Supervisor { name: "test", policy }, vec![spec])
        .await
        .expect("starts");
    ended.await.expect("it ends by itself");
    assert_eq!(STARTS.load(Ordering::SeqCst), 4, "the first start and three more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_the_message_keeps_the_old_state_and_heals() {
    let world = World::up().await;
    let guest = world.guest().await;
    world.say(&guest, "strange one").await;
    world.until_answered(&guest).await;
    let before = world.texts(&guest);
    world.engine.full.store(true, Ordering::SeqCst);
    let refused = world
        .hub
        .receive_message(&guest.scope, &guest.conversation, message("lost?"))
        .await;
    assert!(matches!(refused, Err(HubError::StoreFull)));
    assert_eq!(world.texts(&guest), before, "reads go on, and nothing was stored");
    world.engine.full.store(false, Ordering::SeqCst);
    world.say(&guest, "there is room again").await;
    let sequences: Vec<_> = world
        .messages(&guest)
        .iter()
        .map(|message| message.sequence)
        .collect();
    assert_eq!(sequences, (1..=sequences.len() as u64).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_more_than_admitted_is_refused_before_it_is_stored() {
    let world = World::with(|settings| settings.max_waiting_commands = 0).await;
    let guest = world.guest().await;
    let refused = world
        .hub
        .receive_message(&guest.scope, &guest.conversation, message("hello"))
        .await;
    assert!(matches!(refused, Err(HubError::Overloaded)));
    assert!(world.messages(&guest).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_session_is_put_away_and_the_next_message_finds_it_whole() {
    let world = World::with(|settings| settings.session_idle = Duration::from_millis(30)).await;
    let guest = world.guest().await;
    world.say(&guest, "returns?").await;
    world.until_answered(&guest).await;
    world
        .until("the session to be put away", || {
            world.hub.links.directory.live() == 0
        })
        .await;
    let done = world.say(&guest, "returns again?").await;
    assert_eq!(done.messages[0].sequence, 3);
}
