//! What an image declares itself to be: the first row of the table that holds.

use crate::carriers::python;
use crate::contracts::{Field, any_glob};
use crate::provenance::{Kind, Via};
use crate::reference::Reference;

use super::family::{Family, installed};
use super::import::{Import, RepositoryClass, classify};
use super::pipeline::{is_uuid, pull_request_page};
use super::reading::Reading;
use super::recipe::recipe;
use super::signals::{is_ci_stage, stamp_reference};
use super::tags::is_published;
use super::values::{is_bare_commit, is_semver, public_version, version_of_tag};
use super::{Case, Whose, builds};

/// A kind, and the codes that say why.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict {
    pub kind: Kind,
    pub reasons: Vec<String>,
    /// The stamp names a staging reference though the image was published.
    pub leaked_staging: bool,
    /// A stamp claims a published kind that nothing proves.
    pub unproven: bool,
}

impl Verdict {
    fn new(kind: Kind, reason: &str) -> Self {
        Self {
            kind,
            reasons: vec![reason.to_owned()],
            ..Self::default()
        }
    }
}

/// Evaluates the table, top to bottom.
pub(super) fn kind(case: &Case, whose: &Whose) -> Verdict {
    if whose.derived {
        return Verdict::new(Kind::Derived, "built-on-another-image");
    }
    if whose.disowned {
        return Verdict::new(Kind::Unknown, "contents-do-not-fit-import");
    }
    let family = whose.family;
    if let Some(kind) = channel(case, family) {
        return Verdict::new(kind, "channel-key");
    }
    if family
        .or(whose.fork_of)
        .is_some_and(|family| placeholders_only(case, family))
    {
        return Verdict::new(Kind::Local, "placeholder-stamp");
    }
    if whose.commit.as_ref().is_some_and(|commit| commit.dirty) || is_dirty(case, whose) {
        return Verdict::new(Kind::Local, "dirty-tree");
    }
    if let Some(reason) = pull_request(case, family, whose) {
        return Verdict::new(Kind::Pr, reason);
    }
    if let Some(reason) = ci(case, family) {
        return Verdict::new(Kind::Ci, reason);
    }
    match family {
        Some(family) => published(case, family).unwrap_or_else(|| otherwise(case, Some(family))),
        None => generic_version(case, whose).unwrap_or_else(|| otherwise(case, None)),
    }
}

fn channel(case: &Case, family: Option<&Family>) -> Option<Kind> {
    let Some(family) = family else {
        return case.generic.channel;
    };
    let value = family.value(Field::Channel)?;
    let kind = family.contract.channels.get(value.trim()).copied()?;
    let request = case.generic.reading(Field::PullRequest).is_some();
    Some(if kind == Kind::Ci && value.trim() == "dev" && request {
        Kind::Pr
    } else {
        kind
    })
}

/// The tag is `local/…`, the pipeline `local`, or the commit unknown and no build page there.
fn placeholders_only(case: &Case, family: &Family) -> bool {
    if !family.stamped {
        return false;
    }
    let says_local = |field: Field, prefix: &str| {
        family
            .of(field)
            .any(|r| r.placeholder && r.value.trim().starts_with(prefix))
    };
    // A contract that stamps neither a page nor a channel may leave the commit out of a release.
    let by_ci = |field| matches!(field, Field::Url | Field::Channel);
    let has_url_key = family
        .contract
        .stamps
        .iter()
        .any(|stamp| by_ci(stamp.field));
    let no_commit =
        family.of(Field::Commit).next().is_some() && family.value(Field::Commit).is_none();
    let in_daemon = case
        .import
        .is_some_and(|import| import.document.via == Via::Daemon);
    says_local(Field::Reference, "local/")
        || says_local(Field::Pipeline, "local")
        || ((has_url_key || in_daemon) && no_commit && family.value(Field::Url).is_none())
}

/// The image's own package was built from a tree with changes.
fn is_dirty(case: &Case, whose: &Whose) -> bool {
    whose.family.is_some_and(|family| {
        installed(&family.contract, case.facts)
            .iter()
            .any(|package| python::is_dirty(&package.version))
    })
}

