//! Who may call what: read from the families' own tables, so that no route can be forgotten.

use hyper::Method;
use serde_json::json;
use switchboard::api::FAMILIES;
use switchboard::http::route::{Access, Route};

use super::wrong_input::assert_form;
use crate::support::{Answer, Persona, World};

/// A path of the route's pattern, with an id that nothing has.
pub(super) fn sample(route: &Route) -> String {
    let segments = route.pattern.split('/');
    let filled = segments.map(|segment| {
        if segment.starts_with(':') {
            "nothing"
        } else {
            segment
        }
    });
    filled.collect::<Vec<_>>().join("/")
}

async fn call(persona: &Persona, route: &Route) -> Answer {
    let body = json!({});
    persona.json(route.method.clone(), &sample(route), &body).await
}

fn routes() -> impl Iterator<Item = (&'static str, &'static Route)> {
    FAMILIES.iter().flat_map(|family| {
        let routes = family.routes.iter().copied().flatten();
        routes.map(|route| (family.name, route))
    })
}

#[tokio::test]
async fn without_a_credential_only_public_routes_answer() {
    let world = World::start().await;
    let forged = world.nobody.with_token("eyJhbGciOiJub25lIn0.e30.");
    for (family, route) in routes().filter(|(_, route)| route.access != Access::Public) {
        for persona in [&world.nobody, &forged] {
            let answer = call(persona, route).await;
            assert_eq!(
                answer.status, 401,
                "{} {}: {}",
                route.method, route.pattern, answer.text
            );
            assert_eq!(answer.header("www-authenticate"), "Bearer");
            assert_form(family, &answer);
        }
    }
}

#[tokio::test]
async fn customers_reach_no_route_of_staff_and_agents_none_of_admins() {
    let world = World::start().await;
    let (customer, agent, service) = (world.customer().await, world.agent().await, world.service().await);
    for (family, route) in routes() {
        let refused: &[&Persona] = match route.access {
            Access::Staff => &[&customer],
            Access::Admin => &[&customer, &agent, &service],
            Access::Public | Access::Caller => &[],
        };
        for persona in refused {
            let answer = call(persona, route).await;
            assert_eq!(
                answer.status, 403,
                "{} {}: {}",
                route.method, route.pattern, answer.text
            );
            assert_form(family, &answer);
        }
    }
}

#[tokio::test]
async fn a_key_reaches_only_the_families_it_was_issued_for() {
    let world = World::start().await;
    let for_staff = |(_, route): &(&str, &Route)| {
        let is_list = route.method == Method::GET && !route.pattern.contains("/:");
        is_list && route.access == Access::Staff
    };
    for family in FAMILIES {
        let narrow = world.admin.issues_key(&json!([family.name])).await;
        for (other, route) in routes().filter(for_staff) {
            let answer = narrow.get(route.pattern).await;
            let expected = if other == family.name { 200 } else { 403 };
            assert_eq!(answer.status, expected, "{}: {}", route.pattern, answer.text);
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_answered_with_those_that_are_right() {
    let world = World::start().await;
    for (family, route) in routes() {
        let answer = world.admin.json(Method::PATCH, &sample(route), &json!({})).await;
        assert_eq!(answer.status, 405, "{}: {}", route.pattern, answer.text);
        let allowed = answer.header("allow");
        assert!(
            allowed.contains(route.method.as_str()),
            "{}: {allowed}",
            route.pattern
        );
        assert_form(family, &answer);
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found_in_the_form_of_its_prefix() {
    let world = World::start().await;
    for family in FAMILIES {
        let again = family.aliases.iter().flat_map(|alias| {
            let below = family.prefixes.iter();
            below.map(move |prefix| format!("{alias}{prefix}"))
        });
        let prefixes = family.prefixes.iter().map(|prefix| (*prefix).to_owned());
        for prefix in prefixes.chain(again) {
            let answer = world.admin.get(&format!("{prefix}/no/such/path")).await;
            assert_eq!(answer.status, 404, "{prefix}: {}", answer.text);
            assert_form(family.name, &answer);
        }
    }
}
