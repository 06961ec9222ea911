//! Says which pipeline, commit and public image a container image file comes from.

pub mod limits;
pub mod squashfs;
