//! Records as bytes: one version byte, then postcard (a compact, stable binary form of serde types).
//!
//! A record type grows at its end alone, by fields whose zero bytes mean "nothing" (`0`, `false`, `None`, empty), and the
//! version counts up: an older record is read as if those bytes were there. A version from the future is refused in clear
//! words instead of being misread.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use switchboard_domain::ports::engine::StoreError;

/// The version that is written.
const VERSION: u8 = 5;
/// The oldest version that is read.
const OLDEST: u8 = 1;
/// More zero bytes than all fields together that any record has gained since the oldest version.
const GAINED: [u8; 64] = [0; 64];
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
        Some((&VERSION, body)) => read(body),
        Some((version, body)) if (OLDEST..VERSION).contains(version) => read(&[body, &GAINED].concat()),
        Some((version, _)) if *version > VERSION => Err(StoreError::Incompatible(format!(
            "a record has format {version}, this program reads up to {VERSION}: it was written by a newer version"
        ))),
        Some((version, _)) => Err(StoreError::Damaged(format!(
            "a record has the unknown format {version}"
        ))),
        None => Err(StoreError::Damaged("an empty record".to_owned())),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, StoreError> {
    postcard::from_bytes(body).map_err(|error| StoreError::Damaged(format!("unreadable record: {error}")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Serialize)]
    struct Before {
        name: String,
        number: u64,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Now {
        name: String,
        number: u64,
        is_verified: bool,
        tags: Vec<String>,
        note: Option<String>,
        attributes: BTreeMap<String, String>,
        count: u64,
    }

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
        assert!(matches!(decode::<u64>(&[0, 1]), Err(StoreError::Damaged(_))));
        assert!(matches!(decode::<u64>(&[]), Err(StoreError::Damaged(_))));
    }

    #[test]
    fn an_older_record_reads_with_nothing_in_the_fields_it_did_not_have() {
        let (name, number) = ("Ann".to_owned(), 300);
        let older = Before {
            name: name.clone(),
            number,
        };
        let mut bytes = encode(&older).expect("encodes").to_vec();
        bytes[0] = OLDEST;
        let expected = Now {
            name,
            number,
            is_verified: false,
            tags: Vec::new(),
            note: None,
            attributes: BTreeMap::new(),
            count: 0,
        };
        assert_eq!(decode::<Now>(&bytes).expect("decodes"), expected);
        bytes[0] = VERSION;
        assert!(
            decode::<Now>(&bytes).is_err(),
            "a record of today is whole or damaged"
        );
    }
}
