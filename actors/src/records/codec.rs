//! Records as bytes: one version byte, then postcard (a compact, stable binary form of serde types).
//!
//! A record type that changes gets the next version number and keeps reading the old ones; a version from the future is
//! refused in clear words instead of being misread.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use switchboard_domain::ports::engine::StoreError;

/// The version that is written.
const VERSION: u8 = 1;
/// Room made at once; most records fit.
const USUAL_BYTES: usize = 384;

/// The record as bytes.
pub fn encode<T: Serialize>(record: &T) -> Result<Bytes, StoreError> {
    let mut head = Vec::with_capacity(USUAL_BYTES);
    head.push(VERSION);
    let bytes = postcard::to_extend(record, head).map_err(|error| StoreError::Damaged(error.to_string()))?;
    Ok(bytes.into())
}

/// The record of those bytes.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    match bytes.split_first() {
        Some((&VERSION, body)) => postcard::from_bytes(body)
            .map_err(|error| StoreError::Damaged(format!("unreadable record: {error}"))),
        Some((version, _)) if *version > VERSION => Err(StoreError::Incompatible(format!(
            "a record has format {version}, this program reads up to {VERSION}: it was written by a newer version"
        ))),
        Some((version, _)) => Err(StoreError::Damaged(format!(
            "a record has the unknown format {version}"
        ))),
        None => Err(StoreError::Damaged("an empty record".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_and_a_newer_format_is_refused() {
        let bytes = encode(&("hello".to_owned(), 7_u64)).expect("encodes");
        assert_eq!(
            decode::<(String, u64)>(&bytes).expect("decodes"),
            ("hello".to_owned(), 7)
        );
        assert!(matches!(
            decode::<u64>(&[200, 1]),
            Err(StoreError::Incompatible(_))
        ));
        assert!(matches!(decode::<u64>(&[]), Err(StoreError::Damaged(_))));
    }
}
