//! A paid AI at work, a strict fake of an OpenAI-compatible service on the other side: what it may do, what it costs,
//! and that none of its failures loses a customer's message.

mod audio;
mod budget;
mod failures;
pub(crate) mod fake;
mod grounded;
mod kept;
mod restarted;

use self::fake::{Fake, KEY};
use crate::support::World;

/// What the organization's only FAQ says.
const PENGUINS: &str = "Only on Tuesdays.";
/// What the fake makes of it.
const GENERATED: &str = "As our page says: Only on Tuesdays.";

/// A hub over this fake, with variables besides, that knows one thing.
async fn shop(fake: &Fake, variables: &[(&str, &str)]) -> World {
    let base_url = fake.base_url();
    let mut all = vec![
        ("SWITCHBOARD_AI__PROVIDER", "openai"),
        ("SWITCHBOARD_AI__BASE_URL", base_url.as_str()),
        ("SWITCHBOARD_AI__API_KEY", KEY),
    ];
    all.extend_from_slice(variables);
    let world = World::start_with(&all).await;
    world.knows("Do you sell penguins?", PENGUINS).await;
    world
}
