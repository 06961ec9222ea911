//! The rows of the answer: what to pull, the commit, the pipeline, the base images and so on.

use std::collections::BTreeSet;

use super::page::{Item, Row};
use super::{recognised, runs};
use crate::provenance::{Ancestor, Commit, Kind, Package, Pipeline, Provenance, Via};
use crate::report::escape::shell_quote;
use crate::report::words;

/// A longer value is cut in a row; `--env`, `--labels`, `--evidence` and JSON have all of it.
const MAX_VALUE: usize = 400;

/// The most sources of the build that are named.
const MAX_SOURCES: usize = 8;

/// The most packages that are named without --packages.
const MAX_PACKAGES: usize = 4;

/// Packages that say what an inference image can do, after the product's own.
const NOTABLE: [&str; 12] = [
    "vllm",
    "sglang",
    "tensorrt-llm",
    "ai-dynamo",
    "nemo-rl",
    "torch",
    "flashinfer-python",
    "transformers",
    "lmcache",
    "nixl",
    "jax",
    "tensorflow",
];

/// All rows that the document has something for.
pub(super) fn all(document: &Provenance) -> Vec<Row> {
    let origin = &document.origin;
    let mut rows = Vec::new();
    let mut add = |label: &'static str, items: Vec<Item>| {
        if !items.is_empty() {
            let items = items.into_iter().map(clipped).collect();
            rows.push(Row { label, items });
        }
    };
    add("pull", pull(document));
    if origin.kind == Kind::Derived && !(origin.pull.ok && origin.pull.reference.is_some()) {
        add("pull base", base_pull(document));
    }
    let commits = origin.commit.iter().map(|it| commit(it, &origin.reasons));
    add("commit", commits.collect());
    let pipelines = origin.pipeline.iter().filter_map(pipeline);
    add("pipeline", pipelines.collect());
    add("imported", imported(document));
    let created = origin.created.iter().map(|time| Item::new(moment(time)));
    add("created", created.collect());
    add("built on", built_on(document));
    add("inside", inside(document));
    add("built from", built_from(document));
    add("recognised", recognised::items(document));
    add("flags", flags(document));
    add("packages", packages(document));
    add("runs", runs::items(&document.runtime));
    rows
}

/// Returns the name and version of a base, and its reference.
pub(super) fn ancestor_words(ancestor: &Ancestor) -> String {
    let name = ancestor.product.as_ref().or(ancestor.publisher.as_ref());
    let reference = ancestor.reference.as_deref().map(words::short_reference);
    let mut text = match (name, &ancestor.version) {
        (Some(name), Some(version)) => format!("{name} {version}"),
        (Some(name), None) => name.clone(),
        (None, _) => return reference.unwrap_or("an image that is not known").to_owned(),
    };
    if let Some(reference) = reference {
        text.push_str(&format!(" ({reference})"));
    }
    text
}

fn pull(document: &Provenance) -> Vec<Item> {
    let origin = &document.origin;
    let reference = origin.pull.reference.as_ref();
    let why = match (reference.or(origin.public_reference.as_ref()), origin.kind) {
        (Some(reference), _) if origin.pull.ok => return commands(reference),
        _ if origin.modified_after_import => "it was changed after import",
        (_, Kind::Staging | Kind::Ci) => "such builds are not published",
        (_, Kind::Pr) => "pull request builds are not published",
        (_, Kind::Local) => "built by hand, not published",
        _ => return Vec::new(),
    };
    vec![Item::new(format!("not possible: {why}"))]
}

fn base_pull(document: &Provenance) -> Vec<Item> {
    let base = words::base(document);
    let reference = base.and_then(|base| base.reference.as_deref());
    reference.map(commands).unwrap_or_default()
}

/// A reference, and the command that imports it. A text with other characters than a reference has gets no
/// command.
fn commands(reference: &str) -> Vec<Item> {
    let mut items = vec![Item::new(words::short_reference(reference))];
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._/:@-".contains(&b);
    if reference.bytes().all(plain) && reference.len() <= MAX_VALUE {
        let uri = words::enroot_uri(reference);
        let command = format!("enroot import {}", shell_quote(&uri));
        items.push(Item::command(command));
    }
    items
}

fn commit(commit: &Commit, reasons: &[String]) -> Item {
    let mut marks = Vec::new();
    if !commit.full {
        marks.push("abbreviated");
    }
    if commit.dirty {
        marks.push("with uncommitted changes");
    }
    if reasons.iter().any(|code| code == "commit-internal") {
        marks.push("internal");
    }
    let mut main = commit.id.clone();
    if !marks.is_empty() {
        main.push_str(&format!(" ({})", marks.join(", ")));
    }
    let repository = commit.repository.as_deref();
    let repository = repository.map(|url| url.strip_prefix("https://").unwrap_or(url).to_owned());
    Item::beside(main, repository)
}

fn pipeline(pipeline: &Pipeline) -> Option<Item> {
    let mut parts = Vec::new();
    parts.extend(pipeline.system.clone());
    match (&pipeline.organization, &pipeline.slug) {
        (Some(organization), Some(slug)) => parts.push(format!("{organization}/{slug}")),
        (Some(one), None) | (None, Some(one)) => parts.push(one.clone()),
        (None, None) => {}
    }
    match pipeline.build {
        Some(build) => parts.push(format!("#{build}")),
        None => parts.extend(pipeline.id.clone()),
    }
    match (parts.is_empty(), &pipeline.url) {
        (true, None) => None,
        (true, Some(url)) => Some(Item::new(url.clone())),
        (false, url) => Some(Item::beside(parts.join(" "), url.clone())),
    }
}

