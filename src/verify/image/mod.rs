//! Whether the image is the one that a reference names.
//!
//! Two sources can say so: the importer's own line, and the image's own stamp. The importer's line
//! names what was pulled. Images that are built on this one inherit its stamp, so a stamp counts only
//! if there is nothing else.

mod compare;

use crate::contracts::Contract;
use crate::provenance::{Kind, Provenance, Via};
use crate::reference::Reference;

use super::expectations::ExpectedImage;
use super::importer::{UNREADABLE, is_unreadable};
use super::outcome::{Check, Level, Rules, Status};

/// What one comparison says.
struct Answer {
    status: Status,
    code: &'static str,
    message: String,
    actual: Option<String>,
    level: Option<Level>,
}

impl Answer {
    fn new(status: Status, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            actual: None,
            level: None,
        }
    }

    fn holds(level: Level, code: &'static str, message: impl Into<String>) -> Self {
        let mut answer = Self::new(Status::Ok, code, message);
        answer.level = Some(level);
        answer
    }

    fn actual(mut self, reference: &Reference) -> Self {
        self.actual = Some(written(reference));
        self
    }
}

/// Everything that one comparison looks at.
struct Case<'a> {
    document: &'a Provenance,
    rules: Rules<'a>,
    /// After the mirror map.
    expected: Reference,
    /// The reference of the importer's own line, after the mirror map. An attribute of the file does
    /// not count, since the file's owner can write it.
    imported: Option<Reference>,
    /// The image's own.
    stamp: Option<Reference>,
    contract: Option<&'a Contract>,
}

/// Reasons of `origin.reasons` for which an image is perhaps not what its name says.
const DOUBTS: [&str; 5] = [
    "import-line-may-be-a-label",
    "publisher-changed-its-build",
    "repacked",
    "tag-is-another-version",
    "versions-differ",
];

/// The image is the one that the reference names.
pub(super) fn check(document: &Provenance, expected: &ExpectedImage, rules: Rules<'_>) -> Check {
    let case = Case::new(document, &expected.reference, rules);
    let mut answer = case.answer();
    if let Some(meant) = meant(expected).filter(|_| answer.status != Status::Ok) {
        answer.message.push_str(&format!("; expected is {meant}"));
    }
    let actual = answer.actual.or_else(|| case.shown());
    let mut check = Check::new(&expected.field, answer.status, answer.code, answer.message)
        .expected(&expected.text)
        .actual(actual);
    check.level = answer.level;
    check
}

/// Returns the whole of a reference that was written in short: without a tag, or a name of Docker Hub's library.
fn meant(expected: &ExpectedImage) -> Option<String> {
    let (text, whole) = (&expected.text, &expected.reference);
    let has_added = |part: &str| !text.contains(part);
    let tag = whole.tag.as_deref() == Some("latest") && has_added("latest");
    let library = whole.repository.starts_with("library/") && has_added("library/");
    (tag || library).then(|| whole.to_string())
}

impl<'a> Case<'a> {
    fn new(document: &'a Provenance, expected: &Reference, rules: Rules<'a>) -> Self {
        let mapped =
            |reference: Reference| reference.unmirrored(rules.mirrors).unwrap_or(reference);
        let import = document.origin.imported.as_ref();
        let line = import.filter(|import| import.via == Via::Registry);
        let imported = line.and_then(|import| {
            Reference::parse(import.reference.as_deref()?)
                .ok()
                .map(mapped)
        });
        let stamp = document
            .origin
            .public_reference
            .as_deref()
            .and_then(|text| Reference::parse(text).ok());
        let expected = mapped(expected.clone());
        let publisher = document.origin.publisher.as_deref();
        let contract = publisher
            .and_then(|id| rules.contracts.get(id))
            .map(AsRef::as_ref)
            .or_else(|| {
                let name = expected.name();
                let all = rules.contracts.all().iter();
                all.map(AsRef::as_ref)
                    .find(|contract: &&Contract| contract.line_of(&name).is_some())
            });
        Self {
            document,
            rules,
            expected,
            imported,
            stamp,
            contract,
        }
    }

    /// What the image is, for the report.
    fn shown(&self) -> Option<String> {
        let import = self.document.origin.imported.as_ref();
        self.imported
            .as_ref()
            .or(self.stamp.as_ref())
            .map(written)
            .or_else(|| import.map(|import| import.uri.clone()))
    }

