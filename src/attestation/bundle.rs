//! Sigstore bundles, media types `application/vnd.dev.sigstore.bundle+json;version=0.1` to
//! `application/vnd.dev.sigstore.bundle.v0.3+json`,
//! <https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto>.

use serde::Deserialize;
use serde_json::Value;

use super::envelope::{self, DsseError, Envelope};

/// The start of the media types of all versions.
const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle";

/// The content of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The signed content.
    pub content: Content,
    /// True if a certificate names the signer; false for a key, which the reader must have.
    pub keyless: bool,
}

/// The signed content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A statement in an envelope.
    Envelope(Envelope),
    /// A file: its SHA-256 in hex, and the signature over the file.
    Message {
        /// 64 hex digits.
        sha256: String,
        /// The signature.
        signature: Vec<u8>,
    },
}

/// The reason why a bundle cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Neither an envelope nor a signature over a file.
    #[error("it is a bundle with neither an envelope nor a signature over a file in it")]
    Nothing,
    /// The digest is not a SHA-256.
    #[error("it is a bundle for a file that is named by something else than its SHA-256")]
    Digest,
    /// The envelope is not valid.
    #[error("{0}")]
    Envelope(#[from] DsseError),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Raw {
    media_type: String,
    #[serde(default)]
    verification_material: Material,
    dsse_envelope: Option<envelope::Raw>,
    message_signature: Option<RawMessage>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Material {
    certificate: Option<Value>,
    x509_certificate_chain: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMessage {
    message_digest: RawDigest,
    signature: String,
}

#[derive(Deserialize)]
struct RawDigest {
    algorithm: String,
    digest: String,
}

impl Raw {
    pub(super) fn is_bundle(&self) -> bool {
        self.media_type.starts_with(MEDIA_TYPE)
    }

    pub(super) fn decode(self) -> Result<Bundle, BundleError> {
        let material = &self.verification_material;
        let keyless = material.certificate.is_some() || material.x509_certificate_chain.is_some();
        let content = match (self.dsse_envelope, self.message_signature) {
            (Some(envelope), None) => Content::Envelope(envelope.decode()?),
            (None, Some(message)) => {
                let digest = envelope::decode(&message.message_digest.digest, "the digest")?;
                if message.message_digest.algorithm != "SHA2_256" || digest.len() != 32 {
                    return Err(BundleError::Digest);
                }
                let named = crate::image::oci::named(&digest);
                Content::Message {
                    sha256: named.strip_prefix("sha256:").unwrap_or(&named).to_owned(),
                    signature: envelope::decode(&message.signature, "the signature")?,
                }
            }
            _ => return Err(BundleError::Nothing),
        };
        Ok(Bundle { content, keyless })
    }
}
