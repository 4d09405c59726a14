//! Packs the published weights of all-MiniLM-L6-v2 for this crate: `pack_model MODEL.safetensors VOCAB.txt OUT`.
//!
//! Verifies the SHA-256 of the weights first. Matrices become bytes with one scale a row, the rest stays `f32`.
#![expect(
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a tool run by hand stops at the first surprise"
)]

use std::fmt::Write;
use std::{env, fs};

use sha2::{Digest, Sha256};
use switchboard_assistant::model::{DIMENSIONS, MAGIC, MAX_TOKENS};

const SHA256: &str = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";

/// The published file: a JSON header with names and offsets, then all numbers.
struct Weights {
    header: serde_json::Value,
    data: Vec<u8>,
}

impl Weights {
    fn read(path: &str) -> Self {
        let bytes = fs::read(path).expect("the weights can be read");
        assert_eq!(hex(&Sha256::digest(&bytes)), SHA256, "these are other weights");
        let (length, rest) = bytes.split_at(8);
        let length = u64::from_le_bytes(length.try_into().expect("eight bytes"));
        let (header, data) = rest.split_at(usize::try_from(length).expect("a small header"));
        Self {
            header: serde_json::from_slice(header).expect("a JSON header"),
            data: data.to_vec(),
        }
    }

    fn tensor(&self, name: &str) -> Vec<f32> {
        let offset = |end: usize| {
            let value = self.header[name]["data_offsets"][end].as_u64();
            usize::try_from(value.unwrap_or_else(|| unreachable!("{name} is missing"))).expect("fits")
        };
        let (words, _) = self.data[offset(0)..offset(1)].as_chunks::<4>();
        words.iter().map(|word| f32::from_le_bytes(*word)).collect()
    }
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [weights, vocabulary, out] = arguments.as_slice() else {
        eprintln!("usage: pack_model MODEL.safetensors VOCAB.txt OUT");
        return;
    };
    let mut content = pack(&Weights::read(weights));
    content.extend(fs::read(vocabulary).expect("the vocabulary can be read"));
    let digest = Sha256::digest(&content);
    fs::write(out, [MAGIC.as_slice(), &digest, &content].concat()).expect("the packed model can be written");
}

fn pack(weights: &Weights) -> Vec<u8> {
    let mut out = Vec::new();
    push_matrix(
        &mut out,
        &weights.tensor("embeddings.word_embeddings.weight"),
        DIMENSIONS,
    );
    let kind = weights.tensor("embeddings.token_type_embeddings.weight");
    let positions = weights.tensor("embeddings.position_embeddings.weight");
    let known = &positions[..MAX_TOKENS * DIMENSIONS];
    let sums: Vec<f32> = known
        .iter()
        .zip(kind[..DIMENSIONS].iter().cycle())
        .map(|(a, b)| a + b)
        .collect();
    push_floats(&mut out, &sums);
    push_norm(&mut out, weights, "embeddings.LayerNorm");
    for layer in 0..6 {
        push_layer(&mut out, weights, &format!("encoder.layer.{layer}"));
    }
    out
}

fn push_layer(out: &mut Vec<u8>, weights: &Weights, layer: &str) {
    for part in ["self.query", "self.key", "self.value", "output.dense"] {
        push_linear(out, weights, &format!("{layer}.attention.{part}"), DIMENSIONS);
    }
    push_norm(out, weights, &format!("{layer}.attention.output.LayerNorm"));
    push_linear(out, weights, &format!("{layer}.intermediate.dense"), DIMENSIONS);
    push_linear(out, weights, &format!("{layer}.output.dense"), 4 * DIMENSIONS);
    push_norm(out, weights, &format!("{layer}.output.LayerNorm"));
}

fn push_linear(out: &mut Vec<u8>, weights: &Weights, name: &str, inputs: usize) {
    push_matrix(out, &weights.tensor(&format!("{name}.weight")), inputs);
    push_floats(out, &weights.tensor(&format!("{name}.bias")));
}

fn push_norm(out: &mut Vec<u8>, weights: &Weights, name: &str) {
    push_floats(out, &weights.tensor(&format!("{name}.weight")));
    push_floats(out, &weights.tensor(&format!("{name}.bias")));
}

/// All rows as bytes, then all their scales.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the quotient lies in -127.0..=127.0"
)]
fn push_matrix(out: &mut Vec<u8>, values: &[f32], width: usize) {
    let mut scales = Vec::new();
    for row in values.chunks_exact(width) {
        let scale = row
            .iter()
            .fold(f32::MIN_POSITIVE, |max, value| max.max(value.abs()))
            / 127.0;
        out.extend(
            row.iter()
                .map(|value| ((value / scale).round() as i8).cast_unsigned()),
        );
        scales.push(scale);
    }
    push_floats(out, &scales);
}

fn push_floats(out: &mut Vec<u8>, values: &[f32]) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string");
        text
    })
}
