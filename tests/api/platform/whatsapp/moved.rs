//! Customers whose number or user id is another one from now on: the conversation goes on where they are.

use serde_json::{Value, json};
use switchboard_testbed::graph::samples;

use super::{CUSTOMER, Chat, fresh, words};

/// The number that the customer has later.
const LATER: &str = "12195555358";
/// The customer's user ids.
const USER: &str = "US.13491208655302741918";
const LATER_USER: &str = "US.20000000000000000001";

/// A notice of now that the customer has another number.
fn moves(id: &str, from: &str, to: &str) -> Value {
    fresh(samples::number_change(from, id, to))
}

impl Chat {
    /// Where messages to the customer go.
    fn leads_to(&self) -> String {
        self.conversation().route.as_ref().unwrap().to.clone()
    }
}

#[tokio::test]
async fn what_comes_from_a_new_number_goes_on_in_the_conversation_and_is_answered_there() {
    let chat = Chat::start().await;
    chat.comes(words("wamid.1", "Hello!")).await;
    chat.graph.wait_for_sent(1).await;
    chat.comes(moves("wamid.2", CUSTOMER, LATER)).await;
    chat.comes(fresh(samples::text(
        LATER,
        "wamid.3",
        "Hello, from my new number!",
    )))
    .await;
    let sent = chat.graph.wait_for_sent(2).await;
    assert_eq!((sent[0].to.as_str(), sent[1].to.as_str()), (CUSTOMER, LATER));
    let texts: Vec<_> = chat.messages().iter().map(|told| told.text.clone()).collect();
    assert!(
        texts.contains(&"Hello, from my new number!".to_owned()),
        "{texts:?}"
    );
    let customers = chat.world.customers();
    assert_eq!(customers.len(), 1, "{customers:?}");
    assert_eq!(customers[0].phone, Some(format!("+{LATER}")));
    assert_eq!(chat.graph.refusals(), Vec::<Value>::new());
}

#[tokio::test]
async fn what_staff_write_goes_to_the_new_number_though_nothing_has_come_from_there() {
    let chat = Chat::start().await;
    chat.comes(words("wamid.1", "Let me talk to a human")).await;
    chat.graph.wait_for_sent(1).await;
    chat.comes(moves("wamid.2", CUSTOMER, LATER)).await;
    for (place, to) in [CUSTOMER, LATER].into_iter().enumerate() {
        let sent = chat.writes_to(to, "How can I help?").await;
        assert_eq!(sent.status, 200, "{}", sent.text);
        let ours = chat.graph.wait_for_sent(2 + place).await;
        assert_eq!(ours[1 + place].to, LATER);
    }
    chat.conversation();
}

#[tokio::test]
async fn a_move_that_is_told_again_later_takes_nobody_back() {
    let chat = Chat::start().await;
    chat.comes(words("wamid.1", "Let me talk to a human")).await;
    let (there, back) = (
        moves("wamid.2", CUSTOMER, LATER),
        moves("wamid.3", LATER, CUSTOMER),
    );
    for (notice, expected) in [
        (&there, LATER),
        (&there, LATER),
        (&back, CUSTOMER),
        (&there, CUSTOMER),
    ] {
        chat.comes(notice.clone()).await;
        assert_eq!(chat.leads_to(), format!("+{expected}"));
    }
}

#[tokio::test]
async fn a_number_that_is_somebody_elses_stays_theirs() {
    let chat = Chat::start().await;
    chat.comes(words("wamid.1", "Let me talk to a human")).await;
    chat.comes(fresh(samples::text(LATER, "wamid.2", "I am somebody else")))
        .await;
    chat.comes(moves("wamid.3", CUSTOMER, LATER)).await;
    let conversations = chat.world.conversations();
    let mut led: Vec<_> = conversations
        .iter()
        .map(|known| known.route.as_ref().unwrap().to.clone())
        .collect();
    led.sort();
    assert_eq!(led, [format!("+{LATER}"), format!("+{CUSTOMER}")]);
    assert_eq!(chat.world.customers().len(), 2);
}

#[tokio::test]
async fn a_new_user_id_is_the_same_customer_in_the_same_conversation() {
    let chat = Chat::start().await;
    chat.comes(fresh(samples::text(USER, "wamid.1", "Let me talk to a human")))
        .await;
    let object = json!({"type": "user_changed_user_id", "user_id": LATER_USER, "body": "changed"});
    chat.comes(fresh(samples::message(USER, "wamid.2", "system", object)))
        .await;
    assert_eq!(chat.leads_to(), LATER_USER);
    chat.comes(fresh(samples::text(LATER_USER, "wamid.3", "Me again")))
        .await;
    chat.conversation();
    assert_eq!(chat.world.customers().len(), 1);
}

#[tokio::test]
async fn whoever_tells_both_addresses_is_one_customer_in_one_conversation_at_either() {
    let chat = Chat::start().await;
    let both = samples::with(
        words("wamid.1", "Let me talk to a human"),
        "from_user_id",
        json!(USER),
    );
    chat.comes(both).await;
    chat.comes(fresh(samples::text(USER, "wamid.2", "Me again")))
        .await;
    chat.comes(words("wamid.3", "And again")).await;
    chat.conversation();
    assert_eq!(chat.world.customers().len(), 1);
}

#[tokio::test]
async fn a_new_number_opens_no_day_of_free_text() {
    let chat = Chat::start().await;
    // The samples are from long ago; the move is of now.
    chat.comes(samples::text(CUSTOMER, "wamid.1", "Let me talk to a human"))
        .await;
    chat.comes(moves("wamid.2", CUSTOMER, LATER)).await;
    let refused = chat.writes_to(LATER, "Hello?").await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    chat.comes(fresh(samples::text(LATER, "wamid.3", "Hello"))).await;
    let sent = chat.writes_to(LATER, "Hello?").await;
    assert_eq!(sent.status, 200, "{}", sent.text);
}
