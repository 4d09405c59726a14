//! Repeated measurements, and what is told of them.

use std::time::Duration;

/// Values of the same thing, in the order they were measured.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    /// One value.
    pub(crate) fn one(value: f64) -> Self {
        Self(vec![value])
    }

    /// Adds a value.
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// Adds durations, in milliseconds.
    pub(crate) fn push_millis(&mut self, durations: impl IntoIterator<Item = Duration>) {
        self.0
            .extend(durations.into_iter().map(|duration| duration.as_secs_f64() * 1e3));
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// The lowest; nothing without values.
    pub(crate) fn lowest(&self) -> Option<f64> {
        self.0.iter().copied().reduce(f64::min)
    }

    /// The value below which this share (0 to 1) of them lies, the nearest that was measured.
    pub(crate) fn quantile(&self, share: f64) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = u32::try_from(sorted.len().checked_sub(1)?).unwrap_or(u32::MAX);
        let rank = (f64::from(last) * share).round();
        sorted
            .into_iter()
            .enumerate()
            .find(|(index, _)| u32::try_from(*index).is_ok_and(|index| f64::from(index) >= rank))
            .map(|(_, value)| value)
    }

    /// The middle one.
    pub(crate) fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }
}

/// A count as a number to divide by; exact up to 2^53.
#[expect(
    clippy::cast_precision_loss,
    reason = "no count here comes near 2^53, above which this is inexact"
)]
pub(crate) const fn count(number: u64) -> f64 {
    number as f64
}

/// The same, of a length.
pub(crate) const fn length(number: usize) -> f64 {
    count(number as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let mut samples = Samples::default();
        assert_eq!(samples.median(), None);
        (1..=100).rev().for_each(|n| samples.push(f64::from(n)));
        assert_eq!(samples.lowest(), Some(1.0));
        assert_eq!(samples.quantile(0.99), Some(99.0));
        assert_eq!(samples.quantile(1.0), Some(100.0));
        assert_eq!(Samples::one(7.0).median(), Some(7.0));
    }
}
