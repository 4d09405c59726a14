//! What a family's way costs: path, method, credential, role and the form of a failure, beyond what HTTP itself costs.
//!
//! Two answers of nearly the same size are asked for in turn on one connection: one that no family has anything to do
//! with, and one that goes all the way to a role that is missing. Their difference is the family's way.

use anyhow::{Result, ensure};

use crate::context::{Context, settle};
use crate::http::HttpClient;
use crate::report::Figure;
use crate::samples::{Samples, count, length};
use crate::server::Server;

/// Requests of a round.
const REQUESTS: usize = 20_000;
/// A path that no family has.
const BESIDE: (&str, u16) = ("/nothing", 404);
/// A route of a family, asked for without a credential.
const WITHIN: (&str, u16) = ("/api/faq", 401);

/// Measures it.
pub(super) async fn measure(context: &Context) -> Result<Vec<Figure>> {
    let server = context.start().await?;
    let mut client = HttpClient::connect(server.address()).await?;
    let requests = context.load(REQUESTS);
    let (mut beside, mut within, mut way) = (Samples::default(), Samples::default(), Samples::default());
    ask(&server, &mut client, WITHIN, requests / 10).await?;
    for _ in 0..context.rounds() {
        let without = ask(&server, &mut client, BESIDE, requests).await?;
        let with = ask(&server, &mut client, WITHIN, requests).await?;
        beside.push(without);
        within.push(with);
        way.push(with - without);
    }
    Ok(vec![
        Figure::new("request beside all families", "µs CPU", beside),
        Figure::new("request to a route of a family (401)", "µs CPU", within),
        Figure::new("the family's way of it", "µs CPU", way).target("≤ 5"),
    ])
}

/// CPU microseconds the server spends on each of so many requests.
async fn ask(server: &Server, client: &mut HttpClient, what: (&str, u16), requests: usize) -> Result<f64> {
    let (path, status) = what;
    settle().await;
    let before = server.cpu_micros()?;
    for _ in 0..requests {
        let answer = client.get(path, None).await?;
        ensure!(answer.status == status, "{path}: status {}", answer.status);
    }
    Ok(count(server.cpu_micros()? - before) / length(requests))
}