fn imported(document: &Provenance) -> Vec<Item> {
    let packed = document.file.packed_at.as_deref();
    let packed = packed.map(|time| format!("packed {}", moment(time)));
    match &document.origin.imported {
        Some(imported) => {
            let mut main = imported.reference.as_ref().unwrap_or(&imported.uri).clone();
            if imported.via == Via::Daemon {
                main.push_str(" (from a local daemon)");
            }
            vec![Item::beside(main, packed)]
        }
        None => {
            let from = match document.is_partial() {
                true => "from where could not be read",
                false => "from where is not recorded",
            };
            let item = packed.map(|packed| Item::beside(from, Some(packed)));
            item.into_iter().collect()
        }
    }
}

/// Returns the lineage, and the system that the image itself declares.
fn built_on(document: &Provenance) -> Vec<Item> {
    let origin = &document.origin;
    let is_named = |ancestor: &&Ancestor| {
        origin.kind != Kind::Derived || origin.derived_from.as_ref() != Some(ancestor)
    };
    let lineage = document.lineage.iter().filter(is_named).map(|ancestor| {
        let commit = ancestor.commit.as_ref().map(|id| format!("commit {id}"));
        Item::beside(ancestor_words(ancestor), commit)
    });
    let cuda = document.environment.get("CUDA_VERSION");
    let cuda = cuda.map(|version| format!("NVIDIA CUDA {version}"));
    let os = &document.os;
    let system = [cuda, os.pretty_name.clone(), os.architecture.clone()];
    let system: Vec<String> = system.into_iter().flatten().collect();
    lineage.chain(Item::joined(&system)).collect()
}

/// Returns what matters on a GPU cluster.
fn inside(document: &Provenance) -> Vec<Item> {
    let parts = document.inside.iter();
    let parts = parts.map(|part| format!("{} {}", part.name, part.version));
    Item::joined(&parts.collect::<Vec<_>>())
}

/// Returns the Git repositories and files that the build used, each with its commit or digest.
fn built_from(document: &Provenance) -> Vec<Item> {
    let sources = document
        .evidence
        .iter()
        .filter(|it| it.field == "build.sources");
    let mut seen = BTreeSet::new();
    let values = sources
        .map(|it| it.value.as_str())
        .filter(|value| seen.insert(*value));
    let mut items: Vec<Item> = values
        .map(|value| match value.rsplit_once(' ') {
            Some((source, pin)) => Item::beside(source, Some(pin.to_owned())),
            None => Item::new(value),
        })
        .collect();
    let more = items.len().saturating_sub(MAX_SOURCES);
    if more > 0 {
        items.truncate(MAX_SOURCES);
        items.push(Item::new(format!("and {more} more: --evidence")));
    }
    items
}

fn flags(document: &Provenance) -> Vec<Item> {
    let flags = document.origin.flags.iter();
    let flags = flags.map(|(name, value)| format!("{name}={value}"));
    Item::joined(&flags.collect::<Vec<_>>())
}

/// Returns the product's own package and the notable ones, else how many packages there are.
fn packages(document: &Provenance) -> Vec<Item> {
    let own = document.origin.product.as_deref().map(str::to_lowercase);
    let rank = |package: &Package| {
        let name = package.name.to_lowercase().replace('_', "-");
        if own.as_deref() == Some(name.as_str()) {
            return Some(0);
        }
        let place = NOTABLE.iter().position(|notable| *notable == name)?;
        Some(place + 1)
    };
    let packages = &document.packages;
    let ranked = packages.iter().filter_map(|it| Some((rank(it)?, it)));
    let mut notable: Vec<(usize, &Package)> = ranked.collect();
    notable.sort_by_key(|(rank, _)| *rank);
    let shown = notable.iter().take(MAX_PACKAGES);
    let mut parts: Vec<String> = shown.map(|(_, it)| named(it, document)).collect();
    if parts.is_empty() && !packages.is_empty() {
        parts.push(format!("{}, listed with --packages", packages.len()));
    }
    Item::joined(&parts)
}

/// Returns `vllm 0.19.2rc0 (6ef1efd51)`. The package's commit is left out if the version or the image's commit
/// contains it.
fn named(package: &Package, document: &Provenance) -> String {
    let text = format!("{} {}", package.name, package.version);
    let Some(commit) = package.commit.as_deref() else {
        return text;
    };
    let commit = commit.trim_start_matches('g');
    let short = commit.get(..9).unwrap_or(commit);
    let own = document.origin.commit.as_ref();
    let said = own.is_some_and(|own| own.id.starts_with(short)) || text.contains(short);
    if said {
        text
    } else {
        format!("{text} ({short})")
    }
}

/// Returns an RFC 3339 time as `2026-09-02 14:03 UTC`; other text unchanged.
pub(super) fn moment(time: &str) -> String {
    let Ok(stamp) = time.parse::<jiff::Timestamp>() else {
        return time.to_owned();
    };
    // 2026-09-02T14:03:12Z. strftime would bring 25 KB.
    let text = stamp.to_string();
    let (date, clock) = text.split_once('T').unwrap_or((&text, ""));
    format!("{date} {} UTC", clock.get(..5).unwrap_or_default())
}

fn clipped(mut item: Item) -> Item {
    if !item.whole {
        cut(&mut item.main);
    }
    item.aside.as_mut().map(cut);
    item
}

fn cut(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(MAX_VALUE) {
        text.truncate(end);
        text.push('…');
    }
}
