//! What is said of the image once the verdict stands.

pub(crate) mod created;
pub(crate) mod flags;
pub(crate) mod lineage;
pub(crate) mod pipeline;
pub(crate) mod product;
pub(crate) mod public;
pub(crate) mod standing;
