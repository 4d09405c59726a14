//! What becomes of errands, over every lane and outcome.

use proptest::prelude::*;

use super::*;

fn now() -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000)
}

fn errand(lane: Lane) -> Errand {
    let subject = Subject::Message(ConversationId::from_bytes([1; 16]), 7);
    Errand::new(OrganizationId::from_bytes([2; 16]), lane, subject, now())
}

fn failing() -> Outcome {
    Outcome::Later("it is down".to_owned(), None)
}

#[test]
fn an_endpoint_that_is_down_is_tried_for_a_day_with_growing_pauses_and_then_given_up() {
    let webhook = Lane::Webhook(WebhookId::from_bytes([3; 16]));
    let (mut errand, mut at, mut pauses) = (errand(webhook), now(), Vec::new());
    let reason = loop {
        match errand.claimed(at).after(failing(), at, u32::MAX / 2) {
            Next::Waits(next) => {
                pauses.push(next.due.since(at));
                (at, errand) = (next.due, next);
            }
            Next::Failed(reason) => break reason,
            Next::Settled => panic!("settled by a failure"),
        }
    };
    assert_eq!(reason, "it is down");
    assert!(pauses.is_sorted() && pauses.len() >= 6, "{pauses:?}");
    let tried = at.since(now());
    assert!(tried > PATIENCE / 2 && tried <= PATIENCE, "{tried:?}");
}

#[test]
fn whoever_is_asked_to_come_later_comes_later() {
    let asked = Outcome::Later("too many".to_owned(), Some(Duration::from_secs(77)));
    let next = errand(Lane::Whatsapp).claimed(now()).after(asked, now(), 0);
    assert!(matches!(next, Next::Waits(ref waits) if waits.due == now().after(Duration::from_secs(77))));
}

#[test]
fn what_may_have_arrived_is_sent_again_only_where_that_changes_nothing() {
    for (lane, state) in [(Lane::Whatsapp, true), (Lane::Sms, true), (Lane::Email, false)] {
        let claimed = errand(lane).claimed(now());
        let later = claimed.due;
        match claimed.overdue(later, 0) {
            Next::Waits(waits) => {
                assert!(state && waits.state == ErrandState::InDoubt, "{lane:?}");
                assert!(
                    matches!(waits.overdue(waits.due, 0), Next::Failed(reason) if reason.starts_with("uncertain"))
                );
            }
            Next::Failed(reason) => assert!(!state && reason.starts_with("uncertain"), "{lane:?}: {reason}"),
            Next::Settled => panic!("{lane:?} settled"),
        }
    }
    let webhook = errand(Lane::Webhook(WebhookId::from_bytes([3; 16]))).claimed(now());
    assert!(
        matches!(webhook.overdue(webhook.due, 0), Next::Waits(waits) if waits.state == ErrandState::Waiting)
    );
}

#[test]
fn a_pause_of_its_pace_is_no_attempt() {
    let mut errand = errand(Lane::Whatsapp);
    for _ in 0..100 {
        let Next::Waits(next) =
            errand
                .claimed(now())
                .after(Outcome::NotYet(Duration::from_secs(6)), now(), 0)
        else {
            panic!("it does not wait");
        };
        errand = next;
    }
    assert_eq!(errand.attempts, 0);
}

#[test]
fn a_lane_reads_back_from_its_bytes() {
    let webhook = Lane::Webhook(WebhookId::from_bytes([9; 16]));
    for lane in [Lane::Whatsapp, Lane::Sms, Lane::Email, Lane::Media, webhook] {
        assert_eq!(Lane::from_bytes(lane.as_bytes()), Some(lane));
    }
    assert_eq!(Lane::from_bytes([0; 17]), None);
}

proptest! {
    #[test]
    fn whatever_is_drawn_a_pause_stays_in_the_upper_half_of_its_bound(attempts in 1_u32..40, draw: u32) {
        let place = usize::try_from(attempts - 1).unwrap();
        let bound = PAUSES.get(place).or(PAUSES.last()).copied().unwrap();
        let pause = pause(attempts, draw);
        prop_assert!(pause >= bound / 2 && pause <= bound);
    }
}

#[test]
fn what_is_held_back_for_days_has_spent_neither_attempts_nor_patience() {
    let (mut held, mut at, pause) = (errand(Lane::Sms), now(), Duration::from_secs(60));
    while at.since(now()) < 2 * PATIENCE {
        let Next::Waits(next) = held.claimed(at).after(Outcome::Held(pause), at, 0) else {
            panic!("it does not wait");
        };
        assert_eq!((next.state, next.attempts), (ErrandState::Held, 0));
        assert_eq!(next.due, at.after(pause));
        (at, held) = (next.due, next);
    }
    assert!(matches!(held.claimed(at).after(failing(), at, 0), Next::Waits(_)));
}
