//! DSSE envelopes, <https://github.com/secure-systems-lab/dsse/blob/master/envelope.md> and protocol.md.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::Deserialize;

/// The most signatures of an envelope; each is checked against each key.
const MAX_SIGNATURES: usize = 16;

/// A signed payload with its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The media type of the payload.
    pub payload_type: String,
    /// The payload.
    pub payload: Vec<u8>,
    /// The signatures.
    pub signatures: Vec<Vec<u8>>,
}

/// The reason why an envelope cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DsseError {
    /// A field is not base64.
    #[error("{0} is no base64")]
    Base64(&'static str),
    /// It has no signature.
    #[error("it has no signature")]
    Unsigned,
    /// It has too many signatures.
    #[error("it has more than {MAX_SIGNATURES} signatures")]
    TooMany,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Raw {
    payload_type: String,
    payload: String,
    signatures: Vec<RawSignature>,
}

#[derive(Deserialize)]
struct RawSignature {
    sig: String,
}

impl Raw {
    pub(super) fn decode(self) -> Result<Envelope, DsseError> {
        if self.signatures.is_empty() {
            return Err(DsseError::Unsigned);
        }
        if self.signatures.len() > MAX_SIGNATURES {
            return Err(DsseError::TooMany);
        }
        let signatures = self.signatures.iter();
        let signatures = signatures.map(|signature| decode(&signature.sig, "a signature"));
        Ok(Envelope {
            payload: decode(&self.payload, "the payload")?,
            payload_type: self.payload_type,
            signatures: signatures.collect::<Result<_, _>>()?,
        })
    }
}

/// Decodes standard or URL-safe base64; the protocol allows both.
pub(super) fn decode(text: &str, what: &'static str) -> Result<Vec<u8>, DsseError> {
    let decoded = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text));
    decoded.map_err(|_| DsseError::Base64(what))
}

/// Returns the bytes that a signature of an envelope covers, the "pre-authentication encoding".
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let (kind, length) = (payload_type.len(), payload.len());
    let mut bytes = format!("DSSEv1 {kind} {payload_type} {length} ").into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of protocol.md.
    #[test]
    fn the_encoding_is_that_of_the_protocol() {
        let encoded = pae("http://example.com/HelloWorld", b"hello world");
        let expected: &[u8] = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world";
        assert_eq!(encoded, expected);
    }

    #[test]
    fn an_envelope_is_signed_a_bounded_number_of_times() {
        let envelope = |count: usize, sig: &str| Raw {
            payload_type: "x".to_owned(),
            payload: "YQ==".to_owned(),
            signatures: (0..count)
                .map(|_| RawSignature {
                    sig: sig.to_owned(),
                })
                .collect(),
        };
        assert_eq!(envelope(0, "").decode(), Err(DsseError::Unsigned));
        assert_eq!(envelope(17, "").decode(), Err(DsseError::TooMany));
        let bad = Err(DsseError::Base64("a signature"));
        assert_eq!(envelope(1, "?").decode(), bad);
        let found = envelope(16, "_-8=").decode().unwrap();
        assert_eq!((found.payload, found.signatures.len()), (b"a".to_vec(), 16));
    }
}
