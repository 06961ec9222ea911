//! Compares an unchanged image with a reference: by its import, else by its stamp.

use crate::attribution::{is_moving, same_image};
use crate::contracts::Registries;
use crate::provenance::{Imported, Kind, Via};
use crate::reference::{ImportUri, Reference};

use super::{Answer, Case, Level, NO_DIGEST, Status};

/// Conflicts with which a stamp does not count: it may be another image's.
const STAMP_CONFLICTS: [&str; 4] = [
    "environment-label-conflict",
    "pull-differs",
    "repository-differs",
    "tag-differs",
];

/// Returns why the digests of two references cannot be compared; `None` if none is expected.
fn digests(expected: &Reference, imported: &Reference) -> Option<&'static str> {
    match (&expected.digest, &imported.digest) {
        (Some(_), Some(_)) => Some(
            "the digests differ, but one may belong to the index and the other to a platform; they cannot be compared offline",
        ),
        (Some(_), None) => Some("it was imported by tag: its digest is not recorded"),
        _ => None,
    }
}

fn because(message: &str, digests: Option<&str>) -> String {
    match digests {
        Some(digests) => format!("{message}; {digests}"),
        None => message.to_owned(),
    }
}

fn by_stamp(message: &str, digests: Option<&str>) -> Answer {
    let message = because(message, digests);
    Answer::holds(Level::Reference, "reference-by-stamp", message)
}

