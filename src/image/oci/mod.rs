//! Images in the form of registries and daemons: JSON documents that name each other by digest.
//!
//! Most functions read only the JSON, and check that the layers exist and have the right size. Only
//! [`content`] and [`files`] unpack layers.

mod attestation;
mod blob;
mod choose;
mod chosen;
mod digest;
mod directory;
mod docker;
mod error;
mod layer;
mod layers;
mod layout;
mod model;
mod paths;
mod store;
mod survey;

pub use attestation::{Attached, Attachment, PROVENANCE};
pub use chosen::{Chosen, Layer, Level, LevelKind, Name};
pub use digest::{hex, named, sha256};
pub use directory::{Directory, VERSION, VERSION_FILE};
pub use docker::{archive, is_archive};
pub use error::OciError;
pub use layers::{content, files};
pub use layout::{LAYOUT_FILE, Walked, is_layout, walk};
pub use model::Platform;
pub(crate) use model::is_index;
pub use store::{Archive, Store};
pub use survey::{Survey, Surveyed, survey};
