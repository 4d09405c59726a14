//! `/api/v1/chat/faqs`: for everybody, and counted when they are read.

use serde_json::{Value, json};
use switchboard_actors::hub::knowledge::NewFaq;
use switchboard_domain::knowledge::Faq;

use crate::process::Folder;
use crate::process::http::get;
use crate::process::people::Person;
use crate::support::{Persona, World};

const FAQS: &str = "/api/v1/chat/faqs";

async fn teach(world: &World, question: &str, category: &str) -> Faq {
    let faq = NewFaq {
        question: question.to_owned(),
        answer: format!("About {category}: yes."),
        category: category.to_owned(),
        ..NewFaq::default()
    };
    world.keeps(faq).await
}

async fn views(persona: &Persona) -> Vec<u64> {
    let listed = persona.get(FAQS).await.body;
    let listed = listed.as_array().unwrap().iter();
    listed.map(|faq| faq["view_count"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn anybody_reads_the_default_organizations_faqs_and_members_their_own() {
    let world = World::start().await;
    teach(&world, "How do I reset my password?", "account").await;
    teach(&world, "When do you send the invoice?", "billing").await;
    let all = world.nobody.get(FAQS).await;
    assert_eq!(all.status, 200, "{}", all.text);
    assert_eq!(all.body.as_array().unwrap().len(), 2);
    let billing = world.nobody.get(&format!("{FAQS}?category=billing")).await.body;
    let number = billing[0]["id"].as_u64().unwrap();
    let expected = json!([{"id": number, "question": "When do you send the invoice?",
        "answer": "About billing: yes.", "category": "billing", "view_count": 0}]);
    assert_eq!(billing, expected);
    let page = world.nobody.get(&format!("{FAQS}?limit=1")).await.body;
    assert_eq!(
        (&page["total"], page["items"].as_array().unwrap().len()),
        (&json!(2), 1)
    );
    let other_admin = world.other_admin().await;
    assert_eq!(other_admin.get(FAQS).await.body, json!([]));
    assert_eq!(other_admin.get(&format!("{FAQS}/{number}")).await.status, 404);
}

#[tokio::test]
async fn a_faq_is_counted_when_the_assistant_answers_with_it_and_when_it_is_opened() {
    let world = World::start().await;
    teach(&world, "How do I reset my password?", "account").await;
    teach(&world, "Do you ship to Norway?", "shipping").await;
    let customer = world.customer().await;
    let asked = json!({"message": "How do I reset my password?"});
    assert_eq!(
        customer.post("/api/v1/chat/chat", &asked).await.body["response"],
        "About account: yes."
    );
    assert_eq!(views(&world.nobody).await, [1, 0]);
    let listed = world.nobody.get(FAQS).await.body;
    let path = format!("{FAQS}/{}", listed[0]["id"]);
    let opened = world.nobody.get(&path).await;
    assert_eq!(
        (opened.status, &opened.body["view_count"]),
        (200, &json!(2)),
        "{}",
        opened.text
    );
    let greeted = customer
        .post("/api/v1/chat/chat", &json!({"message": "Hello"}))
        .await;
    assert_eq!(greeted.status, 200);
    assert_eq!(views(&world.nobody).await, [2, 0], "small talk reads no FAQ");
    for unknown in ["nothing", "0", "999999", "-1"] {
        let answer = world.nobody.get(&format!("{FAQS}/{unknown}")).await;
        assert_eq!(
            (answer.status, answer.body),
            (404, json!({"detail": "FAQ not found"}))
        );
    }
}

#[tokio::test]
async fn a_changed_faq_keeps_its_number_and_its_count_and_a_removed_one_is_gone() {
    let world = World::start().await;
    let faq = teach(&world, "How do I reset my password?", "account").await;
    let path = format!("{FAQS}/{}", world.nobody.get(FAQS).await.body[0]["id"]);
    assert_eq!(world.nobody.get(&path).await.body["view_count"], 1);
    let new = NewFaq {
        question: "How do I change my password?".to_owned(),
        answer: "In your profile.".to_owned(),
        ..NewFaq::default()
    };
    let agent = world.agent().await.scope().await;
    world.hub.update_faq(&agent, faq.id, new).await.unwrap();
    let read = world.nobody.get(&path).await.body;
    assert_eq!(
        (&read["view_count"], &read["answer"]),
        (&json!(2), &json!("In your profile."))
    );
    world.forgets(&faq).await;
    assert_eq!(world.nobody.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_count_survives_a_crash() {
    let folder = Folder::new("sled").with_demo();
    let hub = folder.start().await;
    let admin = Person::admin(hub.address).await;
    let listed: Value = get(hub.address, FAQS, &admin.token).await.json();
    let path = format!("{FAQS}/{}", listed[0]["id"]);
    assert_eq!(
        get(hub.address, &path, &admin.token).await.json()["view_count"],
        1
    );
    hub.kill();
    let hub = folder.start().await;
    assert_eq!(
        get(hub.address, &path, &admin.token).await.json()["view_count"],
        2
    );
}
