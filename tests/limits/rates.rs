//! How many requests a caller has: the same rule for every family, each with its own number and its own form.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use switchboard::api::FAMILIES;
use switchboard::http::route::Family;

use crate::support::{Answer, Persona, World};

/// Requests of one caller in these tests.
const FEW: u32 = 4;

/// A hub that counts; who has no account has plenty, but where a test says otherwise.
async fn counting(variables: &[(&str, &str)]) -> World {
    let few = FEW.to_string();
    let mut all = vec![
        ("SWITCHBOARD_LIMITS__ENABLED", "true"),
        ("SWITCHBOARD_LIMITS__CARE_PER_MINUTE", &few),
        ("SWITCHBOARD_LIMITS__PLATFORM_PER_MINUTE", &few),
        ("SWITCHBOARD_LIMITS__ASSISTANT_PER_MINUTE", &few),
        ("SWITCHBOARD_LIMITS__ROOMS_PER_HOUR", &few),
        ("SWITCHBOARD_LIMITS__OMNICHANNEL_PER_15_MINUTES", &few),
        ("SWITCHBOARD_LIMITS__LOGIN_ATTEMPTS_PER_MINUTE", "1000"),
    ];
    all.extend(variables);
    World::start_with(&all).await
}

/// A path that the family knows nothing of, which counts like any other.
fn nowhere(family: &Family) -> String {
    format!("{}/no/such/path", family.prefixes[0])
}

/// Families that count who has no account by the same number as accounts.
fn alike() -> impl Iterator<Item = &'static Family> {
    let apart = ["care", "rooms"];
    FAMILIES
        .iter()
        .filter(move |family| !apart.contains(&family.name))
}

/// Seconds of the family's window for accounts.
fn window(family: &str) -> u64 {
    match family {
        "rooms" => 3600,
        "omnichannel" => 900,
        _ => 60,
    }
}

/// The word for too many requests, in the family's form.
fn word(family: &str, body: &Value) -> bool {
    match family {
        "care" | "platform" => body["error"]["code"] == "rate_limit_exceeded",
        "omnichannel" => body["success"] == false && body["code"] == "RATE_LIMIT_EXCEEDED",
        _ => body["detail"].is_string(),
    }
}

fn number(answer: &Answer, header: &str) -> u64 {
    let value = answer.header(header);
    value
        .parse()
        .unwrap_or_else(|_| panic!("{header}: {value:?} {}", answer.text))
}

#[expect(clippy::disallowed_methods, reason = "the hub's clock is the machine's")]
fn assert_counted(answer: &Answer, limit: u32, remaining: u32, window: u64) {
    assert_eq!(number(answer, "x-ratelimit-limit"), u64::from(limit));
    assert_eq!(number(answer, "x-ratelimit-remaining"), u64::from(remaining));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let left = number(answer, "x-ratelimit-reset") - now;
    assert!(
        left <= window + 1 && left + 50 > window,
        "{left} of {window} seconds"
    );
}

/// Asks as often as the caller may, and once more.
async fn use_up(family: &Family, caller: &Persona) {
    let (path, window) = (nowhere(family), window(family.name));
    for remaining in (0..FEW).rev() {
        let answer = caller.get(&path).await;
        assert_eq!(answer.status, 404, "{}: {}", family.name, answer.text);
        assert_counted(&answer, FEW, remaining, window);
    }
    let refused = caller.get(&path).await;
    assert_eq!(refused.status, 429, "{}: {}", family.name, refused.text);
    assert_counted(&refused, FEW, 0, window);
    assert!(number(&refused, "retry-after") <= window);
    assert!(word(family.name, &refused.body), "{}", refused.text);
}

#[tokio::test]
async fn every_family_lets_an_account_have_its_number_and_no_more() {
    let world = counting(&[]).await;
    let (customer, stranger) = (world.customer().await, world.stranger().await);
    for family in FAMILIES {
        use_up(family, &customer).await;
        let other = stranger.get(&nowhere(family)).await;
        assert_counted(&other, FEW, FEW - 1, window(family.name));
    }
}

#[tokio::test]
async fn a_key_is_counted_by_itself() {
    let world = counting(&[]).await;
    let service = world.service().await;
    for family in FAMILIES {
        let (path, window) = (nowhere(family), window(family.name));
        assert_counted(&service.get(&path).await, FEW, FEW - 1, window);
        assert_counted(&service.get(&path).await, FEW, FEW - 2, window);
        assert_counted(&world.admin.get(&path).await, FEW, FEW - 1, window);
    }
}

