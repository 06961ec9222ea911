//! Decides on the owner, the commit and the kind of an image, and whether it is official.

pub(crate) mod architecture;
pub(crate) mod commit;
pub(crate) mod kind;
pub(crate) mod official;
pub(crate) mod ownership;
