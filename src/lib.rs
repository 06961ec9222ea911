//! Says which pipeline, commit and public image a container image file comes from.

pub mod attribution;
pub mod carriers;
pub mod contracts;
pub mod image;
pub mod limits;
pub mod provenance;
pub mod reference;
pub mod squashfs;
