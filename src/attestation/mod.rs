//! Signed statements about images.
//!
//! A statement is about digests, a signature proves who made it, and trust data says who may state
//! what. A statement is about an image only if one of its subjects is a digest of that image.
//! docs/attestations.md is the specification.
//!
//! Parsers take bytes and judge nothing. `verify` checks signatures; the feature `attest` compiles
//! it in.

mod apply;
mod bundle;
mod certified;
mod claims;
mod document;
mod envelope;
mod find;
mod judge;
mod may;
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
pub use find::{Candidate, Index, SITE_DIRECTORY, beside, signature_of};
pub use judge::{Judged, Verdict, judge};
pub use names::{DOCUMENT, IMPORT};
pub use statement::{Statement, StatementError, Subject};
pub use subject::{Measure, Measured};
pub use trust::Trust;
