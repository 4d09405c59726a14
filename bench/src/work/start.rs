//! What the hub takes before it has done anything.

use anyhow::Result;

use crate::context::{Context, settle};
use crate::report::Figure;
use crate::samples::{Samples, count};
use crate::server::Ending;

/// Measures it.
pub(super) async fn measure(context: &Context) -> Result<Vec<Figure>> {
    let mut first = Samples::default();
    let mut again = Samples::default();
    let mut resident = Samples::default();
    for _ in 0..context.rounds() {
        let server = context.start().await?;
        first.push_millis([server.started_in()]);
        settle().await;
        resident.push(count(server.memory()?.resident) / 1e6);
        let server = server.restart(Ending::Orderly).await?;
        again.push_millis([server.started_in()]);
    }
    let size = std::fs::metadata(context.binary())?.len();
    Ok(vec![
        Figure::one("binary", "MB", count(size) / 1e6),
        Figure::new("start, first (makes the store and the admin)", "ms", first),
        Figure::new("start, empty store", "ms", again),
        Figure::new("resident after the start", "MB", resident),
    ])
}
