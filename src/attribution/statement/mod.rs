//! What the answer says about the image, given the verdict.

pub(crate) mod created;
pub(crate) mod flags;
pub(crate) mod lineage;
pub(crate) mod pipeline;
pub(crate) mod product;
pub(crate) mod public;
pub(crate) mod standing;
