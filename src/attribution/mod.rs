//! From facts and contracts to provenance: whose image it is, and why. Pure: no I/O.
//!
//! It answers three questions: what built *this* image (origin), what it was built on (lineage), and where
//! this file was pulled from (imported). Each step uses those before it:
//!
//! 1. `readings`: what each source says.
//! 2. `signs`: signs of a build on top, and of a change after the import.
//! 3. `verdict`: whose image it is, its commit, its kind, and whether it is official.
//! 4. `statement`: product, pipeline, references, lineage, flags, time.
//! 5. `support`: evidence, conflicts, warnings, and what is withheld from damaged images.

mod answer;
mod assemble;
mod case;
mod deep;
mod make;
mod readings;
mod signs;
mod statement;
mod support;
mod text;
mod verdict;

use crate::carriers::Facts;
use crate::contracts::{Contracts, Registries};

pub use self::answer::Attribution;
pub use self::deep::packages_to_check;
pub(crate) use self::readings::reading;
pub(crate) use self::text::{
    CommitText, is_moving, is_placeholder, repository_url, same_commit, same_image,
    same_repository, version_of_tag,
};

use self::assemble::{Found, assemble};

/// Attributes one image.
///
/// `mirrors` are the user's `FROM=TO` pairs, see [`crate::reference::Reference::unmirrored`].
#[must_use]
pub fn attribute(
    facts: &Facts,
    contracts: &Contracts,
    mirrors: &[(String, String)],
) -> Attribution {
    let none = Registries::default();
    let (case, dispute) = readings::read(facts, contracts, mirrors, &none);
    let ownership = verdict::owner::owner(&case);
    let built = verdict::commit::built(&case, &ownership);
    let kind = verdict::kind::kind(&case, &ownership, &built);
    let changes = signs::changes::changes(facts);
    let architecture = verdict::architecture::conflict(&case, &ownership);
    let official =
        verdict::official::official(&case, &ownership, &kind, &changes, architecture.is_some());
    assemble(&Found {
        case: &case,
        ownership: &ownership,
        built: &built,
        verdict: &kind,
        changes: &changes,
        official: &official,
        dispute,
        architecture,
    })
}
