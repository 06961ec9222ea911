//! Statements that are attached to an image. A manifest beside the image names it by digest, and its
//! layers are in-toto statements.
//!
//! BuildKit's manifests are in the same index, with the annotation `vnd.docker.reference.digest`
//! (github.com/moby/buildkit docs/attestations/attestation-storage.md). Others have a `subject` (OCI
//! distribution 1.1, referrers). cosign's have a tag, `sha256-<64hex>.sig` or `.att`
//! (github.com/sigstore/cosign specs/SIGNATURE_SPEC.md), or the annotation of `cosign save`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::blob::{blob, parse};
use super::digest::Digest;
use super::error::OciError;
use super::model::{Descriptor, Node};
use super::store::Store;
use crate::limits::Limits;

/// The most manifests beside the images that are read.
const MAX_ATTACHED: usize = 256;
/// The most statements about one image that are read.
const MAX_STATEMENTS: usize = 16;

const REFERENCE: &str = "vnd.docker.reference.digest";
/// The type of a layer's statement. A list of packages is not read.
const PREDICATE_TYPE: &str = "in-toto.io/predicate-type";
const COSIGN_PREDICATE: &str = "predicateType";
/// The media type of cosign's signed text, which gives an image's name and digest.
const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
const TAG: &str = "org.opencontainers.image.ref.name";
/// The annotation with which `cosign save` marks a manifest.
const KIND: &str = "kind";
const KINDS: [&str; 2] = [
    "dev.cosignproject.cosign/sigs",
    "dev.cosignproject.cosign/atts",
];
/// What the type of every SLSA provenance starts with.
pub const PROVENANCE: &str = "https://slsa.dev/provenance/";

/// The statements and signatures that are attached to one image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attached {
    /// Statements that may be provenance: their paths and bytes.
    pub statements: Vec<(String, Vec<u8>)>,
    /// Texts that cosign signed.
    pub signatures: Vec<Attachment>,
    /// Errors while reading, in one sentence each.
    pub lost: Vec<String>,
}

/// A text about an image, and a signature over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The path of the text.
    pub path: String,
    /// The text.
    pub bytes: Vec<u8>,
    /// The signature, if it is not in the text.
    pub signature: Option<Vec<u8>>,
}

impl Attached {
    /// Returns everything that may be signed.
    #[must_use]
    pub fn all(&self) -> Vec<Attachment> {
        let statements = self.statements.iter().map(|(path, bytes)| Attachment {
            path: path.clone(),
            bytes: bytes.clone(),
            signature: None,
        });
        statements.chain(self.signatures.iter().cloned()).collect()
    }
}

/// Manifests in an index that are not images, and the documents that name them.
pub(super) type Others = Vec<(Descriptor, String)>;

/// Returns the statements about the manifest with this digest.
pub(super) fn attached(
    store: &dyn Store,
    others: &Others,
    digest: &str,
    limits: &Limits,
) -> Attached {
    let mut found = Attached::default();
    if others.len() > MAX_ATTACHED {
        found.lost.push(format!(
            "the index names {} manifests that are no images; the first {MAX_ATTACHED} were looked at",
            others.len()
        ));
    }
    for (descriptor, by) in others.iter().take(MAX_ATTACHED) {
        let reference = descriptor.annotation(REFERENCE).map(str::to_owned);
        let about = reference.or_else(|| tagged(descriptor));
        // A daemon that saves one platform names the attestations of all.
        if about.is_some_and(|about| about != digest) || !exists(store, descriptor) {
            continue;
        }
        if let Err(error) = one(store, descriptor, by, digest, limits, &mut found) {
            found.lost.push(error.to_string());
        }
    }
    found
}

fn one(
    store: &dyn Store,
    descriptor: &Descriptor,
    by: &str,
    digest: &str,
    limits: &Limits,
    found: &mut Attached,
) -> Result<(), OciError> {
    let (path, bytes) = blob(store, descriptor, by, limits)?;
    let manifest: Node = parse(&path, &bytes)?;
    let subject = manifest.subject.as_ref().map(|subject| &*subject.digest);
    let tagged = tagged(descriptor);
    let about = descriptor.annotation(REFERENCE);
    let about = about.or(subject).or(tagged.as_deref());
    // In a manifest of `cosign save`, only the signed text names the image.
    let of_save = about.is_none() && is_signature(descriptor);
    if about != Some(digest) && !of_save {
        return Ok(());
    }
    for layer in manifest.layers.iter().flatten() {
        let media = layer.media();
        let signature = layer.annotation(SIGNATURE);
        let signature = signature.filter(|_| media == SIMPLE_SIGNING);
        let signature = signature.and_then(|text| BASE64.decode(text).ok());
        if let Some(signature) = signature {
            if found.signatures.len() >= MAX_STATEMENTS {
                return Err(too_many("signatures", digest));
            }
            let (path, bytes) = blob(store, layer, &path, limits)?;
            found.signatures.push(Attachment {
                path,
                bytes,
                signature: Some(signature),
            });
            continue;
        }
        let is_statement =
            media.contains("in-toto") || media.contains("dsse") || media.contains("sigstore");
        let predicate = layer.annotation(PREDICATE_TYPE);
        let predicate = predicate.or(layer.annotation(COSIGN_PREDICATE));
        let other = predicate.is_some_and(|it| !it.starts_with(PROVENANCE));
        if !is_statement || other {
            continue;
        }
        if found.statements.len() >= MAX_STATEMENTS {
            return Err(too_many("statements", digest));
        }
        found.statements.push(blob(store, layer, &path, limits)?);
    }
    Ok(())
}

fn too_many(name: &'static str, digest: &str) -> OciError {
    let what = format!("the number of {name} about {digest}");
    OciError::limit(what, MAX_STATEMENTS as u64, name)
}

/// Returns true for a manifest of cosign beside an image, which looks like one.
pub(super) fn is_signature(descriptor: &Descriptor) -> bool {
    let kind = descriptor.annotation(KIND);
    kind.is_some_and(|kind| KINDS.contains(&kind)) || tagged(descriptor).is_some()
}

/// Returns the digest in cosign's tag, `sha256-<64hex>.sig`. The tag may follow a repository.
fn tagged(descriptor: &Descriptor) -> Option<String> {
    let name = descriptor.annotation(TAG)?;
    let tag = name.rsplit([':', '/']).next()?;
    let (digest, kind) = tag.rsplit_once('.')?;
    let digest = digest.replacen('-', ":", 1);
    let is_one = matches!(kind, "sig" | "att" | "sbom") && Digest::parse(&digest).is_some();
    is_one.then_some(digest)
}

fn exists(store: &dyn Store, descriptor: &Descriptor) -> bool {
    Digest::parse(&descriptor.digest).is_some_and(|digest| store.size(&digest.path()).is_some())
}
