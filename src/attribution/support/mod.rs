//! What supports the answer, what speaks against it, and what is withheld.

pub(crate) mod attribute;
pub(crate) mod builds;
pub(crate) mod checkouts;
pub(crate) mod collect;
pub(crate) mod confidence;
pub(crate) mod conflicts;
pub(crate) mod disagreeing;
mod evidence;
mod forms;
mod settle;
pub(crate) mod sidecar;
pub(crate) mod warnings;
pub(crate) mod withheld;
