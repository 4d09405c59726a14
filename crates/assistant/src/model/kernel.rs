//! The arithmetic of the encoder, written as plain loops that the compiler turns into vector instructions.
//!
//! `dispatch!` compiles each loop once per instruction set and picks the best at run time. Weights are bytes; a row
//! is widened to 16 bits and multiplied with activations of 14 bits, so that sums of 1536 products fit 32 bits.
#![expect(
    clippy::inline_always,
    reason = "only inlined code is compiled for the chosen instruction set"
)]

use fearless_simd::{Level, dispatch};

/// Largest activation after rounding: 1536 inputs × 127 × 8191 stays below 2³¹.
const ACTIVATION_MAX: f32 = 8191.0;

/// A matrix of bytes with one scale and one bias for each row.
#[derive(Debug)]
pub(super) struct Linear {
    pub(super) rows: &'static [u8],
    pub(super) scales: Vec<f32>,
    pub(super) bias: Vec<f32>,
    pub(super) inputs: usize,
}

/// Activations rounded to whole numbers, one scale a token.
#[derive(Debug)]
pub(super) struct Rounded {
    values: Vec<i16>,
    scales: Vec<f32>,
}

impl Rounded {
    /// Rounds `x`, tokens of `width` components each.
    pub(super) fn new(level: Level, x: &[f32], width: usize) -> Self {
        let mut rounded = Self {
            values: vec![0; x.len()],
            scales: Vec::with_capacity(x.len() / width),
        };
        for (token, out) in x.chunks_exact(width).zip(rounded.values.chunks_exact_mut(width)) {
            rounded
                .scales
                .push(dispatch!(level, _simd => round_token(token, out)));
        }
        rounded
    }
}

impl Linear {
    /// `x · rowsᵀ + bias`, one output row a token.
    pub(super) fn apply(&self, level: Level, x: &Rounded) -> Vec<f32> {
        let mut out = vec![0.0; x.scales.len() * self.scales.len()];
        dispatch!(level, _simd => multiply(self, x, &mut out));
        out
    }
}

#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the scale makes every quotient fit"
)]
fn round_token(token: &[f32], out: &mut [i16]) -> f32 {
    let largest = token
        .iter()
        .fold(f32::MIN_POSITIVE, |max, value| max.max(value.abs()));
    let factor = ACTIVATION_MAX / largest;
    for (out, value) in out.iter_mut().zip(token) {
        *out = (value * factor) as i16;
    }
    largest / ACTIVATION_MAX
}

#[inline(always)]
#[expect(clippy::cast_precision_loss, reason = "24 bits of a sum are enough")]
fn multiply(linear: &Linear, x: &Rounded, out: &mut [f32]) {
    let mut wide = vec![0_i16; linear.inputs];
    let rows = linear
        .rows
        .chunks_exact(linear.inputs)
        .zip(&linear.scales)
        .zip(&linear.bias);
    for (index, ((row, scale), bias)) in rows.enumerate() {
        widen(row, &mut wide);
        let tokens = x.values.chunks_exact(linear.inputs).zip(&x.scales);
        for ((token, token_scale), cell) in
            tokens.zip(out.iter_mut().skip(index).step_by(linear.scales.len()))
        {
            *cell = dot(&wide, token) as f32 * (scale * token_scale) + bias;
        }
    }
}

#[inline(always)]
fn widen(row: &[u8], wide: &mut [i16]) {
    for (wide, byte) in wide.iter_mut().zip(row) {
        *wide = i16::from(byte.cast_signed());
    }
}

#[inline(always)]
fn dot(a: &[i16], b: &[i16]) -> i32 {
    a.iter().zip(b).fold(0, |sum: i32, (a, b)| {
        sum.wrapping_add(i32::from(*a).wrapping_mul(i32::from(*b)))
    })
}

/// Gaussian error linear unit on every component.
pub(super) fn gelu(level: Level, values: &mut [f32]) {
    dispatch!(level, _simd => values.iter_mut().for_each(|x| *x = 0.5 * *x * (1.0 + erf(*x * std::f32::consts::FRAC_1_SQRT_2))));
}

/// Error function, absolute error under 2e-7 (Abramowitz and Stegun, 7.1.26).
#[inline(always)]
fn erf(x: f32) -> f32 {
    let magnitude = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * magnitude);
    let tail =
        ((((1.061_405_4 * t - 1.453_152_1) * t + 1.421_413_8) * t - 0.284_496_74) * t + 0.254_829_6) * t;
    (1.0 - tail * exp(-magnitude * magnitude)).copysign(x)
}

