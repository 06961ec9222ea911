//! Parses a file with statements: an envelope, a bundle, a bare statement, or one of them on each
//! line.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::bundle::{self, Content};
use super::envelope::{self, Envelope};
use super::statement::{PAYLOAD_TYPE, Statement, is_hex};
use crate::image::json;

/// The most lines of one file.
const MAX_DOCUMENTS: usize = 256;

/// The type of the texts that cosign signs.
const SIMPLE_SIGNING: &str = "cosign container image signature";

/// One statement, and its signature.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The statement; `None` for a signature over a file.
    pub statement: Option<Statement>,
    /// The signature.
    pub signed: Signed,
}

/// The form of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signed {
    /// In an envelope, by keys that the reader must have.
    Envelope(Envelope),
    /// By the key of a certificate, in a Sigstore bundle: its bytes.
    Keyless(Vec<u8>),
    /// A signature over a file with this SHA-256, in hex, by a key that the reader must have.
    File {
        /// 64 hex digits.
        sha256: String,
        /// The signature.
        signature: Vec<u8>,
        /// The bundle, if a certificate names the signer.
        bundle: Option<Vec<u8>>,
    },
    /// A text of cosign that assigns an image to a name. Its signature is beside it.
    Image {
        /// The SHA-256 of the image's manifest, 64 hex digits.
        sha256: String,
        /// The text.
        message: Vec<u8>,
    },
    /// Not signed itself; a signature may be beside it.
    Bare(Vec<u8>),
}

/// Any of the documents. Their fields distinguish them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Raw {
    Bundle(Box<bundle::Raw>),
    Envelope(envelope::Raw),
    Image(Simple),
    Other(IgnoredAny),
}

/// The text that cosign signs, "simple signing",
/// <https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md>.
#[derive(Deserialize)]
struct Simple {
    critical: Critical,
}

#[derive(Deserialize)]
struct Critical {
    image: Manifest,
    r#type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Manifest {
    docker_manifest_digest: String,
}

/// Reads the statements in a file. An error is a sentence about a statement that cannot be used.
#[must_use]
pub fn documents(bytes: &[u8]) -> Vec<Result<Document, String>> {
    let whole = one(bytes);
    if whole.is_ok() {
        return vec![whole];
    }
    let lines = bytes.split(|&byte| byte == b'\n');
    let lines = lines.filter(|line| !line.trim_ascii().is_empty());
    let lines: Vec<&[u8]> = lines.collect();
    let is_json = |line: &[u8]| serde_json::from_slice::<IgnoredAny>(line).is_ok();
    match lines.as_slice() {
        // Unless the first line is a document, the whole is one document over several lines.
        [first, _, ..] if is_json(first) => {}
        _ => return vec![whole],
    }
    let mut found: Vec<_> = lines.iter().take(MAX_DOCUMENTS).map(|l| one(l)).collect();
    if lines.len() > MAX_DOCUMENTS {
        found.push(Err(format!(
            "it has {} lines; the first {MAX_DOCUMENTS} were read",
            lines.len()
        )));
    }
    found
}

fn one(bytes: &[u8]) -> Result<Document, String> {
    if bytes.trim_ascii() == b"null" {
        return Err("it is null, and no JSON object".to_owned());
    }
    let unreadable = |error| format!("its JSON cannot be read: {error}");
    let raw: Raw = json::parse_unique(bytes).map_err(unreadable)?;
    let (statement, signed) = match raw {
        Raw::Bundle(raw) if raw.is_bundle() => {
            let bundle = raw.decode().map_err(|error| error.to_string())?;
            let own = || bytes.trim_ascii().to_vec();
            match bundle.content {
                Content::Envelope(envelope) => {
                    let statement = statement(&envelope)?;
                    let signed = match bundle.keyless {
                        true => Signed::Keyless(own()),
                        false => Signed::Envelope(envelope),
                    };
                    (Some(statement), signed)
                }
                Content::Message { sha256, signature } => {
                    let signed = Signed::File {
                        sha256,
                        signature,
                        bundle: bundle.keyless.then(own),
                    };
                    (None, signed)
                }
            }
        }
        Raw::Envelope(raw) => {
            let envelope = raw.decode().map_err(|error| error.to_string())?;
            (Some(statement(&envelope)?), Signed::Envelope(envelope))
        }
        Raw::Image(simple) => {
            let digest = &simple.critical.image.docker_manifest_digest;
            let sha256 = digest.strip_prefix("sha256:").unwrap_or_default();
            if simple.critical.r#type != SIMPLE_SIGNING {
                return Err("it is a signed text of another program than cosign".to_owned());
            }
            if sha256.len() != 64 || !sha256.bytes().all(is_hex) {
                return Err("it names an image by something else than its SHA-256".to_owned());
            }
            let signed = Signed::Image {
                sha256: sha256.to_owned(),
                message: bytes.to_vec(),
            };
            (None, signed)
        }
        Raw::Bundle(_) | Raw::Other(_) => {
            let statement = Statement::parse(bytes).map_err(|error| error.to_string())?;
            (Some(statement), Signed::Bare(bytes.to_vec()))
        }
    };
    Ok(Document { statement, signed })
}

fn statement(envelope: &Envelope) -> Result<Statement, String> {
    if envelope.payload_type != PAYLOAD_TYPE {
        let kind: String = envelope.payload_type.chars().take(80).collect();
        return Err(format!(
            "its payload is \"{kind}\", and no in-toto statement"
        ));
    }
    Statement::parse(&envelope.payload).map_err(|error| error.to_string())
}