#[tokio::test]
async fn inventing_credentials_gains_nothing() {
    let world = counting(&[]).await;
    let invented = [
        world.nobody.clone(),
        world.nobody.with_token("eyJhbGciOiJub25lIn0.e30."),
        world.nobody.with_token("another"),
        world.nobody.with_key(&format!("sk_{}", "0".repeat(64))),
    ];
    for family in alike() {
        for persona in &invented {
            assert_eq!(persona.get(&nowhere(family)).await.status, 404);
        }
        let fifth = world.nobody.with_key(&format!("sk_{}", "1".repeat(64)));
        assert_eq!(fifth.get(&nowhere(family)).await.status, 429);
    }
}

#[tokio::test]
async fn a_client_behind_a_trusted_proxy_is_counted_by_its_own_address() {
    let proxy = ("SWITCHBOARD_SERVER__TRUSTED_PROXIES", r#"["127.0.0.1"]"#);
    let world = counting(&[proxy]).await;
    let from = |address: &str| world.nobody.with_header("x-forwarded-for", address);
    for family in alike() {
        use_up(family, &from("203.0.113.1")).await;
        let neighbour = from("203.0.113.2").get(&nowhere(family)).await;
        assert_counted(&neighbour, FEW, FEW - 1, window(family.name));
        use_up(family, &from("2001:db8::1")).await;
        let same_subscriber = from("2001:db8::2").get(&nowhere(family)).await;
        assert_eq!(same_subscriber.status, 429);
    }
}

#[tokio::test]
async fn nobody_but_a_trusted_proxy_says_where_a_request_comes_from() {
    let world = counting(&[]).await;
    for family in alike() {
        for last in 1..=FEW {
            let claims = world
                .nobody
                .with_header("x-forwarded-for", &format!("203.0.113.{last}"));
            assert_eq!(claims.get(&nowhere(family)).await.status, 404);
        }
        let claims = world.nobody.with_header("x-forwarded-for", "203.0.113.9");
        assert_eq!(claims.get(&nowhere(family)).await.status, 429);
    }
}

/// Where health is told: beside the families, and in those that do.
fn health() -> impl Iterator<Item = &'static str> {
    let routes = FAMILIES
        .iter()
        .flat_map(|family| family.routes.iter().copied().flatten());
    let told = routes.map(|route| route.pattern);
    let told = told.filter(|pattern| pattern.ends_with("/health"));
    ["/health", "/ready"].into_iter().chain(told)
}

#[tokio::test]
async fn health_is_counted_apart() {
    let world = counting(&[("SWITCHBOARD_LIMITS__HEALTH_PER_MINUTE", "6")]).await;
    let customer = world.customer().await;
    let paths: Vec<_> = health().collect();
    for (remaining, path) in (0..6).rev().zip(paths.iter().cycle()) {
        let answer = customer.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert_counted(&answer, 6, remaining, 60);
    }
    for path in paths {
        let refused = customer.get(path).await;
        assert_eq!(refused.status, 429, "{path}");
        assert_eq!(refused.body["error"]["code"], "rate_limit_exceeded");
    }
    for family in FAMILIES {
        let answer = customer.get(&nowhere(family)).await;
        assert_counted(&answer, FEW, FEW - 1, window(family.name));
    }
}

#[tokio::test]
async fn without_limits_nobody_is_counted() {
    let world = World::start_with(&[
        ("SWITCHBOARD_LIMITS__CARE_PUBLIC_PER_MINUTE", "1"),
        ("SWITCHBOARD_LIMITS__PLATFORM_PER_MINUTE", "1"),
        ("SWITCHBOARD_LIMITS__ASSISTANT_PER_MINUTE", "1"),
        ("SWITCHBOARD_LIMITS__ROOMS_PUBLIC_PER_MINUTE", "1"),
        ("SWITCHBOARD_LIMITS__OMNICHANNEL_PER_15_MINUTES", "1"),
    ])
    .await;
    for family in FAMILIES {
        for _ in 0..3 {
            let answer = world.nobody.get(&nowhere(family)).await;
            assert_eq!(answer.status, 404, "{}", answer.text);
            assert_eq!(answer.header("x-ratelimit-limit"), "");
        }
    }
}
