//! Names in signed texts. They can never change.

/// The predicate type of a statement with a document of this program.
pub const DOCUMENT: &str = "urn:sqsh-prov:document:1";
/// The build type of an import, in SLSA provenance.
pub const IMPORT: &str = "urn:sqsh-prov:import:1";
/// The namespace of SSH signatures.
pub(super) const NAMESPACE: &str = "sqsh-prov";
