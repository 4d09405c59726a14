//! Reads the packed model front to back; every step may find the file too short and says so.

use super::ModelError;

/// A position in the packed model.
#[derive(Debug)]
pub(super) struct Reader {
    rest: &'static [u8],
}

impl Reader {
    /// Starts at the front of `bytes`.
    pub(super) const fn new(bytes: &'static [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next `count` bytes.
    pub(super) fn bytes(&mut self, count: usize) -> Result<&'static [u8], ModelError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(ModelError::Damaged("it is cut off"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next 32 bytes.
    pub(super) fn array(&mut self) -> Result<[u8; 32], ModelError> {
        self.bytes(32)?
            .try_into()
            .map_err(|_| ModelError::Damaged("it is cut off"))
    }

    /// Skips `expected`, which must come next.
    pub(super) fn expect(&mut self, expected: &[u8]) -> Result<(), ModelError> {
        let found = self.bytes(expected.len())?;
        if found == expected {
            Ok(())
        } else {
            Err(ModelError::Damaged("it begins with other bytes"))
        }
    }

    /// The next `count` little-endian numbers.
    pub(super) fn floats(&mut self, count: usize) -> Result<Vec<f32>, ModelError> {
        let (words, _) = self.bytes(count * 4)?.as_chunks::<4>();
        Ok(words.iter().map(|word| f32::from_le_bytes(*word)).collect())
    }

    /// All that is left, as text.
    pub(super) fn text(&mut self) -> Result<&'static str, ModelError> {
        std::str::from_utf8(self.rest).map_err(|_| ModelError::Damaged("its vocabulary is not UTF-8"))
    }
}
