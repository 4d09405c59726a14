//! The embedded assistant at work in the sample shop: it answers what it knows, and hands over what it does not.

use switchboard_domain::analysis::{Confidence, Intent};

use crate::support::{World, said, status};

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_shop_answers_what_it_knows_and_hands_over_what_it_does_not() {
    let world = World::demo().await;
    let customer = world.nobody.login_as("test@example.com", "testpassword123").await;

    let greeted = customer.asks("s-1", "hi there").await;
    let understood = greeted.question.analysis.as_ref().unwrap();
    assert_eq!(
        (understood.intent, status(&greeted)),
        (Intent::Greeting, "active")
    );

    let known = customer
        .asks("s-1", "How long do I have to return something?")
        .await;
    assert!(said(&known).contains("30 days"), "{known:?}");
    assert_eq!(status(&known), "active");

    let again = customer.asks("s-1", "Thanks a lot!").await;
    assert!(
        !said(&again).contains("30 days"),
        "thanks are not a question: {again:?}"
    );

    let unknown = customer
        .asks("s-1", "Who won the football match yesterday?")
        .await;
    assert_eq!(status(&unknown), "waiting", "{unknown:?}");

    let silent = customer
        .asks("s-1", "How long do I have to return something?")
        .await;
    assert!(
        silent.answer.is_none(),
        "while an agent is wanted the assistant says nothing: {silent:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_a_person_or_complains_or_speaks_another_language_gets_an_agent() {
    let world = World::demo().await;
    let customer = world.nobody.login_as("test@example.com", "testpassword123").await;
    let pleas = [
        "I want to talk to a real person",
        "My order arrived completely broken and nobody answers, this is a disgrace!",
        "¿Dónde está mi pedido? Todavía no ha llegado",
    ];
    for (number, plea) in pleas.into_iter().enumerate() {
        let answer = customer.asks(&format!("plea-{number}"), plea).await;
        assert_eq!(status(&answer), "waiting", "{plea}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faq_that_was_just_written_is_answered_from_and_one_that_was_removed_is_not() {
    let world = World::start().await;
    let customer = world.customer().await;
    let faq = world.knows("Do you sell penguins?", "Only on Tuesdays.").await;
    let answered = customer.asks("s-1", "Can I buy a penguin from you?").await;
    assert_eq!(said(&answered), "Only on Tuesdays.", "{answered:?}");
    world.forgets(&faq).await;
    let unanswered = customer.asks("s-2", "Can I buy a penguin from you?").await;
    assert_eq!(status(&unanswered), "waiting", "{unanswered:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_higher_threshold_makes_the_assistant_more_careful() {
    let world = World::start().await;
    let customer = world.customer().await;
    world.knows("Do you sell penguins?", "Only on Tuesdays.").await;
    let careful = Confidence::new(0.99).unwrap();
    world
        .decides(|settings| settings.confidence_threshold = careful)
        .await;
    let answer = customer.asks("s-1", "Can I buy a penguin from you?").await;
    assert_ne!(said(&answer), "Only on Tuesdays.", "{answer:?}");
}
