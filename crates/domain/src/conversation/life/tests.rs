//! The life of a conversation, by example and by a million random steps.

use proptest::prelude::*;

use super::*;
use crate::conversation::{NewConversation, Owner};
use crate::cost::Money;
use crate::customer::Channel;
use crate::id::{ConversationId, CustomerId, OrganizationId};

fn opened() -> Conversation {
    Conversation::open(NewConversation {
        id: ConversationId::from_bytes([1; 16]),
        number: 1,
        organization: OrganizationId::from_bytes([2; 16]),
        customer: CustomerId::from_bytes([3; 16]),
        customer_name: "Alice".to_owned(),
        customer_label: None,
        owner: Owner::Guest,
        channel: Channel::Web,
        alias: None,
        opened_at: Timestamp::from_millis(0),
        route: None,
    })
}

fn jane() -> Acting {
    Acting {
        id: AccountId::from_bytes([7; 16]),
        name: "Jane".to_owned(),
    }
}

fn says(text: &str) -> Input {
    Input::CustomerMessage {
        content: Content::text(text),
        auto_reply: true,
    }
}

fn outcome(of: &Conversation, verdict: Verdict) -> Input {
    Input::TurnFinished(TurnOutcome {
        epoch: of.epoch,
        through: of.last_customer_sequence,
        advice: None,
        text: "Within thirty days.".to_owned(),
        trace: Trace {
            sources: Vec::new(),
            decision: String::new(),
            reason: String::new(),
            tokens: 0,
            response_millis: 0,
            epoch: of.epoch,
            cost: Money::ZERO,
            cached: false,
        },
        verdict,
        cache_hit: None,
    })
}

fn after(conversation: &Conversation, input: Input) -> Conversation {
    step(conversation, input, Timestamp::from_millis(1_000))
        .expect("the step is allowed")
        .0
}

#[test]
fn a_customer_message_makes_a_turn_due_and_its_answer_settles_it() {
    let asked = after(&opened(), says("returns?"));
    assert_eq!((asked.last_sequence, asked.turn_due), (1, Some(1)));
    let answered = after(&asked, outcome(&asked, Verdict::Settled));
    assert_eq!(
        (
            answered.last_sequence,
            answered.turn_due,
            answered.unanswered_since
        ),
        (2, None, None)
    );
}

#[test]
fn what_a_service_writes_answers_nothing_and_puts_nobody_in_charge() {
    let asked = after(&opened(), says("returns?"));
    let notice = || Input::Announce {
        content: Content::text("Your parcel is on its way."),
    };
    let told = after(&asked, notice());
    assert_eq!((told.last_sequence, told.counts.assistant), (2, 1));
    assert_eq!((told.status, told.epoch), (asked.status, asked.epoch));
    assert_eq!(
        (told.turn_due, told.unanswered_since),
        (asked.turn_due, asked.unanswered_since)
    );
    let with_jane = after(&told, Input::Accept { agent: jane() });
    let given_back = after(&after(&with_jane, notice()), Input::Release);
    assert!(given_back.turn_due.is_some(), "the question still waits");
    let closed = after(&told, Input::Close(Closing::default()));
    assert_eq!(
        step(&closed, notice(), Timestamp::from_millis(2_000)),
        Err(Refusal::Closed)
    );
}

#[test]
fn an_answer_begun_before_an_agent_took_over_is_dropped() {
    let asked = after(&opened(), says("returns?"));
    let late = outcome(&asked, Verdict::Settled);
    let taken = after(&asked, Input::Accept { agent: jane() });
    assert_eq!(
        step(&taken, late, Timestamp::from_millis(2)),
        Err(Refusal::StaleEpoch)
    );
}

#[test]
fn an_answer_that_has_not_read_the_newest_message_is_done_again() {
    let asked = after(&opened(), says("returns?"));
    let early = outcome(&asked, Verdict::Settled);
    let more = after(&asked, says("of shoes"));
    assert_eq!(
        step(&more, early, Timestamp::from_millis(2)),
        Err(Refusal::Outdated)
    );
}

