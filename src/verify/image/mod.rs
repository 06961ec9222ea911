//! Checks whether the image is the one that a reference names.
//!
//! Two sources name the image: the importer's own line, and the image's own stamp. The importer's line
//! names what was pulled. An image that is built on another inherits its stamp, so a stamp counts only
//! if there is nothing else.

mod compare;

use crate::contracts::Contract;
use crate::provenance::{Kind, Provenance, Via};
use crate::reference::Reference;

use super::expectations::ExpectedImage;
use super::importer::{UNREADABLE, is_unreadable};
use super::outcome::{Check, Level, Rules, Status};

/// The result of one comparison.
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

    fn undecidable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Status::Undecidable, code, message)
    }

    fn mismatch(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Status::Mismatch, code, message)
    }

    fn actual(mut self, reference: &Reference) -> Self {
        self.actual = Some(reference.pinned());
        self
    }
}

/// The input of one comparison.
struct Case<'a> {
    document: &'a Provenance,
    rules: Rules<'a>,
    /// The expected reference, with a mirror replaced by the registry that it mirrors.
    expected: Reference,
    /// The reference of the importer's own line, likewise. An attribute of the file does not count,
    /// since the file's owner can write it.
    imported: Option<Reference>,
    /// The reference in the image's own stamp.
    stamp: Option<Reference>,
    contract: Option<&'a Contract>,
}

/// Codes of `origin.reasons` with which the image may not be what its name says.
const DOUBTS: [&str; 5] = [
    "import-line-may-be-a-label",
    "publisher-changed-its-build",
    "repacked",
    "tag-is-another-version",
    "versions-differ",
];

/// The code for an expected digest where the image has none to compare it with.
pub(crate) const NO_DIGEST: &str = "digest-not-recorded";

/// Checks that the image is the one that the reference names.
pub(super) fn check(
    document: &Provenance,
    expected: &ExpectedImage,
    rules: Rules<'_>,
    strict: bool,
) -> Check {
    let case = Case::new(document, &expected.reference, rules);
    let mut answer = case.answer();
    if strict && answer.code == NO_DIGEST && answer.status == Status::Ok {
        answer.status = Status::Undecidable;
        answer.level = None;
    }
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

/// Returns the full form of a reference that was written without its tag `latest`, or without Docker Hub's
/// `library/`.
fn meant(expected: &ExpectedImage) -> Option<String> {
    let (text, whole) = (&expected.text, &expected.reference);
    let has_added = |part: &str| !text.contains(part);
    let tag = whole.tag.as_deref() == Some("latest") && has_added("latest");
    let library = whole.repository.starts_with("library/") && has_added("library/");
    (tag || library).then(|| whole.to_string())
}

impl<'a> Case<'a> {
    fn new(document: &'a Provenance, expected: &Reference, rules: Rules<'a>) -> Self {
        let origin = &document.origin;
        let parsed = |text: Option<&str>| Reference::parse(text?).ok();
        let mapped =
            |reference: Reference| reference.unmirrored(rules.mirrors).unwrap_or(reference);
        let import = origin.imported.as_ref();
        let line = import.filter(|import| import.via == Via::Registry);
        let imported = line.and_then(|import| parsed(import.reference.as_deref()));
        let imported = imported.map(mapped);
        let stamp = parsed(origin.public_reference.as_deref());
        let expected = mapped(expected.clone());
        let publisher = origin.publisher.as_deref();
        let contract = publisher.and_then(|id| rules.contracts.get(id));
        let contract = contract.or_else(|| {
            let name = expected.name();
            let mut all = rules.contracts.all().iter();
            all.find(|contract| contract.line_of(&name).is_some())
        });
        let contract = contract.map(AsRef::as_ref);
        Self {
            document,
            rules,
            expected,
            imported,
            stamp,
            contract,
        }
    }

    /// Returns the reference of the import, else that of the stamp.
    fn known(&self) -> Option<&Reference> {
        self.imported.as_ref().or(self.stamp.as_ref())
    }

    /// Returns the URI of the import, as the importer wrote it.
    fn uri(&self) -> Option<String> {
        let import = self.document.origin.imported.as_ref();
        import.map(|import| import.uri.clone())
    }

    /// Returns what the image is, for the report.
    fn shown(&self) -> Option<String> {
        self.known().map(Reference::pinned).or_else(|| self.uri())
    }

    fn answer(&self) -> Answer {
        if let Some(answer) = self.changed() {
            return answer;
        }
        if is_unreadable(self.document) {
            let mut answer = Answer::mismatch("import-unreadable", UNREADABLE);
            answer.actual = self.uri();
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

    /// Returns the answer if the name is the expected one, but the content may not be what was published
    /// under it.
    fn doubt(&self) -> Option<Answer> {
        let reasons = self.document.origin.reasons.iter();
        let mut codes = reasons.filter_map(|reason| DOUBTS.into_iter().find(|code| code == reason));
        let code = codes.next()?;
        Some(Answer::undecidable(code, crate::words::code(code)))
    }

    /// Returns the answer about a derived or modified image, which is not the one whose tag it inherited.
    fn changed(&self) -> Option<Answer> {
        let origin = &self.document.origin;
        if origin.modified_after_import {
            let message = "the content was changed after the import: no reference names it";
            let mut answer = Answer::mismatch("modified-after-import", message);
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
        let Some(base) = base else {
            let message =
                "it was built on another image, and was not imported from this repository";
            return (!of_its_own).then(|| Answer::mismatch("derived", message));
        };
        let message = match base.tag.is_none() || base.tag == self.expected.tag {
            true => "it was built on this image, or changed, and only inherited its tag",
            false => "it was built on another image of this repository",
        };
        let mut answer = Answer::mismatch("derived", message);
        let imported = self.imported.as_ref();
        // What was imported, unless that has the name of its base.
        let own = imported.filter(|imported| !imported.same_repository(&base));
        answer.actual = Some(match own {
            Some(own) => own.pinned(),
            None => format!("an image on top of {}", base.pinned()),
        });
        Some(answer)
    }

    /// Returns the answer if the expected tag names another architecture than the image's programs have.
    fn architecture(&self) -> Option<Answer> {
        let known = self.known()?;
        if !known.same_repository(&self.expected) {
            return None;
        }
        let wanted = self.expected.tag.as_deref().and_then(architecture_of)?;
        let actual = self.document.os.architecture.as_deref();
        let actual = actual.and_then(canonical_architecture)?;
        let message =
            format!("the tag is for {wanted}, and the programs in the image are for {actual}");
        (wanted != actual).then(|| Answer::mismatch("architecture-differs", message))
    }
}

/// Returns the architecture that a part of the tag names.
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
