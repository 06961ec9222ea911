//! The reference to push.

use crate::emit::Stamp;
use crate::report::escape;

/// The reference to push to, alone on its line; `None` if there is none.
#[must_use]
pub fn tag(stamp: &Stamp) -> Option<String> {
    let reference = stamp.push.first()?;
    Some(format!("{}\n", escape::text(reference)))
}
