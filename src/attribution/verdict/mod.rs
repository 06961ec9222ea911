//! Whose image it is, what it declares itself to be, and whether it is official.

pub(crate) mod architecture;
pub(crate) mod commit;
pub(crate) mod kind;
pub(crate) mod official;
pub(crate) mod ownership;
