//! Recognises content: the fingerprint of a tree, and how much of one tree is in another.

mod apply;
mod build;
mod compare;
mod family;
mod format;
mod index;
mod known;
mod listed;
mod lookup;
mod memory;
mod packages;
mod search;
mod sketch;
mod stored;
mod tree;

pub use apply::{apply, name, percent};
pub use build::{BuildError, Built, build};
pub use compare::{Overlap, compare, is_same};
pub use family::{Member, Parent, parents};
pub use known::{Asked, BASE, Found, Known, SITE_DIRECTORY};
pub use listed::KnownError;
pub use packages::records;
pub use sketch::{Mark, SAMPLE, Sketch, SketchError, VERSION};
pub use tree::{Gather, sketch};
