//! Says which pipeline, commit and public image a container image file comes from.
//!
//! ```
//! use sqsh_prov::{Inspector, Options};
//!
//! let inspector = Inspector::new(Options::default())?;
//! let answer = inspector.inspect("fixtures/classification/01-vllm-release.sqsh".as_ref())?;
//! assert_eq!(answer.origin.publisher.as_deref(), Some("vllm"));
//! assert_eq!(answer.origin.official, Some(true));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod attribution;
pub mod audit;
pub mod carriers;
pub mod contracts;
pub mod emit;
pub mod finding;
pub mod image;
mod inspect;
pub mod integrity;
pub mod limits;
pub mod lint;
pub mod partial;
pub mod policy;
pub mod provenance;
mod quiet;
pub mod redact;
pub mod reference;
pub mod report;
pub mod squashfs;
pub mod verify;

pub use inspect::{Error, FormError, Inspector, Options, Reads, Sidecars};
