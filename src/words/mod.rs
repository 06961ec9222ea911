//! Codes in words, for whatever a person reads.

mod codes;
mod conflicts;
mod policy;

use codes::CODES;
use conflicts::CONFLICTS;
use policy::POLICY;

use crate::provenance::{Kind, Origin};

/// Reasons for a release or nightly build. They explain the kind, and never why an image is not
/// official.
const IN_FAVOUR: [&str; 10] = [
    "attested",
    "by-package-version",
    "channel-key",
    "contract-default",
    "git-tag-built",
    "git-tag-requested",
    "published-under-imported-tag",
    "publisher-build-page",
    "tag-grammar",
    "version-label",
];

/// A code in words; one that is not known with spaces for its hyphens.
#[must_use]
pub fn code(code: &str) -> String {
    CODES
        .iter()
        .chain(CONFLICTS)
        .chain(POLICY)
        .find(|(known, _)| *known == code)
        .map_or_else(|| code.replace('-', " "), |(_, words)| (*words).to_owned())
}

/// Returns codes in words, each once; empty if there are none.
#[must_use]
pub fn list<'c>(codes: impl IntoIterator<Item = &'c String>) -> String {
    let mut all: Vec<String> = Vec::new();
    for words in codes.into_iter().map(|it| code(it)) {
        if !all.contains(&words) {
            all.push(words);
        }
    }
    all.join("; ")
}

/// Why an image is not official, or not known to be: its reasons in words.
#[must_use]
pub fn against(origin: &Origin) -> String {
    list(weighing(origin))
}

/// Returns the reasons of an image, without those for the release or nightly build that it is.
pub fn weighing(origin: &Origin) -> impl Iterator<Item = &String> {
    let published = matches!(origin.kind, Kind::Release | Kind::Nightly);
    let weighs = move |code: &&String| !published || !IN_FAVOUR.contains(&code.as_str());
    origin.reasons.iter().filter(weighs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_unknown_ones_readable() {
        for table in [CODES, CONFLICTS, POLICY] {
            assert!(table.is_sorted());
        }
        assert_eq!(code("some-new-code"), "some new code");
        for code in IN_FAVOUR {
            assert!(CODES.iter().any(|(known, _)| *known == code), "{code}");
        }
    }

    #[test]
    fn what_speaks_for_a_release_is_no_reason_against_it() {
        let reasons = ["publisher-build-page", "repacked"].map(str::to_owned);
        let mut origin = Origin {
            kind: Kind::Release,
            reasons: reasons.to_vec(),
            ..Origin::default()
        };
        assert_eq!(against(&origin), code("repacked"));
        origin.kind = Kind::Ci;
        assert!(against(&origin).starts_with(&code("publisher-build-page")));
    }
}