fn pull_request(case: &Case, family: Option<&Family>, whose: &Whose) -> Option<&'static str> {
    if family.is_some_and(|family| family.class == Some(RepositoryClass::PullRequest)) {
        return Some("pull-request-repository");
    }
    let is_request_tag = |tag: &str| {
        case.registries
            .pull_request
            .iter()
            .any(|pattern| pattern.is_match(tag))
    };
    if case
        .import
        .and_then(Import::tag)
        .is_some_and(is_request_tag)
    {
        return Some("pull-request-tag");
    }
    // What an inner contract says too was inherited with it.
    let inherited = |reading: &&Reading| {
        family.is_some() && case.belongs_to_inner(reading.field, &reading.value)
    };
    let mut references: Vec<&Reading> = case
        .generic
        .readings
        .iter()
        .filter(|reading| !inherited(reading))
        .collect();
    if let Some(family) = family {
        references.extend(&family.readings);
    }
    for reading in references
        .into_iter()
        .filter(|reading| !reading.placeholder)
    {
        let value = reading.value.trim();
        match reading.field {
            Field::PullRequest => return Some("pull-request-key"),
            Field::Version if is_request_tag(value) => return Some("pull-request-tag"),
            Field::Ref if is_request_ref(value) => return Some("pull-request-ref"),
            Field::Url if pull_request_page(value).is_some() => return Some("pull-request-page"),
            _ => {}
        }
    }
    let built = builds::reference(case).map(|pair| pair.value.as_str());
    let asked = whose.requested_revision.as_deref();
    [built, asked]
        .into_iter()
        .flatten()
        .any(is_request_ref)
        .then_some("pull-request-ref")
}

fn is_request_ref(reference: &str) -> bool {
    ["refs/pull/", "refs/merge-requests/", "pull/"]
        .iter()
        .any(|prefix| reference.starts_with(prefix))
}

fn ci(case: &Case, family: Option<&Family>) -> Option<&'static str> {
    let tag = case
        .import
        .filter(|import| import.is_registry())
        .and_then(Import::tag);
    if let Some(family) = family {
        match family.class {
            Some(RepositoryClass::Ci) => return Some("ci-repository"),
            Some(RepositoryClass::Staging) => return None,
            _ => {}
        }
        let page = family
            .contract
            .build
            .as_ref()
            .and_then(|build| build.ci_url.as_ref());
        if family
            .value(Field::Url)
            .zip(page)
            .is_some_and(|(url, page)| page.is_match(url))
        {
            return Some("ci-build-page");
        }
        if is_ci_stage(case, family) {
            return Some("ci-stage");
        }
        let rule = case.imported_rule(family);
        if rule.is_some_and(|rule| rule.kind == Kind::Ci) {
            return Some("ci-tag");
        }
        if is_published(rule) {
            return None;
        }
    }
    let repository = case.import.and_then(|import| import.effective.as_ref())?;
    let name = repository.repository.rsplit('/').next().unwrap_or_default();
    if any_glob(&case.registries.ci, name) {
        return Some("ci-repository");
    }
    tag.is_some_and(is_bare_commit).then_some("commit-as-tag")
}

/// Staging, nightly or release, by the publisher's own repositories, tags and build pages.
fn published(case: &Case, family: &Family) -> Option<Verdict> {
    if family.class == Some(RepositoryClass::Staging) {
        return Some(Verdict::new(Kind::Staging, "staging-repository"));
    }
    let contract = &family.contract;
    let stamped = stamp_reference(family);
    let imported = case
        .imported_rule(family)
        .filter(|rule| is_published(Some(*rule)));
    let official = family.class == Some(RepositoryClass::Official);
    if let Some((_, reference)) = &stamped {
        let tag = reference.tag.as_deref().unwrap_or_default();
        let class = classify(contract, &reference.name());
        let rule = contract.tags.iter().find(|rule| rule.pattern.is_match(tag));
        let staging = matches!(class, Some(RepositoryClass::Staging))
            || rule.is_some_and(|rule| rule.kind == Kind::Staging)
            || tag.ends_with("-staging");
        if staging {
            return Some(match imported.filter(|_| official) {
                Some(rule) => Verdict {
                    leaked_staging: true,
                    ..Verdict::new(rule.kind, "published-under-imported-tag")
                },
                None => Verdict::new(Kind::Staging, "staging-reference"),
            });
        }
        if matches!(
            class,
            Some(RepositoryClass::Ci | RepositoryClass::PullRequest)
        ) {
            return Some(Verdict::new(Kind::Ci, "ci-reference"));
        }
        if class == Some(RepositoryClass::Official) {
            let rule = contract.tag_rule(&reference.name(), tag)?;
            return Some(proven(family, rule.kind));
        }
        return None;
    }
    if family.stamped {
        if let Some(rule) = imported.filter(|_| official) {
            return Some(proven(family, rule.kind));
        }
        if (family.class.is_none() || case.import.is_some_and(|import| import.tag().is_none()))
            && let Some(kind) = by_recipe(case, family)
        {
            return Some(kind);
        }
        return contract
            .default_kind
            .map(|kind| Verdict::new(kind, "contract-default"));
    }
    let rule = imported.filter(|_| {
        matches!(
            family.class,
            Some(RepositoryClass::Official | RepositoryClass::Elsewhere)
        )
    });
    if let Some(rule) = rule.filter(|_| case.import.is_some_and(Import::is_registry)) {
        return Some(Verdict::new(rule.kind, "by-reference-only"));
    }
    by_recipe(case, family).filter(|_| official).or_else(|| {
        contract
            .default_kind
            .map(|kind| Verdict::new(kind, "contract-default"))
    })
}

