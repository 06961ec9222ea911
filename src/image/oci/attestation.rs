//! Statements that are attached to an image: manifests beside it whose layers are in-toto
//! statements, and that name the image by digest.
//!
//! BuildKit's stand in the same index, under the annotation `vnd.docker.reference.digest`
//! (github.com/moby/buildkit docs/attestations/attestation-storage.md); others have a
//! `subject` (OCI distribution 1.1, referrers).

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
const PROVENANCE: &str = "https://slsa.dev/provenance/";

/// What is attached to one image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attached {
    /// Statements that may be provenance: where each stands, and its bytes.
    pub statements: Vec<(String, Vec<u8>)>,
    /// What could not be read, a sentence for each.
    pub lost: Vec<String>,
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
        match annotation(descriptor, REFERENCE) {
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
    let about = annotation(descriptor, REFERENCE).or(subject);
    if about != Some(digest) {
        return Ok(());
    }
    for layer in manifest.layers.iter().flatten() {
        let media = layer.media_type.as_deref().unwrap_or_default();
        let is_statement =
            media.contains("in-toto") || media.contains("dsse") || media.contains("sigstore");
        let other = annotation(layer, PREDICATE_TYPE).is_some_and(|it| !it.starts_with(PROVENANCE));
        if !is_statement || other {
            continue;
        }
        if found.statements.len() >= MAX_STATEMENTS {
            return Err(OciError::Limit {
                what: format!("the number of statements about {digest}"),
                limit: u64::try_from(MAX_STATEMENTS).unwrap_or(u64::MAX),
                limit_name: "statements",
            });
        }
        found.statements.push(blob(store, layer, &path, limits)?);
    }
    Ok(())
}

fn annotation<'d>(descriptor: &'d Descriptor, key: &str) -> Option<&'d str> {
    descriptor.annotations.as_ref()?.get(key)?.as_str()
}

fn is_there(store: &dyn Store, descriptor: &Descriptor) -> bool {
    Digest::parse(&descriptor.digest).is_some_and(|digest| store.size(&digest.path()).is_some())
}
