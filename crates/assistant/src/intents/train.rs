//! Teaches the classifier: gradient descent with momentum from zero, so that the same examples give the same weights.
//!
//! The temperature is chosen on examples held out in turn, never on the sentences the tests ask.

use switchboard_domain::analysis::Intent;
use switchboard_domain::vector::Embedding;

use super::{DIMENSIONS, IntentModel, dot, softmax};

const ROUNDS: usize = 300;
const STEP: f32 = 2.0;
const MOMENTUM: f32 = 0.9;
const SHRINK: f32 = 2e-4;
const FOLDS: usize = 5;
const TEMPERATURES: [f32; 12] = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5];

type Taught = (Intent, Embedding);

/// A classifier for `taught`; about a second for four hundred examples.
pub fn train(taught: &[Taught]) -> IntentModel {
    let held_out: Vec<(Intent, Vec<f32>)> = (0..FOLDS).flat_map(|fold| judge_fold(taught, fold)).collect();
    let temperature = TEMPERATURES
        .into_iter()
        .min_by(|a, b| surprise(&held_out, *a).total_cmp(&surprise(&held_out, *b)))
        .unwrap_or(1.0);
    let all: Vec<&Taught> = taught.iter().collect();
    IntentModel {
        temperature,
        ..fit(&all)
    }
}

/// What a classifier taught by the other folds says of each example of `fold`.
fn judge_fold(taught: &[Taught], fold: usize) -> Vec<(Intent, Vec<f32>)> {
    let inside = |(index, _): &(usize, &Taught)| index % FOLDS == fold;
    let rest: Vec<_> = taught
        .iter()
        .enumerate()
        .filter(|item| !inside(item))
        .map(|(_, item)| item)
        .collect();
    let model = fit(&rest);
    let asked = taught.iter().enumerate().filter(inside);
    asked
        .map(|(_, (intent, vector))| (*intent, model.logits(vector)))
        .collect()
}

/// Mean negative logarithm of the probability given to the right intent.
#[expect(clippy::cast_precision_loss, reason = "a few hundred examples")]
fn surprise(judged: &[(Intent, Vec<f32>)], temperature: f32) -> f32 {
    let right = |(intent, logits): &(Intent, Vec<f32>)| {
        let probabilities = softmax(logits, temperature);
        Intent::ALL
            .iter()
            .zip(probabilities)
            .find(|(other, _)| *other == intent)
            .map_or(0.0, |(_, p)| p)
    };
    judged.iter().map(|item| -right(item).max(1e-9).ln()).sum::<f32>() / judged.len().max(1) as f32
}

/// Weights after [`ROUNDS`] steps, temperature one.
fn fit(taught: &[&Taught]) -> IntentModel {
    let familiar = taught
        .iter()
        .filter(|(intent, _)| *intent != Intent::Uncategorized);
    let mut model = IntentModel {
        weights: vec![vec![0.0; DIMENSIONS]; Intent::ALL.len()],
        bias: vec![0.0; Intent::ALL.len()],
        temperature: 1.0,
        familiar: familiar.map(|(_, vector)| vector.clone()).collect(),
    };
    let mut speed = vec![vec![0.0; DIMENSIONS + 1]; Intent::ALL.len()];
    for _ in 0..ROUNDS {
        let errors: Vec<Vec<f32>> = taught.iter().map(|item| errors(&model, item)).collect();
        for (class, speed) in speed.iter_mut().enumerate() {
            step(&mut model, class, speed, taught, &errors);
        }
    }
    model
}

/// Probability minus truth, for each intent.
fn errors(model: &IntentModel, (intent, vector): &Taught) -> Vec<f32> {
    let logits: Vec<f32> = model
        .weights
        .iter()
        .zip(&model.bias)
        .map(|(row, bias)| dot(row, vector.values()) + bias)
        .collect();
    let truth = |other: &Intent| if other == intent { 1.0 } else { 0.0 };
    softmax(&logits, 1.0)
        .into_iter()
        .zip(&Intent::ALL)
        .map(|(p, other)| p - truth(other))
        .collect()
}

/// Moves the weights of one intent down the gradient.
#[expect(clippy::cast_precision_loss, reason = "a few hundred examples")]
fn step(model: &mut IntentModel, class: usize, speed: &mut [f32], taught: &[&Taught], errors: &[Vec<f32>]) {
    let (Some(row), Some(bias)) = (model.weights.get_mut(class), model.bias.get_mut(class)) else {
        return;
    };
    for speed in speed.iter_mut() {
        *speed *= MOMENTUM;
    }
    let Some((bias_speed, speed)) = speed.split_last_mut() else {
        return;
    };
    let share = STEP / taught.len().max(1) as f32;
    for ((_, vector), error) in taught
        .iter()
        .zip(errors.iter().filter_map(|errors| errors.get(class)))
    {
        *bias_speed -= share * error;
        for (speed, value) in speed.iter_mut().zip(vector.values()) {
            *speed -= share * error * value;
        }
    }
    *bias += *bias_speed;
    for (weight, speed) in row.iter_mut().zip(speed) {
        *speed -= STEP * SHRINK * *weight;
        *weight += *speed;
    }
}
