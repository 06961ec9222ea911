//! Says which pipeline, commit and public image a container image file comes from.
//!
//! An [`Inspector`] opens an image – a squashfs or SIF file, a directory with a root file system,
//! an OCI layout or archive – and answers with its [`Provenance`](provenance::Provenance). It is
//! made once and takes any number of images, from any number of threads:
//!
//! ```
//! use sqsh_prov::provenance::Kind;
//! use sqsh_prov::{Inspector, Options};
//!
//! let inspector = Inspector::new(Options::default())?;
//! let answer = inspector.inspect("fixtures/classification/01-vllm-release.sqsh".as_ref())?;
//!
//! assert_eq!(answer.origin.kind, Kind::Release);
//! assert_eq!(answer.origin.publisher.as_deref(), Some("vllm"));
//! assert_eq!(answer.origin.official, Some(true));
//! let commit = answer.origin.commit.ok_or("no commit")?;
//! assert_eq!(commit.id, "98dff2a81d747d1dba01a47f939f48c3526d4206");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A value that is not known is `None` or empty. For a damaged image, the answer has what can be read.
//! Check [`is_partial`](provenance::Provenance::is_partial) before you conclude anything from a
//! missing value.
//!
//! Each fact says where it was read:
//!
//! ```
//! # use sqsh_prov::{Inspector, Options};
//! # let inspector = Inspector::new(Options::default())?;
//! # let answer = inspector.inspect("fixtures/classification/01-vllm-release.sqsh".as_ref())?;
//! let commits = answer.evidence.iter().filter(|fact| fact.field == "origin.commit.id");
//! let carriers: Vec<&str> = commits.map(|fact| fact.source.carrier.as_str()).collect();
//! assert!(carriers.len() >= 2, "{carriers:?}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Judge it by a policy, and write the document that `sqsh-prov show --format json` writes:
//!
//! ```
//! # use sqsh_prov::{Inspector, Options};
//! # let inspector = Inspector::new(Options::default())?;
//! # let answer = inspector.inspect("fixtures/classification/01-vllm-release.sqsh".as_ref())?;
//! use sqsh_prov::jiff::Timestamp;
//! use sqsh_prov::policy::{self, Policy};
//!
//! let policy = Policy::load("official-only")?;
//! let findings = policy::evaluate(&answer, &policy, Timestamp::now());
//! assert!(findings.is_empty());
//!
//! let json = sqsh_prov::report::json::pretty(&answer)?;
//! assert!(json.contains(r#""schema": "sqsh-prov/1""#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `examples/` has more programs. The main modules: [`verify`] compares with expectations, [`audit`]
//! reads a whole file system, [`reference`](mod@reference) parses and compares names of images, and
//! [`squashfs`] reads single files of an image.
//!
//! # Text from an image
//!
//! Strings of a [`Provenance`](provenance::Provenance) come from the image. Secrets are masked, but
//! the strings may contain anything else: escape sequences, quotes, line breaks. Pass them through
//! [`report::escape`] before you print them to a terminal, or use the functions of [`report`], which
//! do that.
//!
//! # Features
//!
//! * `attest` (default): signatures of statements about images are checked; see [`attestation`].
//! * `cli` (default): the program `sqsh-prov`. With `default-features = false` there is only the
//!   library, without the crates that parse arguments and draw progress bars.

pub mod attestation;
pub mod attribution;
pub mod audit;
pub mod carriers;
pub mod contracts;
pub mod emit;
pub mod finding;
pub mod given;
pub mod image;
mod inspect;
pub mod integrity;
pub mod limits;
pub mod lint;
mod noatime;
pub mod partial;
pub mod policy;
pub mod provenance;
pub mod recognise;
pub mod redact;
pub mod reference;
pub mod report;
mod settings;
pub mod squashfs;
mod suggestions;
pub mod verify;
mod wording;
mod words;

/// The times that [`policy::evaluate`] and [`audit::findings::Rules`] take.
pub use jiff;

pub use inspect::{
    Attesting, Bindings, Error, FormError, Inspector, Look, Options, Reads, Sidecars, Spelling,
    Versions,
};
pub(crate) use inspect::{Begun, Headed};
