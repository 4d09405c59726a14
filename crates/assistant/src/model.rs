//! The language model all-MiniLM-L6-v2: text in, unit vector of 384 components out.
//!
//! The weights are part of the binary (`model/minilm.bin`, written by `examples/pack_model.rs`), one byte each, and
//! stay where the loader mapped them: nothing is copied but scales and biases. Called by the pool's threads only.

mod encoder;
mod kernel;
mod reader;
mod tokenizer;

use switchboard_domain::vector::Embedding;

use self::encoder::Encoder;
use self::reader::Reader;
use self::tokenizer::Tokenizer;

/// Length of the model's vectors.
pub const DIMENSIONS: usize = 384;

/// First bytes of the packed model.
pub const MAGIC: &[u8; 8] = b"SBMINI01";

/// Most tokens of a text that are read, the two marks at its ends included.
pub const MAX_TOKENS: usize = 128;

static PACKED: &[u8] = include_bytes!("../model/minilm.bin");

/// What can be wrong with the packed model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// It ends before it is complete, or does not begin as a packed model does.
    #[error("the packed model is damaged: {0}")]
    Damaged(&'static str),
}

/// The loaded model. Cheap to share, it is never changed.
#[derive(Debug)]
pub struct Model {
    tokenizer: Tokenizer,
    encoder: Encoder,
    digest: [u8; 32],
}

impl Model {
    /// Reads the weights inside the binary.
    pub fn load() -> Result<Self, ModelError> {
        let mut reader = Reader::new(PACKED);
        reader.expect(MAGIC)?;
        let digest = reader.array()?;
        let encoder = Encoder::read(&mut reader)?;
        let tokenizer = Tokenizer::new(reader.text()?)?;
        Ok(Self {
            tokenizer,
            encoder,
            digest,
        })
    }

    /// SHA-256 of everything in the packed model that follows the digest itself.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The vector of `text`; beyond [`MAX_TOKENS`] tokens the text is not read.
    pub fn embed(&self, text: &str) -> Embedding {
        Embedding::from_raw(self.encoder.encode(&self.tokenizer.encode(text)))
    }

    /// Token ids of `text`, both end marks included.
    pub fn tokenize(&self, text: &str) -> Vec<u32> {
        self.tokenizer.encode(text)
    }

    /// `true` when `word` (lower case) is a token of its own, not pieced together.
    pub fn is_whole_token(&self, word: &str) -> bool {
        self.tokenizer.is_whole(word)
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn digest_in_the_file_is_that_of_its_content() {
        let content = PACKED.get(MAGIC.len() + 32..).unwrap();
        let digest: [u8; 32] = Sha256::digest(content).into();
        assert_eq!(&digest, Model::load().unwrap().digest());
    }
}
