//! Codes in words, for people.

mod codes;
mod conflicts;
mod policy;

use codes::CODES;
use conflicts::CONFLICTS;
use policy::POLICY;

use crate::provenance::{Kind, Origin};

const TABLES: [&str; 3] = [CODES, CONFLICTS, POLICY];

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

/// Returns a code in words. An unknown code has spaces for its hyphens.
#[must_use]
pub fn code(code: &str) -> String {
    let words = |table: &'static str| {
        let mut lines = table.lines();
        lines.find_map(|line| line.strip_prefix(code)?.strip_prefix(": "))
    };
    let found = TABLES.into_iter().find_map(words);
    found.map_or_else(|| code.replace('-', " "), str::to_owned)
}

/// Returns every code of a conflict.
pub fn conflicts() -> impl Iterator<Item = &'static str> {
    codes_of(CONFLICTS)
}

/// Returns every code of a finding of a policy. A code that ends in `-unknown` means that the image does not say.
pub fn findings_of_policies() -> impl Iterator<Item = &'static str> {
    codes_of(POLICY)
}

fn codes_of(table: &'static str) -> impl Iterator<Item = &'static str> {
    table
        .lines()
        .filter_map(|line| Some(line.split_once(": ")?.0))
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

/// Returns in words why an image is not official, or why that is not known.
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
        for table in TABLES {
            assert!(codes_of(table).is_sorted());
            assert_eq!(codes_of(table).count(), table.lines().count());
        }
        assert_eq!(code("some-new-code"), "some new code");
        for code in IN_FAVOUR {
            assert!(codes_of(CODES).any(|known| known == code), "{code}");
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
