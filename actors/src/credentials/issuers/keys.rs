//! An issuer's key document (RFC 7517): those of its keys that may sign tokens.

use std::collections::HashMap;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

/// Keys of one issuer that are looked at.
const MAX_KEYS: usize = 100;
/// Base64 characters of the modulus of an RSA key of 2048 bits, the shortest that is taken.
const MIN_MODULUS: usize = 342;

/// A key, and the one algorithm it is for.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
}

/// An issuer's keys by their ids.
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<String, Key>);

impl Keys {
    /// The keys of a document; those of other kinds, or without an id, are left out.
    pub(super) fn parse(document: &[u8]) -> Result<Self, String> {
        let document: Value = serde_json::from_slice(document).map_err(|error| error.to_string())?;
        let listed = document.get("keys").and_then(Value::as_array);
        let listed = listed.ok_or("the document has no list \"keys\"")?;
        Ok(Self(listed.iter().take(MAX_KEYS).filter_map(key).collect()))
    }

    pub(super) fn find(&self, id: &str) -> Option<&Key> {
        self.0.get(id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn key(value: &Value) -> Option<(String, Key)> {
    let jwk: Jwk = serde_json::from_value(value.clone()).ok()?;
    let id = jwk.common.key_id.clone()?;
    if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let algorithm = algorithm(&jwk)?;
    let decoding = DecodingKey::from_jwk(&jwk).ok()?;
    Some((id, Key { algorithm, decoding }))
}

/// The algorithm of a key by its kind; the key may repeat it, not choose another.
fn algorithm(jwk: &Jwk) -> Option<Algorithm> {
    let stated = jwk.common.key_algorithm;
    match &jwk.algorithm {
        AlgorithmParameters::RSA(rsa) if rsa.n.len() >= MIN_MODULUS => {
            matches!(stated, None | Some(KeyAlgorithm::RS256)).then_some(Algorithm::RS256)
        }
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            matches!(stated, None | Some(KeyAlgorithm::ES256)).then_some(Algorithm::ES256)
        }
        _ => None,
    }
}
