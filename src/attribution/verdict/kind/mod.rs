//! Decides the kind of an image: by the first row of the table that holds.

mod ci;
mod generic;
mod hand;
mod published;
mod request;
mod row;
mod table;

use crate::attribution::case::Case;
use crate::provenance::Kind;

use super::commit::Built;
use super::ownership::Ownership;
use row::Asked;
use table::{BY_BUILD_PAGE, LEAKED_STAGING, TABLE, UNPROVEN_NIGHTLY, UNPROVEN_RELEASE};

/// A kind, and the codes that say why.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict {
    pub kind: Kind,
    pub reasons: Vec<&'static str>,
}

impl Verdict {
    pub(crate) fn is_by(&self, code: &str) -> bool {
        self.reasons.contains(&code)
    }

    /// Returns true if the stamp names a staging reference, but the image was published.
    pub(crate) fn leaked_staging(&self) -> bool {
        self.is_by(LEAKED_STAGING)
    }

    /// Returns the reason if a stamp claims a published kind that nothing proves.
    pub(crate) fn unproven(&self) -> Option<&'static str> {
        [UNPROVEN_RELEASE, UNPROVEN_NIGHTLY]
            .into_iter()
            .find(|code| self.is_by(code))
    }
}

/// Evaluates the table from top to bottom.
pub(crate) fn kind(case: &Case, ownership: &Ownership, built: &Built) -> Verdict {
    let asked = Asked {
        case,
        ownership,
        built,
        family: ownership.family,
    };
    let mut rows = TABLE.iter();
    let decided = rows.find_map(|row| Some((row.code, (row.kind)(&asked)?)));
    let (code, kind) = decided.unwrap_or(("nothing-says", Kind::Unknown));
    let mut reasons = vec![code];
    if code == BY_BUILD_PAGE && published::has_unlisted_pipeline(&asked) {
        reasons.push("unlisted-pipeline");
    }
    Verdict { kind, reasons }
}

#[cfg(test)]
mod tests {
    use super::TABLE;

    #[test]
    fn each_row_gives_a_reason() {
        assert!(TABLE.iter().all(|row| !row.code.is_empty()));
    }
}
