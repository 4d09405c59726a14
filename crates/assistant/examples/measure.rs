//! Measures the model on this machine: load time, milliseconds a sentence, resident memory.
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a tool run by hand prints its numbers"
)]

use std::error::Error;
use std::fs;
use std::time::Instant;

use switchboard_assistant::EmbeddedAssistant;
use switchboard_assistant::model::Model;
use switchboard_domain::ports::assistant::Assistant;

const ROUNDS: usize = 50;

fn main() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let assistant = EmbeddedAssistant::load()?;
    println!(
        "assistant loaded in {:.1} ms: {:?}",
        start.elapsed().as_secs_f64() * 1e3,
        assistant.model()
    );
    let start = Instant::now();
    let model = Model::load()?;
    println!("model loaded in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let long = "The parcel should have been here on Monday, but nobody can tell me where it is. ".repeat(9);
    for text in [
        "refund pls",
        "where is my order, it should have come yesterday",
        &long,
    ] {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            std::hint::black_box(model.embed(text));
        }
        let each = start.elapsed().as_secs_f64() * 1e3 / ROUNDS as f64;
        println!("{:3} tokens: {each:.2} ms", model.tokenize(text).len());
    }
    for line in fs::read_to_string("/proc/self/status")?
        .lines()
        .filter(|line| line.contains("Rss"))
    {
        println!("{line}");
    }
    Ok(())
}
