//! Decides on the owner, the commit and the kind of an image, and whether it is official.

pub(crate) mod architecture;
pub(crate) mod commit;
mod forks;
pub(crate) mod kind;
pub(crate) mod official;
pub(crate) mod owner;
pub(crate) mod ownership;
