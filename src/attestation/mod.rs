//! Statements about images that others have signed.
//!
//! A statement says something of digests; a signature says who states it; trust data says who may state
//! what. A statement is about an image where one of its subjects is a digest of that image, and it never
//! speaks for an image that it does not name. docs/attestations.md specifies all of it.
//!
//! Parsers take bytes and judge nothing. Signatures are checked by `verify`, which the feature `attest`
//! compiles in.

mod apply;
mod bundle;
mod certified;
mod claims;
mod document;
mod envelope;
mod find;
mod judge;
mod names;
mod statement;
mod subject;
pub mod trust;
#[cfg(feature = "attest")]
mod verify;
#[cfg(not(feature = "attest"))]
#[path = "without.rs"]
mod verify;

pub use apply::{CODES, Settings, apply};
pub use claims::{Claim, claim};
pub use document::{Document, Signed, documents};
pub use envelope::{DsseError, Envelope, pae};
pub use find::{BESIDE, Candidate, Index, SITE_DIRECTORY, beside, signature_of};
pub use judge::{Judged, Verdict, judge};
pub use names::{DOCUMENT, IMPORT, NAMESPACE};
pub use statement::{Statement, StatementError, Subject};
pub use subject::{Measure, Measured};
pub use trust::Trust;
