//! When and how often the assistant answers.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use switchboard_domain::conversation::Status;
use switchboard_domain::event::Event;
use switchboard_domain::handover::HandoverReason;
use switchboard_domain::ports::bus::Topic;
use switchboard_domain::scope::Scope;
use switchboard_domain::settings::{AssistantSettings, ResponseStyle};

use super::world::{ANSWER, World, message};
use crate::hub::mails::OWED;
use crate::hub::messages::NewMessage;

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_from_its_source_and_the_trace_is_kept() {
    let world = World::up().await;
    let guest = world.guest().await;
    let answered = world
        .hub
        .ask(&guest.scope, &guest.conversation, message("returns?"))
        .await
        .expect("asked");
    let answer = answered.answer.expect("the assistant answers");
    assert_eq!((answer.text.as_str(), answer.sequence), (ANSWER, 2));
    assert_eq!(
        answer.trace.as_ref().expect("a trace").sources[0].title,
        "Returns?"
    );
    assert!(answered.question.analysis.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_short_messages_gets_one_answer() {
    let world = World::with(|settings| settings.assistant.debounce = Duration::from_secs(2)).await;
    let guest = world.guest().await;
    for text in ["hi", "I bought shoes", "returns?"] {
        world.say(&guest, text).await;
    }
    world.until_answered(&guest).await;
    assert_eq!(world.texts(&guest), ["hi", "I bought shoes", "returns?", ANSWER]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_begun_before_an_agent_took_over_is_dropped() {
    let world = World::up().await;
    let guest = world.guest().await;
    let permits = world.assistant.gate.available_permits();
    world.assistant.gate.forget_permits(permits);
    world.say(&guest, "returns?").await;
    world
        .until("the turn's begin", || {
            world.assistant.turns.load(Ordering::SeqCst) == 1
        })
        .await;
    let agent = world.agent(7);
    world
        .hub
        .accept_handover(&agent, &guest.conversation.id.to_string())
        .await
        .expect("accepted");
    world.assistant.gate.add_permits(10);
    world
        .hub
        .send_message(&agent, &guest.conversation, message("Hi, I'm Jane."))
        .await
        .expect("sent");
    world
        .hub
        .release_handover(&agent, &guest.conversation.id.to_string())
        .await
        .expect("released");
    world.say(&guest, "returns again?").await;
    world.until_answered(&guest).await;
    assert_eq!(
        world.texts(&guest),
        ["returns?", "Hi, I'm Jane.", "returns again?", ANSWER]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_wait_while_the_assistant_owes_many_answers() {
    let world = World::up().await;
    world.assistant.gate.forget_permits(usize::MAX);
    for _ in 0..=OWED {
        let guest = world.guest().await;
        world.say(&guest, "returns?").await;
    }
    let hub = world.hub.clone();
    let waiting = tokio::spawn(async move { hub.await_answers().await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    world.assistant.gate.add_permits(1_000);
    waiting.await.unwrap().unwrap();
    let owed = world.hub.services().records().list_turns_due(OWED + 1);
    assert!(owed.unwrap().len() <= OWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_owed_at_the_end_of_a_process_is_taken_by_the_next() {
    let world = World::up().await;
    let guest = world.guest().await;
    let permits = world.assistant.gate.available_permits();
    world.assistant.gate.forget_permits(permits);
    world.say(&guest, "returns?").await;
    let world = world.restarted().await;
    world.until_answered(&guest).await;
    assert_eq!(world.texts(&guest), ["returns?", ANSWER]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_message_id_is_the_same_message_and_gets_the_first_answer_again() {
    let world = World::up().await;
    let guest = world.guest().await;
    let first = NewMessage {
        client_id: Some("m-1".to_owned()),
        ..message("returns?")
    };
    let once = world
        .hub
        .ask(&guest.scope, &guest.conversation, first.clone())
        .await
        .expect("asked");
    let twice = world
        .hub
        .ask(&guest.scope, &guest.conversation, first)
        .await
        .expect("asked again");
    assert_eq!(
        once.answer.expect("answered").id,
        twice.answer.expect("answered").id
    );
    assert_eq!(world.messages(&guest).len(), 2);
    let other = NewMessage {
        client_id: Some("m-1".to_owned()),
        ..message("something else")
    };
    assert!(
        world
            .hub
            .ask(&guest.scope, &guest.conversation, other)
            .await
            .is_err(),
        "another text is a conflict"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_assistant_keeps_the_message_and_asks_for_an_agent() {
    let world = World::up().await;
    let guest = world.guest().await;
    let answered = world
        .hub
        .ask(&guest.scope, &guest.conversation, message("fail"))
        .await
        .expect("asked");
    assert_eq!(answered.conversation.status.as_str(), "waiting");
    assert_eq!(world.messages(&guest)[0].text, "fail");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_auto_reply_off_nothing_is_said_in_the_assistants_name() {
    let world = World::with(|settings| settings.defaults.auto_reply_enabled = false).await;
    let guest = world.guest().await;
    let answered = world
        .hub
        .ask(&guest.scope, &guest.conversation, message("returns?"))
        .await
        .expect("asked");
    assert!(answered.answer.is_none() && answered.notice.is_none());
    assert_eq!(world.texts(&guest), ["returns?"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn typing_is_shown_while_the_assistant_works_and_ends_with_its_answer() {
    let world = World::up().await;
    let guest = world.guest().await;
    let ear = world.ear(Topic::Conversation(guest.conversation.id), 9, false);
    world.say(&guest, "a person please").await;
    world.until_answered(&guest).await;
    world
        .until("typing to end", || ear.typing() == [true, false])
        .await;
    let waiting = |heard: &Event| matches!(heard, Event::StatusChanged { .. });
    let is_told = || ear.heard.lock().iter().any(|heard| waiting(&heard.event));
    world.until("the agent to be called", is_told).await;
    let staff_only = ear.heard.lock().iter().any(|heard| heard.event.staff_only());
    assert!(!staff_only, "a customer hears no analysis");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_five_times_at_once_is_one_message() {
    let world = World::up().await;
    let guest = world.guest().await;
    let same = || NewMessage {
        client_id: Some("m-1".to_owned()),
        ..message("returns?")
    };
    let sending = (0..5).map(|_| {
        let (hub, guest, same) = (world.hub.clone(), guest.clone(), same());
        tokio::spawn(async move { hub.receive_message(&guest.scope, &guest.conversation, same).await })
    });
    let mut stored = Vec::new();
    for sender in sending.collect::<Vec<_>>() {
        stored.push(sender.await.expect("no panic").expect("taken"));
    }
    let ids: HashSet<_> = stored.iter().map(|done| done.messages[0].id).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(stored.iter().filter(|done| !done.repeated).count(), 1);
    world.until_answered(&guest).await;
    assert_eq!(world.texts(&guest), ["returns?", ANSWER]);
}

async fn steered(change: impl FnOnce(&mut AssistantSettings) + Send) -> World {
    let world = World::up().await;
    let operator = Scope::hub(world.hub.credentials().default_organization().unwrap());
    world.hub.change_settings(&operator, change).await.unwrap();
    world
}

/// What the assistant says to a question, and why an agent is wanted, if one is.
async fn answer_to(world: &World, question: &str) -> (String, Option<HandoverReason>) {
    let guest = world.guest().await;
    let answered = world
        .hub
        .ask(&guest.scope, &guest.conversation, message(question))
        .await
        .unwrap();
    let reason = match answered.conversation.status {
        Status::Waiting { reason, .. } => Some(reason),
        _ => None,
    };
    (answered.answer.expect("something is said").text.clone(), reason)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_on_a_prohibited_topic_is_handed_over_in_the_fallback_words() {
    let world = steered(|settings| {
        settings.prohibited_topics = vec!["medical advice".to_owned()];
        settings.fallback_message = "A colleague will help.".to_owned();
    })
    .await;
    let refused = answer_to(&world, "Any MEDICAL advice on returns?").await;
    assert_eq!(
        refused,
        (
            "A colleague will help.".to_owned(),
            Some(HandoverReason::ProhibitedTopic)
        )
    );
    assert_eq!(
        answer_to(&world, "any advice on returns?").await,
        (ANSWER.to_owned(), None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_language_the_model_does_not_speak_is_handed_over() {
    let world = steered(|settings| settings.language = "de".to_owned()).await;
    let (_, reason) = answer_to(&world, "returns?").await;
    assert_eq!(reason, Some(HandoverReason::UnknownLanguage));
    let world = steered(|settings| settings.language = "en".to_owned()).await;
    assert_eq!(answer_to(&world, "returns?").await, (ANSWER.to_owned(), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_out_of_bounds_are_refused_by_name_and_change_nothing() {
    type Change = fn(&mut AssistantSettings);
    let wrong: [(&str, Change); 5] = [
        ("prompt", |settings| settings.prompt = "p".repeat(4_001)),
        ("tone", |settings| settings.tone = "t".repeat(51)),
        ("language", |settings| {
            settings.language = "English, please".to_owned();
        }),
        ("prohibited_topics", |settings| {
            settings.prohibited_topics = vec!["war".to_owned(); 51];
        }),
        ("prohibited_topics", |settings| {
            settings.prohibited_topics = vec!["?!".to_owned()];
        }),
    ];
    let world = steered(|settings| settings.tone = "professional".to_owned()).await;
    let operator = Scope::hub(world.hub.credentials().default_organization().unwrap());
    for (field, change) in wrong {
        let refused = world.hub.change_settings(&operator, change).await.unwrap_err();
        assert!(refused.to_string().starts_with(field), "{refused}");
    }
    let kept = world.hub.get_settings(&operator).unwrap();
    assert_eq!(
        (kept.tone.as_str(), kept.style),
        ("professional", ResponseStyle::Formal)
    );
    assert!(kept.prohibited_topics.is_empty());
}
