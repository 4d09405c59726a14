//! What a customer wants: softmax regression over the text's vector, taught by the example sentences in `data/intents`.
//!
//! The trained classifier is part of the binary (`model/intents.bin`). When it does not belong to these examples and
//! this model it is trained anew at the start, so a stale file costs time and is never wrong.

mod examples;
mod stored;
mod train;

use switchboard_domain::analysis::{Confidence, Intent};
use switchboard_domain::vector::Embedding;

pub use self::examples::{Example, examples};
pub use self::train::train;
use crate::model::{DIMENSIONS, Model};

/// Cosine at and below which a text is wholly unfamiliar, and at and above which it is wholly familiar.
const FAMILIARITY: (f32, f32) = (0.25, 0.75);

/// How many of the nearest examples decide on familiarity.
const NEIGHBOURS: u8 = 3;

/// What the classifier says of one text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// The most likely intent.
    pub intent: Intent,
    /// Its calibrated probability.
    pub confidence: Confidence,
    /// How close the text lies to the examples of customers' messages.
    pub familiarity: Confidence,
}

/// A trained classifier.
#[derive(Debug, Clone, PartialEq)]
pub struct IntentModel {
    /// One row of weights for each intent of [`Intent::ALL`].
    weights: Vec<Vec<f32>>,
    bias: Vec<f32>,
    temperature: f32,
    /// Vectors of all examples about something a customer may want.
    familiar: Vec<Embedding>,
}

impl IntentModel {
    /// The classifier in the binary, or one trained now when that one is stale.
    pub fn load(model: &Model) -> Self {
        stored::read(model).unwrap_or_else(|| {
            tracing::warn!("the stored intent classifier is stale, training a new one");
            Self::from_examples(model)
        })
    }

    /// Trains a classifier from the examples in the crate; takes seconds.
    pub fn from_examples(model: &Model) -> Self {
        let taught: Vec<_> = examples()
            .map(|example| (example.intent, stored::rounded(&model.embed(example.text))))
            .collect();
        train(&taught)
    }

    /// The bytes of `model/intents.bin`.
    pub fn to_bytes(&self, model: &Model) -> Vec<u8> {
        stored::write(self, model)
    }

    /// What `vector` is most likely about.
    pub fn predict(&self, vector: &Embedding) -> Prediction {
        let probabilities = softmax(&self.logits(vector), self.temperature);
        let best = Intent::ALL
            .into_iter()
            .zip(probabilities)
            .max_by(|a, b| a.1.total_cmp(&b.1));
        let (intent, probability) = best.unwrap_or((Intent::Uncategorized, 0.0));
        let confidence = Confidence::clamped(probability);
        Prediction {
            intent,
            confidence,
            familiarity: self.familiarity(vector),
        }
    }

    fn logits(&self, vector: &Embedding) -> Vec<f32> {
        self.weights
            .iter()
            .zip(&self.bias)
            .map(|(row, bias)| dot(row, vector.values()) + bias)
            .collect()
    }

    fn familiarity(&self, vector: &Embedding) -> Confidence {
        let mut nearest = [-1.0_f32; NEIGHBOURS as usize];
        for mut cosine in self.familiar.iter().map(|example| example.cosine(vector)) {
            for kept in &mut nearest {
                if cosine > *kept {
                    std::mem::swap(kept, &mut cosine);
                }
            }
        }
        let (low, high) = FAMILIARITY;
        let mean = nearest.iter().sum::<f32>() / f32::from(NEIGHBOURS);
        Confidence::clamped((mean - low) / (high - low))
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    lanes.iter().sum()
}

fn softmax(logits: &[f32], temperature: f32) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f32> = logits
        .iter()
        .map(|logit| ((logit - largest) / temperature).exp())
        .collect();
    let total: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_classifier_belongs_to_the_examples() {
        let model = Model::load().unwrap();
        assert!(stored::read(&model).is_some(), "run the example pack_intents");
    }

    #[test]
    fn gibberish_is_less_familiar_than_a_customers_question() {
        let model = Model::load().unwrap();
        let intents = IntentModel::load(&model);
        let familiarity = |text| intents.predict(&model.embed(text)).familiarity.value();
        assert!(familiarity("when will my parcel be delivered") > 0.8);
        assert!(familiarity("the cosine of a right angle") < 0.3);
    }
}
