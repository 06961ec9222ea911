//! Makes the fields of the answer that follow from the verdict.

pub(crate) mod created;
pub(crate) mod flags;
pub(crate) mod lineage;
pub(crate) mod pipeline;
pub(crate) mod product;
pub(crate) mod public;
pub(crate) mod standing;