#[test]
fn a_staff_message_takes_an_active_conversation_over() {
    let taken = after(
        &opened(),
        Input::AgentMessage {
            agent: jane(),
            content: Content::text("Hi, I'm Jane."),
        },
    );
    assert_eq!(taken.status.agent(), Some(jane().id));
    assert_eq!(taken.handovers, 1);
}

#[test]
fn a_customer_who_writes_into_a_closed_conversation_opens_it_again() {
    let closed = after(&after(&opened(), says("bye")), Input::Close(Closing::default()));
    assert_eq!(closed.status.as_str(), "closed");
    assert_eq!(after(&closed, says("one more thing")).status, Status::Active);
}

#[test]
fn a_second_agent_cannot_accept_what_the_first_has_taken() {
    let taken = after(&opened(), Input::Accept { agent: jane() });
    let john = Acting {
        id: AccountId::from_bytes([8; 16]),
        name: "John".to_owned(),
    };
    assert_eq!(
        step(&taken, Input::Accept { agent: john }, Timestamp::from_millis(2)),
        Err(Refusal::Taken)
    );
}

#[test]
fn an_unanswered_conversation_released_by_an_agent_is_answered_by_the_assistant() {
    let taken = after(&opened(), Input::Accept { agent: jane() });
    let asked = after(&taken, says("anyone?"));
    let (released, effects) = step(&asked, Input::Release, Timestamp::from_millis(2)).expect("released");
    assert_eq!(released.status, Status::Active);
    assert!(effects.contains(&Effect::StartTurn));
}

fn any_input() -> impl Strategy<Value = u8> {
    0_u8..12
}

fn input(kind: u8, of: &Conversation) -> Input {
    let john = Acting {
        id: AccountId::from_bytes([8; 16]),
        name: "John".to_owned(),
    };
    match kind {
        0 => says("hello"),
        1 => Input::CustomerMessage {
            content: Content::text("quiet"),
            auto_reply: false,
        },
        2 => Input::AgentMessage {
            agent: jane(),
            content: Content::text("hi"),
        },
        3 => outcome(of, Verdict::Settled),
        4 => outcome(of, Verdict::Open),
        5 => outcome(of, Verdict::HandOver(HandoverReason::LowConfidence)),
        6 => Input::RequestHandover {
            reason: HandoverReason::CustomerRequest,
            say: Some("One moment".to_owned()),
        },
        7 => Input::Accept { agent: john },
        8 => Input::Release,
        9 => Input::AgentLeft { agent: jane().id },
        10 => Input::Close(Closing::default()),
        _ => Input::ResetContext,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_record_stays_whole(kinds in proptest::collection::vec(any_input(), 1..40)) {
        let mut now = opened();
        for (tick, kind) in kinds.into_iter().enumerate() {
            let at = Timestamp::from_millis(i64::try_from(tick).expect("small"));
            let Ok((next, effects)) = step(&now, input(kind, &now), at) else { continue };
            let appended = effects.iter().filter(|effect| matches!(effect, Effect::Append { .. })).count();
            prop_assert_eq!(next.last_sequence - now.last_sequence, appended as u64, "sequences have no gaps");
            let changed = next.status.agent() != now.status.agent() || next.status.as_str() != now.status.as_str();
            prop_assert!(!changed || next.epoch > now.epoch, "whoever takes charge makes earlier answers stale");
            prop_assert!(next.turn_due.is_none() || next.status == Status::Active, "only the AI in charge owes a turn");
            prop_assert_eq!(next.agent_name.is_some(), next.status.agent().is_some());
            let spoke = effects.iter().any(|e| matches!(e, Effect::Append { author: Author::Assistant, .. }));
            prop_assert!(!spoke || now.status == Status::Active, "the AI is silent while it is not in charge");
            now = next;
        }
    }
}
