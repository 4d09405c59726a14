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
    fn texts(&self, conversation: &str) -> Vec<String> {
        let messages = self.world.messages(conversation);
        messages.iter().map(|message| message.text.clone()).collect()
    }

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
    let sent = chat.writes_to(LATER, "How can I help?").await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let ours = chat.graph.wait_for_sent(2).await;
    assert_eq!(ours[1].to, LATER);
    let refused = chat.writes_to(CUSTOMER, "How can I help?").await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    chat.conversation();
    assert_eq!(chat.graph.sent().len(), 2);
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
async fn who_gets_a_number_that_was_left_is_somebody_new_and_the_past_still_shows_it() {
    let chat = Chat::start().await;
    chat.comes(words("wamid.1", "Let me talk to a human")).await;
    chat.comes(moves("wamid.2", CUSTOMER, LATER)).await;
    let before = chat.conversation();
    chat.comes(words("wamid.3", "I got this number today")).await;
    let conversations = chat.world.conversations();
    let of_stranger = conversations.iter().find(|known| known.id != before.id).unwrap();
    assert_ne!(of_stranger.customer, before.customer);
    assert_eq!(of_stranger.route.as_ref().unwrap().to, format!("+{CUSTOMER}"));
    let texts: Vec<_> = chat.texts(&of_stranger.id.to_string());
    assert!(texts.contains(&"I got this number today".to_owned()), "{texts:?}");
    assert!(!texts.iter().any(|text| text.contains("human")), "{texts:?}");
    let texts = chat.texts(&before.id.to_string());
    let shows = |text: &String| text.contains(&format!("+{CUSTOMER} is +{LATER} now"));
    assert!(texts.iter().any(shows), "{texts:?}");
    let customers = chat.world.customers();
    let phone = |id| {
        let of = customers.iter().find(|customer| customer.id == id);
        of.unwrap().phone.clone()
    };
    assert_eq!(phone(before.customer), Some(format!("+{LATER}")));
    assert_eq!(phone(of_stranger.customer), Some(format!("+{CUSTOMER}")));
}

#[tokio::test]
async fn who_wrote_from_a_new_number_before_the_notice_came_is_the_mover_from_then_on() {
    let chat = Chat::start().await;
    chat.comes(words("wamid.1", "Let me talk to a human")).await;
    let first = chat.conversation();
    chat.comes(fresh(samples::text(LATER, "wamid.2", "Are you still there?")))
        .await;
    chat.comes(moves("wamid.3", CUSTOMER, LATER)).await;
    for number in 4..6 {
        let text = format!("Words {number}");
        chat.comes(fresh(samples::text(LATER, &format!("wamid.{number}"), &text)))
            .await;
    }
    let conversations = chat.world.conversations();
    assert_eq!(conversations.len(), 2, "{conversations:#?}");
    let meanwhile = conversations.iter().find(|known| known.id != first.id).unwrap();
    let texts = chat.texts(&meanwhile.id.to_string());
    assert_eq!(texts[0], "Are you still there?");
    assert!(!texts.iter().any(|text| text.starts_with("Words")), "{texts:?}");
    let texts = chat.texts(&first.id.to_string());
    for number in 4..6 {
        assert!(texts.contains(&format!("Words {number}")), "{texts:?}");
    }
    let customers = chat.world.customers();
    let with_number = customers.iter().filter(|customer| customer.phone.is_some());
    let with_number: Vec<_> = with_number.map(|customer| customer.id).collect();
    assert_eq!(with_number, [first.customer]);
    let sent = chat.writes_to(LATER, "How can I help?").await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let texts = chat.texts(&first.id.to_string());
    assert!(texts.contains(&"How can I help?".to_owned()), "{texts:?}");
}

#[tokio::test]
async fn a_number_and_a_user_id_that_change_at_once_are_one_customers() {
    let chat = Chat::start().await;
    chat.comes(words("wamid.1", "Let me talk to a human")).await;
    let system = json!({"type": "user_changed_number", "wa_id": LATER, "user_id": USER, "body": "changed"});
    chat.comes(fresh(samples::message(CUSTOMER, "wamid.2", "system", system)))
        .await;
    chat.comes(fresh(samples::text(LATER, "wamid.3", "Me again")))
        .await;
    chat.comes(fresh(samples::text(USER, "wamid.4", "And again")))
        .await;
    chat.conversation();
    assert_eq!(chat.world.customers().len(), 1);
    chat.comes(words("wamid.5", "I got this number today")).await;
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
