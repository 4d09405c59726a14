//! The transformer: six layers of attention and feed-forward over at most 128 tokens, then the mean of all tokens.
//!
//! Shapes are those of all-MiniLM-L6-v2 and are fixed. A call allocates its own buffers and changes nothing.

use fearless_simd::Level;

use super::kernel::{Heads, Linear, Rounded, add_and_normalize, attend, gelu};
use super::reader::Reader;
use super::{DIMENSIONS, MAX_TOKENS, ModelError};

const LAYERS: usize = 6;
const HEAD_SIZE: usize = 32;
const FEED_FORWARD: usize = 1536;
const VOCABULARY: usize = 30522;

/// Weights and biases of a layer normalization.
#[derive(Debug)]
struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Norm {
    fn read(reader: &mut Reader) -> Result<Self, ModelError> {
        Ok(Self {
            weight: reader.floats(DIMENSIONS)?,
            bias: reader.floats(DIMENSIONS)?,
        })
    }

    fn apply(&self, level: Level, values: &mut [f32], residual: &[f32]) {
        add_and_normalize(level, values, residual, &self.weight, &self.bias);
    }
}

impl Linear {
    fn read(reader: &mut Reader, inputs: usize, outputs: usize) -> Result<Self, ModelError> {
        let rows = reader.bytes(inputs * outputs)?;
        Ok(Self {
            rows,
            scales: reader.floats(outputs)?,
            bias: reader.floats(outputs)?,
            inputs,
        })
    }
}

/// One layer, its parts in the order of the packed file.
#[derive(Debug)]
struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attention_out: Linear,
    attention_norm: Norm,
    widen: Linear,
    narrow: Linear,
    out_norm: Norm,
}

impl Layer {
    fn read(reader: &mut Reader) -> Result<Self, ModelError> {
        Ok(Self {
            query: Linear::read(reader, DIMENSIONS, DIMENSIONS)?,
            key: Linear::read(reader, DIMENSIONS, DIMENSIONS)?,
            value: Linear::read(reader, DIMENSIONS, DIMENSIONS)?,
            attention_out: Linear::read(reader, DIMENSIONS, DIMENSIONS)?,
            attention_norm: Norm::read(reader)?,
            widen: Linear::read(reader, DIMENSIONS, FEED_FORWARD)?,
            narrow: Linear::read(reader, FEED_FORWARD, DIMENSIONS)?,
            out_norm: Norm::read(reader)?,
        })
    }

    fn apply(&self, level: Level, hidden: &[f32]) -> Vec<f32> {
        let mut attended = self.attend(level, hidden);
        self.attention_norm.apply(level, &mut attended, hidden);
        let mut wide = self
            .widen
            .apply(level, &Rounded::new(level, &attended, DIMENSIONS));
        gelu(level, &mut wide);
        let mut out = self
            .narrow
            .apply(level, &Rounded::new(level, &wide, FEED_FORWARD));
        self.out_norm.apply(level, &mut out, &attended);
        out
    }

    fn attend(&self, level: Level, hidden: &[f32]) -> Vec<f32> {
        let rounded = Rounded::new(level, hidden, DIMENSIONS);
        let heads = Heads {
            queries: &self.query.apply(level, &rounded),
            keys: &self.key.apply(level, &rounded),
            values: &self.value.apply(level, &rounded),
            width: DIMENSIONS,
            size: HEAD_SIZE,
        };
        let mut context = vec![0.0; hidden.len()];
        attend(level, &heads, &mut context);
        self.attention_out
            .apply(level, &Rounded::new(level, &context, DIMENSIONS))
    }
}

/// The whole transformer.
#[derive(Debug)]
pub(super) struct Encoder {
    words: &'static [u8],
    word_scales: Vec<f32>,
    positions: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    level: Level,
}

impl Encoder {
    /// Takes its part of the packed model.
    pub(super) fn read(reader: &mut Reader) -> Result<Self, ModelError> {
        Ok(Self {
            words: reader.bytes(VOCABULARY * DIMENSIONS)?,
            word_scales: reader.floats(VOCABULARY)?,
            positions: reader.floats(MAX_TOKENS * DIMENSIONS)?,
            norm: Norm::read(reader)?,
            layers: (0..LAYERS)
                .map(|_| Layer::read(reader))
                .collect::<Result<_, _>>()?,
            level: Level::new(),
        })
    }

    /// The mean over all tokens of what the last layer makes of them: 384 components, not yet of length one.
    pub(super) fn encode(&self, tokens: &[u32]) -> Vec<f32> {
        let embedded = self.look_up(tokens);
        let hidden = self
            .layers
            .iter()
            .fold(embedded, |hidden, layer| layer.apply(self.level, &hidden));
        let mut sum = vec![0.0; DIMENSIONS];
        for token in hidden.chunks_exact(DIMENSIONS) {
            sum.iter_mut().zip(token).for_each(|(sum, value)| *sum += value);
        }
        sum
    }

    fn look_up(&self, tokens: &[u32]) -> Vec<f32> {
        let mut words: Vec<f32> = tokens.iter().flat_map(|id| self.word(*id)).collect();
        let positions = self.positions.get(..words.len()).unwrap_or(&self.positions);
        self.norm.apply(self.level, &mut words, positions);
        words
    }

    fn word(&self, id: u32) -> impl Iterator<Item = f32> + use<'_> {
        let id = id as usize;
        let row = self.words.chunks_exact(DIMENSIONS).nth(id).unwrap_or_default();
        let scale = self.word_scales.get(id).copied().unwrap_or_default();
        row.iter().map(move |byte| f32::from(byte.cast_signed()) * scale)
    }
}
