//! One story told through every family there is: one account, one conversation, one record.
//!
//! Who tells it is registered in `TELLERS`; with a family less there is a teller less, and the rest must still agree.

use hyper::Method;
use serde_json::{Value, json};

use crate::api::TELLERS;
use crate::api::teller::{Request, Side, Somebody, Told};
use crate::support::{Answer, PASSWORD, Persona, World};

const ANN: Somebody<'_> = Somebody {
    name: "ann",
    email: "ann@example.com",
    password: PASSWORD,
};

/// What the customer says, through one family after the other.
const SAID: [&str; 4] = [
    "Do you deliver to Norway?",
    "And how long does that take?",
    "Do you have blue curtains?",
    "In which sizes?",
];

/// What an agent says then.
const ANSWERED: &str = "Thank you for asking, I will look it up.";

async fn make(persona: &Persona, request: &Request) -> Answer {
    let method = Method::from_bytes(request.method.as_bytes()).unwrap();
    let answer = persona.json(method, &request.path, &request.body).await;
    let fine = (200..300).contains(&answer.status);
    assert!(fine, "{}: {}", request.path, answer.text);
    answer
}

/// The customer and the agent of the story.
struct Cast {
    customer: Persona,
    agent: Persona,
}

impl Cast {
    /// Ann registers and logs in through the first families that let her.
    async fn of(world: &World) -> Self {
        let registers = TELLERS.iter().find_map(|teller| teller.accounts.registers);
        make(&world.nobody, &registers.unwrap()(ANN)).await;
        let mut doors = TELLERS.iter().flat_map(|teller| teller.accounts.logs_in);
        let customer = logged_in(world, &doors.next().unwrap()(ANN)).await;
        let agent = world.agent().await;
        Self { customer, agent }
    }

    const fn on(&self, side: Side) -> &Persona {
        match side {
            Side::Customer => &self.customer,
            Side::Staff => &self.agent,
        }
    }

    async fn shows(&self, side: Side, path: &str, at: &str) -> Value {
        let answer = self.on(side).get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let shown = answer.body.pointer(at).cloned();
        shown.unwrap_or_else(|| panic!("{path}: no {at} in {}", answer.text))
    }

    /// Opens a conversation, and says one thing through each family, the last one as an agent; what was said.
    async fn tell(&self, world: &World) -> (Told, Vec<&'static str>) {
        let mut opening = TELLERS.iter().filter_map(|teller| teller.opens.as_ref());
        let opens = opening.next().unwrap();
        let opened = make(&self.customer, &(opens.request)()).await;
        let id = opened
            .body
            .pointer(opens.at)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned();
        let number = world.conversation(&id).number;
        let (told, mut story) = (Told { id, number }, Vec::new());
        for (says, words) in TELLERS.iter().filter_map(|teller| teller.says).zip(SAID) {
            make(&self.customer, &says(&told, words)).await;
            story.push(words);
        }
        let mut answers = TELLERS.iter().filter_map(|teller| teller.answers).rev();
        make(&self.agent, &answers.next().unwrap()(&told, ANSWERED)).await;
        story.push(ANSWERED);
        (told, story)
    }

    /// What every family shows of the conversation: all texts, in order.
    async fn texts(&self, told: &Told) -> Vec<(&'static str, Vec<String>)> {
        let mut shown = Vec::new();
        for teller in TELLERS {
            let reads = &teller.reads;
            let entries = self.shows(reads.by, &(reads.path)(told), reads.at).await;
            let entries = entries.as_array().unwrap().iter();
            let texts = entries.map(|entry| entry[reads.field].as_str().unwrap().to_owned());
            shown.push((teller.family, texts.collect()));
        }
        shown
    }
}

async fn logged_in(world: &World, login: &Request) -> Persona {
    let answer = make(&world.nobody, login).await;
    let token = answer.body["access_token"].as_str();
    world
        .nobody
        .with_token(token.unwrap_or_else(|| panic!("{}", answer.text)))
}

#[tokio::test]
async fn a_story_told_through_all_families_is_one_conversation() {
    let world = World::start().await;
    let cast = Cast::of(&world).await;

    let (told, story) = cast.tell(&world).await;

    let shown = cast.texts(&told).await;
    let (_, first) = &shown[0];
    let kept: Vec<_> = first
        .iter()
        .filter(|text| story.contains(&text.as_str()))
        .collect();
    assert_eq!(kept, story.iter().collect::<Vec<_>>());
    for (family, texts) in &shown {
        assert_eq!(texts, first, "{family} shows something else");
    }
    let stored: Vec<_> = world.messages(&told.id);
    let stored: Vec<_> = stored.iter().map(|message| &message.text).collect();
    assert_eq!(stored, first.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn every_family_lists_the_same_one_conversation() {
    let world = World::start().await;
    let cast = Cast::of(&world).await;
    let (told, _) = cast.tell(&world).await;
    for lists in TELLERS.iter().filter_map(|teller| teller.lists.as_ref()) {
        let listed = cast.shows(lists.by, lists.path, lists.at).await;
        let listed = listed.as_array().unwrap().iter();
        let named: Vec<_> = listed.map(|entry| entry[lists.field].clone()).collect();
        assert_eq!(named, [(lists.names)(&told)], "{}", lists.path);
    }
}

#[tokio::test]
async fn who_is_in_charge_and_whether_it_is_over_is_the_same_everywhere() {
    let world = World::start().await;
    let cast = Cast::of(&world).await;
    let (told, _) = cast.tell(&world).await;
    let standing = || TELLERS.iter().filter_map(|teller| teller.stands.as_ref());
    assert!(standing().count() > 3, "few can tell");
    for stands in standing() {
        let path = (stands.path)(&told);
        let shown = cast.shows(stands.by, &path, stands.at).await;
        assert_eq!(shown, (stands.with_agent)(), "{path}");
    }
    let mut closes = TELLERS.iter().filter_map(|teller| teller.closes).rev();
    make(&cast.agent, &closes.next().unwrap()(&told)).await;
    for stands in standing() {
        let path = (stands.path)(&told);
        let shown = cast.shows(stands.by, &path, stands.at).await;
        assert_eq!(shown, (stands.closed)(), "{path}");
    }
}

#[tokio::test]
async fn one_account_logs_in_through_every_family() {
    let world = World::start().await;
    let registering = TELLERS
        .iter()
        .filter(|teller| teller.accounts.registers.is_some());
    for teller in registering {
        let email = format!("{}@example.com", teller.family);
        let somebody = Somebody {
            name: teller.family,
            email: &email,
            password: PASSWORD,
        };
        make(&world.nobody, &teller.accounts.registers.unwrap()(somebody)).await;
        let doors = TELLERS.iter().flat_map(|teller| teller.accounts.logs_in);
        for door in doors {
            enter(&world, &door(somebody), somebody).await;
        }
    }
}

/// Logs in, and finds the account as it is and its conversations everywhere.
async fn enter(world: &World, login: &Request, somebody: Somebody<'_>) {
    let entered = logged_in(world, login).await;
    for me in TELLERS.iter().filter_map(|teller| teller.accounts.me.as_ref()) {
        let seen = entered.get(me.path).await;
        let shown = seen.body.pointer(me.at);
        let expected = json!((me.is)(somebody));
        assert_eq!(shown, Some(&expected), "{}: {}", login.path, seen.text);
    }
    for lists in TELLERS.iter().filter_map(|teller| teller.lists.as_ref()) {
        assert_eq!(entered.get(lists.path).await.status, 200, "{}", login.path);
    }
}