impl Case<'_> {
    pub(super) fn against_import(&self, imported: &Reference) -> Answer {
        let expected = &self.expected;
        if expected.digest.is_some() && expected.digest == imported.digest {
            let source = "it was imported by this digest";
            return Answer::holds(Level::Digest, "digest", source).actual(imported);
        }
        if !imported.same_repository(expected) {
            return self.other_repository(imported);
        }
        let digests = digests(expected, imported);
        let Some(wanted) = expected.tag.as_deref() else {
            let code = if imported.digest.is_some() {
                "digest-not-comparable"
            } else {
                NO_DIGEST
            };
            let message = digests.unwrap_or("the expected reference has neither tag nor digest");
            return Answer::undecidable(code, message).actual(imported);
        };
        let mut answer = match imported.tag.as_deref() {
            Some(pulled) => self.against_tag(wanted, pulled, imported, digests),
            None => self.without_tag(wanted, imported, digests),
        };
        if answer.status != Status::Ok || expected.digest.is_none() {
            return answer;
        }
        if imported.digest.is_some() {
            // The tag may name both digests, or have moved from one to the other.
            answer.status = Status::Undecidable;
            answer.code = "digest-not-comparable";
            answer.level = None;
        } else {
            answer.code = NO_DIGEST;
            answer.message.push_str(", so only the tag was compared");
        }
        answer
    }

    /// Answers for an import from the same repository, under a tag.
    fn against_tag(
        &self,
        wanted: &str,
        pulled: &str,
        imported: &Reference,
        digests: Option<&str>,
    ) -> Answer {
        const UNDER_MOVING: &str =
            "its own stamp names this reference; it was imported under a tag that moves";
        const OTHER_NAME: &str =
            "its own stamp names this reference; the imported tag is another name of it";
        if self.same_tag(wanted, pulled) {
            let source = match wanted == pulled {
                true => "it was imported under this reference",
                false => "it was imported under another name of the same image",
            };
            let (code, moves) = if self.moves(wanted) || self.moves(pulled) {
                let moves = "; the tag moves: it may name another image today";
                ("moving-tag", moves)
            } else {
                ("reference", "")
            };
            let message = because(&format!("{source}{moves}"), digests);
            return Answer::holds(Level::Reference, code, message).actual(imported);
        }
        let moving = |message: &str| Answer::undecidable("moving-tag", message).actual(imported);
        if self.moves(pulled) {
            return match self.by_stamp(wanted) {
                Some(true) => by_stamp(UNDER_MOVING, digests),
                Some(false) => self.differs(imported),
                None => moving(
                    "it was imported under a tag that moves, and nothing in it says which image that was",
                ),
            };
        }
        if self.moves(wanted) {
            moving("the expected tag moves: sqsh-prov cannot know offline which image it names")
        } else if self.document.origin.official == Some(true) && self.by_stamp(wanted) == Some(true)
        {
            // The image is official, so the imported tag is another name of the stamp's.
            by_stamp(OTHER_NAME, digests)
        } else {
            self.differs(imported)
        }
    }

    /// Answers for an import from the same repository, by digest alone.
    fn without_tag(&self, wanted: &str, imported: &Reference, digests: Option<&str>) -> Answer {
        const BY_DIGEST: &str =
            "its own stamp names this reference; it was imported by digest, without a tag";
        const NO_TAG: &str =
            "it was imported from this repository by digest, and its tag is not recorded";
        match self.by_stamp(wanted) {
            Some(true) => by_stamp(BY_DIGEST, digests),
            Some(false) => self.differs(imported),
            None => {
                let code = if self.expected.digest.is_some() {
                    "digest-not-comparable"
                } else {
                    "tag-not-recorded"
                };
                let message = because(NO_TAG, digests);
                Answer::undecidable(code, message).actual(imported)
            }
        }
    }

    /// Answers for an import from another repository, which may be a mirror.
    fn other_repository(&self, imported: &Reference) -> Answer {
        let expected = &self.expected;
        let mirror = imported.may_mirror(expected) || expected.may_mirror(imported);
        let wanted = expected.tag.as_deref();
        let by_stamp = wanted.and_then(|wanted| self.by_stamp(wanted));
        let tags = wanted.zip(imported.tag.as_deref());
        let contradicts =
            tags.is_some_and(|(a, b)| !self.same_tag(a, b) && !self.moves(a) && !self.moves(b));
        let answer = if !mirror || by_stamp == Some(false) || contradicts {
            let message = "it was imported from another repository";
            Answer::mismatch("repository-differs", message)
        } else {
            // Whoever copies an image copies its stamp, so a stamp does not show that a host is a mirror.
            let stamp = match by_stamp {
                Some(_) => "its own stamp names this reference, but ",
                None => "",
            };
            let message = format!(
                "{stamp}it was imported from {}, which is not known as a mirror; --mirror FROM=TO says which registry it mirrors",
                imported.registry
            );
            Answer::undecidable("unmapped-mirror", message)
        };
        answer.actual(imported)
    }

    /// Answers by the stamp alone, if there is no reliable record of the import. A changed image keeps its stamp, so a
    /// stamp can contradict, but not prove.
    pub(super) fn without_import(&self) -> Answer {
        let origin = &self.document.origin;
        let (how, daemon) = match &origin.imported {
            Some(import) if import.via == Via::Daemon => {
                ("it was imported from a local daemon", daemon_name(import))
            }
            Some(_) => (
                "only an attribute of the file, or a line that may not be the importer's, says where it was pulled from",
                None,
            ),
            None => ("where it was pulled from is not recorded", None),
        };
        let Some(stamp) = &self.stamp else {
            let named = daemon.is_some_and(|name| name.same_repository(&self.expected));
            if origin.kind == Kind::Local && !named {
                return Answer::mismatch("hand-built", "it was built by hand, and not published");
            }
            let message = format!("{how}, and it has no stamp that names a public reference");
            return Answer::undecidable("no-import-record", message);
        };
        let answer = if !stamp.same_repository(&self.expected) {
            let message = format!("its own stamp names another repository; {how}");
            Answer::mismatch("repository-differs", message)
        } else if let Some(wanted) = self.expected.tag.as_deref() {
            match self.by_stamp(wanted) {
                Some(true) => {
                    let message =
                        format!("its own stamp names this reference, and nothing else does; {how}");
                    Answer::undecidable("stamp-alone", message)
                }
                Some(false) => self.differs(stamp),
                None => {
                    let message = format!("its own stamp cannot decide this; {how}");
                    Answer::undecidable("moving-tag", message)
                }
            }
        } else {
            let message =
                format!("its own stamp names this repository; {how}, and no digest is recorded");
            Answer::undecidable(NO_DIGEST, message)
        };
        answer.actual(stamp)
    }

    fn differs(&self, actual: &Reference) -> Answer {
        let message = "it is another tag of this repository";
        Answer::mismatch("tag-differs", message).actual(actual)
    }

    /// Returns true if an untouched stamp of the repository names the tag, false if it names another, and
    /// `None` if that is not known.
    fn by_stamp(&self, wanted: &str) -> Option<bool> {
        let stamp = self.stamp.as_ref()?;
        let mut conflicts = self.document.conflicts.iter();
        let is_touched = conflicts.any(|it| STAMP_CONFLICTS.contains(&it.code.as_str()));
        if !stamp.same_repository(&self.expected) || is_touched {
            return None;
        }
        let tag = stamp.tag.as_deref()?;
        if self.same_tag(wanted, tag) {
            return Some(true);
        }
        (!self.moves(wanted) && !self.moves(tag)).then_some(false)
    }

    fn same_tag(&self, a: &str, b: &str) -> bool {
        match self.contract {
            Some(contract) => same_image(contract, a, b),
            None => a == b,
        }
    }

    fn moves(&self, tag: &str) -> bool {
        let none = Registries::default();
        let mut contracts = self.rules.contracts.all().iter();
        let registries = contracts.find_map(|contract| contract.registries.as_ref());
        let registries = registries.unwrap_or(&none);
        let rule = self
            .contract
            .and_then(|contract| contract.tag_rule(&self.expected.name(), tag));
        is_moving(rule, registries, tag)
    }
}

fn daemon_name(import: &Imported) -> Option<Reference> {
    match ImportUri::parse(&import.uri) {
        Ok(ImportUri::Daemon { name, .. }) => name,
        _ => None,
    }
}
