//! Statements that are attached to an image: manifests beside it whose layers are in-toto
//! statements, and that name the image by digest.
//!
//! BuildKit's stand in the same index, under the annotation `vnd.docker.reference.digest`
//! (github.com/moby/buildkit docs/attestations/attestation-storage.md); others have a
//! `subject` (OCI distribution 1.1, referrers). cosign's have a tag, `sha256-<64hex>.sig` and `.att`
//! (github.com/sigstore/cosign specs/SIGNATURE_SPEC.md), or what `cosign save` marks them with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::blob::{blob, parse};
use super::digest::Digest;
use super::error::OciError;
use super::model::{Descriptor, Node};
use super::store::Store;
use crate::limits::Limits;

/// More manifests beside the images than are looked at.
const MAX_ATTACHED: usize = 256;
/// More statements about one image than are read.
const MAX_STATEMENTS: usize = 16;

const REFERENCE: &str = "vnd.docker.reference.digest";
/// What a layer's statement is about; a list of packages need not be read.
const PREDICATE_TYPE: &str = "in-toto.io/predicate-type";
const COSIGN_PREDICATE: &str = "predicateType";
/// What cosign signs: that an image is what its name says.
const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
const TAG: &str = "org.opencontainers.image.ref.name";
/// What `cosign save` marks a manifest with, `dev.cosignproject.cosign/sigs`.
const KIND: &str = "kind";
const KINDS: [&str; 2] = [
    "dev.cosignproject.cosign/sigs",
    "dev.cosignproject.cosign/atts",
];
const PROVENANCE: &str = "https://slsa.dev/provenance/";

/// What is attached to one image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attached {
    /// Statements that may be provenance: where each stands, and its bytes.
    pub statements: Vec<(String, Vec<u8>)>,
    /// What cosign signed that the image is.
    pub signatures: Vec<Attachment>,
    /// What could not be read, a sentence for each.
    pub lost: Vec<String>,
}

/// A text about an image, and a signature over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its source.
    pub path: String,
    /// The text.
    pub bytes: Vec<u8>,
    /// The signature, where it is not in the text.
    pub signature: Option<Vec<u8>>,
}

impl Attached {
    /// All that may be signed.
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

/// Manifests in an index that are no images, with the document that names each.
pub(super) type Others = Vec<(Descriptor, String)>;

/// The statements about the manifest with this digest.
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
        match annotation(descriptor, REFERENCE)
            .map(str::to_owned)
            .or_else(|| tagged(descriptor))
        {
            Some(about) if about != digest => continue,
            // A daemon that saves one platform names the attestations of all.
            _ if !is_there(store, descriptor) => continue,
            _ => {}
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
    let about = annotation(descriptor, REFERENCE)
        .or(subject)
        .or(tagged.as_deref());
    // Of what `cosign save` wrote its own text alone says what it is about.
    let of_save = about.is_none() && is_signature(descriptor);
    if about != Some(digest) && !of_save {
        return Ok(());
    }
    for layer in manifest.layers.iter().flatten() {
        let media = layer.media_type.as_deref().unwrap_or_default();
        let signature = annotation(layer, SIGNATURE).filter(|_| media == SIMPLE_SIGNING);
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
        let predicate = annotation(layer, PREDICATE_TYPE).or(annotation(layer, COSIGN_PREDICATE));
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
    OciError::Limit {
        what: format!("the number of {name} about {digest}"),
        limit: u64::try_from(MAX_STATEMENTS).unwrap_or(u64::MAX),
        limit_name: name,
    }
}

/// True for what cosign puts beside an image, which looks like one.
pub(super) fn is_signature(descriptor: &Descriptor) -> bool {
    let of_save = annotation(descriptor, KIND).is_some_and(|kind| KINDS.contains(&kind));
    of_save || tagged(descriptor).is_some()
}

/// The digest of the image that a tag of cosign's is about: `sha256-<64hex>.sig`, also behind a repository.
fn tagged(descriptor: &Descriptor) -> Option<String> {
    let name = annotation(descriptor, TAG)?;
    let tag = name.rsplit([':', '/']).next()?;
    let (digest, kind) = tag.rsplit_once('.')?;
    let digest = digest.replacen('-', ":", 1);
    let is_one = matches!(kind, "sig" | "att" | "sbom") && Digest::parse(&digest).is_some();
    is_one.then_some(digest)
}

fn annotation<'d>(descriptor: &'d Descriptor, key: &str) -> Option<&'d str> {
    descriptor.annotations.as_ref()?.get(key)?.as_str()
}

fn is_there(store: &dyn Store, descriptor: &Descriptor) -> bool {
    Digest::parse(&descriptor.digest).is_some_and(|digest| store.size(&digest.path()).is_some())
}