/// `e^x` for `x ≤ 0`, relative error under 1e-6, without a branch.
#[inline(always)]
fn exp(x: f32) -> f32 {
    const ROUNDING: f32 = 12_582_912.0;
    let x = x.max(-87.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUNDING;
    let whole = shifted - ROUNDING;
    let rest = x - whole * 0.693_359_4 + whole * 2.121_944_4e-4;
    let series = 1.0 + rest * (0.5 + rest * (1.0 / 6.0 + rest * (1.0 / 24.0 + rest * (1.0 / 120.0))));
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    power * (1.0 + rest * series)
}

/// Adds `residual` to `values`, then brings every token of `weight.len()` components to mean 0 and variance 1,
/// times `weight` plus `bias`.
pub(super) fn add_and_normalize(
    level: Level,
    values: &mut [f32],
    residual: &[f32],
    weight: &[f32],
    bias: &[f32],
) {
    let width = weight.len();
    for (token, residual) in values.chunks_exact_mut(width).zip(residual.chunks_exact(width)) {
        dispatch!(level, _simd => normalize_token(token, residual, weight, bias));
    }
}

#[inline(always)]
#[expect(clippy::cast_precision_loss, reason = "the width is a few hundred")]
fn normalize_token(token: &mut [f32], residual: &[f32], weight: &[f32], bias: &[f32]) {
    const EPSILON: f32 = 1e-12;
    let width = token.len() as f32;
    for (value, residual) in token.iter_mut().zip(residual) {
        *value += residual;
    }
    let mean = sum(token, |value| value) / width;
    let variance = sum(token, |value| (value - mean) * (value - mean)) / width;
    let factor = 1.0 / (variance + EPSILON).sqrt();
    for ((value, weight), bias) in token.iter_mut().zip(weight).zip(bias) {
        *value = (*value - mean) * factor * weight + bias;
    }
}

/// Sums in eight lanes, which a vector unit can add at once.
#[inline(always)]
fn sum(values: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0_f32; 8];
    for chunk in values.as_chunks::<8>().0 {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += term(*value);
        }
    }
    lanes.iter().sum()
}

/// Attention of one head: `queries`, `keys` and `values` hold one token's part of it each, `out` is added to.
pub(super) fn attend(level: Level, heads: &Heads<'_>, out: &mut [f32]) {
    dispatch!(level, _simd => attend_all(heads, out));
}

/// The three projections of all tokens, `width` components a token, `size` of them a head.
#[derive(Debug)]
pub(super) struct Heads<'a> {
    pub(super) queries: &'a [f32],
    pub(super) keys: &'a [f32],
    pub(super) values: &'a [f32],
    pub(super) width: usize,
    pub(super) size: usize,
}

#[inline(always)]
fn attend_all(heads: &Heads<'_>, out: &mut [f32]) {
    let mut weights = vec![0.0_f32; heads.keys.len() / heads.width];
    let per_token = heads.width / heads.size;
    let queries = heads
        .queries
        .chunks_exact(heads.size)
        .zip(out.chunks_exact_mut(heads.size));
    for (index, (query, out)) in queries.enumerate() {
        let head = index % per_token;
        let keys = heads.keys.chunks_exact(heads.size).skip(head).step_by(per_token);
        weigh(query, keys, &mut weights);
        let values = heads
            .values
            .chunks_exact(heads.size)
            .skip(head)
            .step_by(per_token);
        blend(&weights, values, out);
    }
}

#[inline(always)]
#[expect(clippy::cast_precision_loss, reason = "a head has 32 components")]
fn weigh<'a>(query: &[f32], keys: impl Iterator<Item = &'a [f32]>, weights: &mut [f32]) {
    let factor = 1.0 / (query.len() as f32).sqrt();
    let mut largest = f32::MIN;
    for (weight, key) in weights.iter_mut().zip(keys) {
        *weight = dot_floats(query, key) * factor;
        largest = largest.max(*weight);
    }
    let mut total = 0.0;
    for weight in weights.iter_mut() {
        *weight = exp(*weight - largest);
        total += *weight;
    }
    for weight in weights.iter_mut() {
        *weight /= total;
    }
}

#[inline(always)]
fn dot_floats(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    lanes.iter().sum()
}

#[inline(always)]
fn blend<'a>(weights: &[f32], values: impl Iterator<Item = &'a [f32]>, out: &mut [f32]) {
    for (weight, value) in weights.iter().zip(values) {
        for (out, value) in out.iter_mut().zip(value) {
            *out += weight * value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_exact_to_six_digits_below_zero() {
        for step in 0..800_u16 {
            let x = -f32::from(step) / 10.0;
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) - exact).abs() <= exact * 4e-6 + 1e-37, "{x}");
        }
    }

    #[test]
    fn erf_agrees_with_tabulated_values() {
        for (x, expected) in [
            (0.0, 0.0),
            (0.5, 0.520_499_9),
            (1.0, 0.842_700_8),
            (-2.0, -0.995_322_3),
        ] {
            assert!((erf(x) - expected).abs() < 1e-6, "{x}");
        }
    }

    #[test]
    fn a_linear_layer_multiplies_adds_and_scales() {
        static ROWS: [u8; 4] = [1, 2, 255, 127];
        let linear = Linear {
            rows: &ROWS,
            scales: vec![0.5, 1.0],
            bias: vec![10.0, 0.0],
            inputs: 2,
        };
        let level = Level::new();
        let out = linear.apply(level, &Rounded::new(level, &[1.0, 2.0, -4.0, 0.0], 2));
        for (found, expected) in out.iter().zip([12.5, 253.0, 8.0, 4.0]) {
            assert!((found - expected).abs() < 0.1, "{out:?}");
        }
    }
}
