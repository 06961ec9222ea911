//! Names that signed texts have in them, and which therefore never change.

/// The predicate type of a statement that has a document of this program in it.
pub const DOCUMENT: &str = "urn:sqsh-prov:document:1";
/// The build type of an import, in SLSA provenance.
pub const IMPORT: &str = "urn:sqsh-prov:import:1";
/// The namespace of SSH signatures.
pub const NAMESPACE: &str = "sqsh-prov";
