//! Evidence, conflicts and warnings, and what is withheld from an image that was read in part.

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
