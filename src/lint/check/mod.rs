//! The checks, one file for each group of rules.

mod annotations;
pub(super) mod bases;
mod expected;
mod lost;
mod pairs;
mod platforms;
mod recipe;
mod references;
mod secrets;
mod stamps;

use crate::lint::case::Case;
use crate::lint::document::Finding;

pub(super) use expected::compares;

type Check = fn(&Case, &mut Vec<Finding>);

/// All checks. A new check is a file, and a line here.
pub(super) const ALL: [Check; 10] = [
    annotations::check,
    bases::check,
    expected::check,
    lost::check,
    pairs::check,
    platforms::check,
    recipe::check,
    references::check,
    secrets::check,
    stamps::check,
];
