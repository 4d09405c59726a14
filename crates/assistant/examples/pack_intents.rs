//! Trains the intent classifier from `data/intents` and writes `model/intents.bin`.

use std::error::Error;
use std::{fs, path::Path};

use switchboard_assistant::intents::IntentModel;
use switchboard_assistant::model::Model;

fn main() -> Result<(), Box<dyn Error>> {
    let model = Model::load()?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("model/intents.bin");
    fs::write(path, IntentModel::from_examples(&model).to_bytes(&model))?;
    Ok(())
}
