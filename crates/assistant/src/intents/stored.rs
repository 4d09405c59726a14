//! The trained classifier as bytes: a hash of what it was made from, temperature, weights, familiar vectors.

use sha2::{Digest, Sha256};
use switchboard_domain::analysis::Intent;
use switchboard_domain::vector::Embedding;

use super::{DIMENSIONS, IntentModel, examples};
use crate::model::Model;

static STORED: &[u8] = include_bytes!("../../model/intents.bin");

/// Components of a unit vector of this model stay below one half, so this scale fills a byte.
const SCALE: f32 = 254.0;

/// The stored classifier, `None` when it was made from other examples, another model or is damaged.
pub(super) fn read(model: &Model) -> Option<IntentModel> {
    let body = STORED.strip_prefix(origin(model).as_slice())?;
    let (floats, vectors) = body.split_at_checked(4 * (1 + Intent::ALL.len() * (DIMENSIONS + 1)))?;
    let mut floats = floats
        .as_chunks::<4>()
        .0
        .iter()
        .map(|word| f32::from_le_bytes(*word));
    let temperature = floats.next()?;
    let bias = floats.by_ref().take(Intent::ALL.len()).collect();
    let flat: Vec<f32> = floats.collect();
    let weights = flat.chunks_exact(DIMENSIONS).map(<[f32]>::to_vec).collect();
    let familiar = vectors.chunks_exact(DIMENSIONS).map(from_bytes).collect();
    Some(IntentModel {
        weights,
        bias,
        temperature,
        familiar,
    })
}

/// The bytes that [`read`] reads.
pub(super) fn write(intents: &IntentModel, model: &Model) -> Vec<u8> {
    let mut bytes = origin(model).to_vec();
    let weights = intents.weights.iter().flatten();
    for number in [&intents.temperature]
        .into_iter()
        .chain(&intents.bias)
        .chain(weights)
    {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(intents.familiar.iter().flat_map(to_bytes));
    bytes
}

/// `vector` as it comes back from the stored file.
pub(super) fn rounded(vector: &Embedding) -> Embedding {
    let bytes: Vec<u8> = to_bytes(vector).collect();
    from_bytes(&bytes)
}

fn from_bytes(bytes: &[u8]) -> Embedding {
    Embedding::from_raw(bytes.iter().map(|byte| f32::from(byte.cast_signed())).collect())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a conversion to a smaller integer saturates"
)]
fn to_bytes(vector: &Embedding) -> impl Iterator<Item = u8> {
    vector
        .values()
        .iter()
        .map(|value| ((value * SCALE).round() as i8).cast_unsigned())
}

/// Names the model and the examples.
fn origin(model: &Model) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(model.digest());
    for example in examples() {
        hash.update([example.intent.as_str(), "\t", example.text, "\n"].concat());
    }
    hash.finalize().into()
}
