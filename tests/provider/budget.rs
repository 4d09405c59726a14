//! Money: counted for every call, never spent beyond the budget, told of at its thresholds.

use switchboard_domain::budget::{Budget, Credits};
use switchboard_domain::cost::{Money, Service};
use switchboard_domain::customer::Channel;
use switchboard_domain::ports::assistant::AnswerRequest;
use switchboard_domain::price::Usage;
use switchboard_domain::scope::Scope;
use switchboard_domain::settings::AssistantSettings;
use tokio::task::JoinSet;

use super::fake::{Fake, TOKENS};
use super::{GENERATED, PENGUINS, shop};
use crate::support::{World, said};

/// One unit a thousand tokens, read or written: a call costs what it says in thousandths.
const PRICES: [(&str, &str); 2] = [
    ("SWITCHBOARD_PRICES__CHAT_INPUT_PER_1K", "1.0"),
    ("SWITCHBOARD_PRICES__CHAT_OUTPUT_PER_1K", "1.0"),
];

fn operator(world: &World) -> Scope {
    Scope::hub(world.hub.credentials().default_organization().unwrap())
}

async fn budget(world: &World, monthly: f64) {
    let budget = Budget {
        total_credits: None,
        monthly_budget: Money::from_units(monthly),
    };
    world.hub.put_credits(&operator(world), budget).await.unwrap();
}

fn credits(world: &World) -> Credits {
    world.hub.get_credits(&operator(world)).unwrap()
}

/// Analysis and answer.
fn turn() -> Money {
    Money::from_millionths(i64::from(2 * (TOKENS.0 + TOKENS.1)) * 1_000)
}

/// The most one turn on this question may cost.
fn bound(world: &World, question: &str) -> Money {
    let request = AnswerRequest {
        question: question.to_owned(),
        history: Vec::new(),
        memories: Vec::new(),
        sources: Vec::new(),
        max_characters: 500,
        guidance: AssistantSettings::default().guidance(),
    };
    let services = world.hub.services();
    let usage = services.ports.provider.as_ref().unwrap().turn_bound(&request);
    services.budgets.prices().charge(Service::OpenaiGpt, usage)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_questions_at_once_with_money_for_one_pay_for_one() {
    let fake = Fake::start().await;
    let workers = ("SWITCHBOARD_AI__WORKERS", "16");
    let world = shop(&fake, &[PRICES[0], PRICES[1], workers]).await;
    let question = "Can I buy a penguin from you?";
    budget(&world, bound(&world, question).as_units()).await;
    let customer = world.customer().await;
    let mut asked = JoinSet::new();
    for number in 0..100 {
        let (customer, session) = (customer.clone(), format!("s-{number}"));
        asked.spawn(async move { said(&customer.asks(&session, question).await).to_owned() });
    }
    let answers = asked.join_all().await;
    assert!(
        answers
            .iter()
            .all(|answer| answer == GENERATED || answer == PENGUINS),
        "{answers:?}"
    );
    assert_eq!(
        (fake.asked("analysis").len(), fake.asked("grounded_answer").len()),
        (1, 1)
    );
    assert_eq!(credits(&world).used_credits, turn());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_booked_and_a_used_up_budget_leaves_the_answer_to_the_embedded_assistant() {
    let fake = Fake::start().await;
    let world = shop(&fake, &PRICES).await;
    budget(&world, 40.0).await;
    let customer = world.customer().await;
    customer.asks("s-1", "Can I buy a penguin from you?").await;
    let after = credits(&world);
    assert_eq!((after.used_credits, after.month_spend), (turn(), turn()));
    assert!(!after.is_paused);
    budget(&world, 0.2).await;
    let unpaid = customer.asks("s-2", "May one buy penguins?").await;
    assert_eq!(said(&unpaid), PENGUINS, "{unpaid:?}");
    assert!(credits(&world).is_paused);
    assert_eq!(credits(&world).used_credits, turn(), "nothing more was paid");
    let refused = world
        .hub
        .warm_cache(&operator(&world), &["Are penguins sold here?".to_owned()])
        .await;
    assert!(
        matches!(refused, Err(switchboard_actors::error::HubError::BudgetUsedUp)),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_threshold_is_noted_once_and_the_books_are_the_same_after_a_look_into_the_store() {
    let fake = Fake::start().await;
    let world = shop(&fake, &PRICES).await;
    budget(&world, 1.0).await;
    let (services, organization) = (world.hub.services(), operator(&world).organization);
    let month = services.now().month();
    let pay = async |tokens: u32| {
        let usage = Usage {
            input_tokens: tokens,
            ..Usage::default()
        };
        let bounds = [(Service::OpenaiGpt, usage)];
        let mut tab = services
            .budgets
            .open(organization, Channel::Web, &bounds)
            .unwrap();
        tab.charge(Service::OpenaiGpt, usage);
        tab.close().await;
        let alerts = services.records().list_cost_alerts(organization, month).unwrap();
        alerts.iter().map(|alert| alert.threshold).collect::<Vec<_>>()
    };
    assert!(pay(499).await.is_empty());
    assert_eq!(pay(1).await, [50]);
    assert_eq!(pay(100).await, [50]);
    assert_eq!(pay(400).await, [50, 80, 100]);
    assert!(services.budgets.open(organization, Channel::Web, &[]).is_err());
    let spent = services.records().spent(organization, month).unwrap();
    assert_eq!(spent, (credits(&world).used_credits, credits(&world).month_spend));
}