    fn answer(&self) -> Answer {
        if let Some(answer) = self.changed() {
            return answer;
        }
        if is_unreadable(self.document) {
            let mut answer = Answer::new(Status::Mismatch, "import-unreadable", UNREADABLE);
            let import = self.document.origin.imported.as_ref();
            answer.actual = import.map(|import| import.uri.clone());
            return answer;
        }
        if let Some(answer) = self.architecture() {
            return answer;
        }
        let answer = match &self.imported {
            Some(imported) => self.against_import(imported),
            None => self.without_import(),
        };
        match self.doubt() {
            Some(doubt) if answer.status == Status::Ok => doubt,
            _ => answer,
        }
    }

    /// The name is the expected one, and the content is perhaps not what was published under it.
    fn doubt(&self) -> Option<Answer> {
        let reasons = self.document.origin.reasons.iter();
        let mut codes = reasons.filter_map(|reason| DOUBTS.into_iter().find(|code| code == reason));
        let code = codes.next()?;
        Some(Answer::new(
            Status::Undecidable,
            code,
            crate::words::code(code),
        ))
    }

    /// A derived or modified image is not the one whose tag it inherited.
    fn changed(&self) -> Option<Answer> {
        let origin = &self.document.origin;
        if origin.modified_after_import {
            let mut answer = Answer::new(
                Status::Mismatch,
                "modified-after-import",
                "the content was changed after the import: no reference names it",
            );
            answer.actual = Some(match self.shown() {
                Some(shown) => format!("{shown}, changed"),
                None => "a changed image".to_owned(),
            });
            return Some(answer);
        }
        if origin.kind != Kind::Derived {
            return None;
        }
        let bases = origin.derived_from.iter().chain(&self.document.lineage);
        let mut bases = bases
            .filter_map(|base| base.reference.as_deref())
            .filter_map(|text| Reference::parse(text).ok());
        let base = bases.find(|base| {
            base.same_repository(&self.expected)
                || base.may_mirror(&self.expected)
                || self.expected.may_mirror(base)
        });
        let of_its_own = self
            .imported
            .as_ref()
            .is_some_and(|imported| imported.same_repository(&self.expected));
        match base {
            Some(base) => Some(
                Answer::new(
                    Status::Mismatch,
                    "derived",
                    match base.tag.is_none() || base.tag == self.expected.tag {
                        true => {
                            "it was built on this image, or changed, and only inherited its tag"
                        }
                        false => "it was built on another image of this repository",
                    },
                )
                .on_top_of(self.imported.as_ref(), &base),
            ),
            None if of_its_own => None,
            None => Some(Answer::new(
                Status::Mismatch,
                "derived",
                "it was built on another image, and was not imported from this repository",
            )),
        }
    }

    /// A tag that names an architecture is not met by an image of another one.
    fn architecture(&self) -> Option<Answer> {
        let known = self.imported.as_ref().or(self.stamp.as_ref())?;
        if !known.same_repository(&self.expected) {
            return None;
        }
        let wanted = self.expected.tag.as_deref().and_then(architecture_of)?;
        let actual = self.document.os.architecture.as_deref();
        let actual = actual.and_then(canonical_architecture)?;
        (wanted != actual).then(|| {
            Answer::new(
                Status::Mismatch,
                "architecture-differs",
                format!("the tag is for {wanted}, and the programs in the image are for {actual}"),
            )
        })
    }
}

impl Answer {
    /// What was imported, unless that has the very name of its base.
    fn on_top_of(mut self, imported: Option<&Reference>, base: &Reference) -> Self {
        let own = imported.filter(|imported| !imported.same_repository(base));
        self.actual = Some(match own {
            Some(own) => written(own),
            None => format!("an image on top of {}", written(base)),
        });
        self
    }
}

/// With the tag and the digest, where both are known.
fn written(reference: &Reference) -> String {
    let mut text = reference.name();
    if let Some(tag) = &reference.tag {
        text.push(':');
        text.push_str(tag);
    }
    if let Some(digest) = &reference.digest {
        text.push('@');
        text.push_str(digest);
    }
    text
}

/// The architecture that a part of the tag names.
fn architecture_of(tag: &str) -> Option<&'static str> {
    tag.split('-').find_map(canonical_architecture)
}

fn canonical_architecture(text: &str) -> Option<&'static str> {
    match text {
        "x86_64" | "amd64" => Some("x86_64"),
        "aarch64" | "arm64" => Some("aarch64"),
        _ => None,
    }
}