/// A recipe's tag, or the package's version where releases are tagged with it.
fn by_recipe(case: &Case, family: &Family) -> Option<Verdict> {
    let contract = &family.contract;
    if let Some(cooked) = recipe(case.facts, contract) {
        let tag = cooked.reference.tag.as_deref()?;
        let rule = contract.tag_rule(&cooked.reference.name(), tag)?;
        return Some(Verdict::new(rule.kind, "by-recipe"));
    }
    // A digest import has no tag, but the package still says which version it is.
    let import = case.import?;
    let by_digest =
        import.document.digest.is_some() && family.class == Some(RepositoryClass::Official);
    if !by_digest || contract.build.is_some() {
        return None;
    }
    let packages = installed(contract, case.facts);
    let version = public_version(&packages.first()?.version);
    let rule = contract.tag_rule(&import.repository()?, version)?;
    Some(Verdict::new(rule.kind, "by-package-version"))
}

/// The grammar's kind where the build is the publisher's; else a claim.
fn proven(family: &Family, kind: Kind) -> Verdict {
    let Some(build) = &family.contract.build else {
        return Verdict::new(kind, "tag-grammar");
    };
    let url = family
        .value(Field::Url)
        .is_some_and(|url| build.official_url.is_match(url));
    let pipeline = match family.value(Field::Pipeline) {
        Some(id) => {
            build.pipelines.iter().any(|known| known == id)
                || build
                    .official_pipeline
                    .as_ref()
                    .is_some_and(|p| p.is_match(id))
                || is_uuid(id)
        }
        None => !family
            .contract
            .stamps
            .iter()
            .any(|stamp| stamp.field == Field::Pipeline),
    };
    if url && pipeline {
        let mut verdict = Verdict::new(kind, "publisher-build-page");
        let id = family.value(Field::Pipeline);
        if id.is_some_and(|id| is_uuid(id) && !build.pipelines.iter().any(|known| known == id)) {
            verdict.reasons.push("unlisted-pipeline".to_owned());
        }
        return verdict;
    }
    let claim = if kind == Kind::Nightly {
        "claims-nightly-unproven"
    } else {
        "claims-release-unproven"
    };
    Verdict {
        unproven: true,
        ..Verdict::new(Kind::Unknown, claim)
    }
}

/// The version label of an image with a source repository of its own.
fn generic_version(case: &Case, whose: &Whose) -> Option<Verdict> {
    let owned = whose.publisher.is_some() && case.generic.is_own();
    let version = case.generic.reading(Field::Version).filter(|_| owned);
    if let Some(reading) = version {
        let text = reading.value.trim();
        let tag = Reference::parse(text)
            .ok()
            .filter(|_| text.contains('/'))
            .and_then(|r| r.tag);
        let version = tag.as_deref().unwrap_or(text);
        if version == "nightly" {
            return Some(Verdict::new(Kind::Nightly, "version-label"));
        }
        if is_semver(version) {
            return Some(Verdict::new(Kind::Release, "version-label"));
        }
    }
    if whose.publisher.is_some() && builds::tagged_version(case).is_some() {
        return Some(Verdict::new(Kind::Release, "git-tag-built"));
    }
    // A build from a Git context: the tag that was asked for is the package's version.
    let revision = whose.requested_revision.as_deref()?;
    let tag = revision.strip_prefix("refs/tags/").unwrap_or(revision);
    let version = version_of_tag(tag)?;
    let (package, _) = whose.package.as_ref()?;
    (public_version(&package.version) == version)
        .then(|| Verdict::new(Kind::Release, "git-tag-requested"))
}

fn otherwise(case: &Case, family: Option<&Family>) -> Verdict {
    let daemon = case
        .import
        .is_some_and(|import| import.document.via == Via::Daemon);
    if daemon && family.is_none() {
        return Verdict::new(Kind::Local, "imported-from-daemon");
    }
    Verdict::new(Kind::Unknown, "nothing-says")
}
