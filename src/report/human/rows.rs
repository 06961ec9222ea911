//! The rows of the answer: what to pull, which commit, which pipeline, what below it.

use std::collections::BTreeSet;

use super::page::{Item, Row};
use super::{recognised, runs};
use crate::provenance::{Ancestor, Commit, Kind, Package, Pipeline, Provenance, Via};
use crate::report::escape::shell_quote;
use crate::report::words;

/// A longer value is cut in a row; `--env`, `--labels`, `--evidence` and JSON have all of it.
const MAX_VALUE: usize = 400;

/// As many sources of the build.
const MAX_SOURCES: usize = 8;

/// As many packages as the answer names by itself.
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
    add(
        "commit",
        origin
            .commit
            .as_ref()
            .map(|c| vec![commit(c, &origin.reasons)])
            .unwrap_or_default(),
    );
    add(
        "pipeline",
        origin
            .pipeline
            .as_ref()
            .and_then(pipeline)
            .into_iter()
            .collect(),
    );
    add("imported", imported(document));
    add(
        "created",
        origin
            .created
            .as_deref()
            .map(|time| vec![Item::new(moment(time))])
            .unwrap_or_default(),
    );
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
    let name = ancestor
        .product
        .as_deref()
        .or(ancestor.publisher.as_deref());
    let reference = ancestor.reference.as_deref().map(words::short_reference);
    let mut text = match (name, ancestor.version.as_deref()) {
        (Some(name), Some(version)) => format!("{name} {version}"),
        (Some(name), None) => name.to_owned(),
        (None, _) => return reference.unwrap_or("an image that is not known").to_owned(),
    };
    if let Some(reference) = reference {
        text.push_str(&format!(" ({reference})"));
    }
    text
}

fn pull(document: &Provenance) -> Vec<Item> {
    let origin = &document.origin;
    match origin
        .pull
        .reference
        .as_deref()
        .or(origin.public_reference.as_deref())
    {
        Some(reference) if origin.pull.ok => commands(reference),
        _ if origin.modified_after_import => {
            vec![Item::new("not possible: it was changed after import")]
        }
        _ => match origin.kind {
            Kind::Staging | Kind::Ci => {
                vec![Item::new("not possible: such builds are not published")]
            }
            Kind::Pr => vec![Item::new(
                "not possible: pull request builds are not published",
            )],
            Kind::Local => vec![Item::new("not possible: built by hand, not published")],
            _ => Vec::new(),
        },
    }
}

fn base_pull(document: &Provenance) -> Vec<Item> {
    let base = document
        .origin
        .derived_from
        .as_ref()
        .or(document.lineage.first());
    base.and_then(|base| base.reference.as_deref())
        .map(commands)
        .unwrap_or_default()
}

/// A reference, and the command that imports it. No command is made of what is no
/// reference.
fn commands(reference: &str) -> Vec<Item> {
    let mut items = vec![Item::new(words::short_reference(reference))];
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._/:@-".contains(&b);
    if reference.bytes().all(plain) && reference.len() <= MAX_VALUE {
        let uri = words::enroot_uri(reference);
        items.push(Item::command(format!(
            "enroot import {}",
            shell_quote(&uri)
        )));
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
    Item::beside(
        main,
        repository.map(|url| url.strip_prefix("https://").unwrap_or(url).to_owned()),
    )
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
    let packed = document
        .file
        .packed_at
        .as_deref()
        .map(|time| format!("packed {}", moment(time)));
    match &document.origin.imported {
        Some(imported) => {
            let mut main = imported
                .reference
                .as_deref()
                .unwrap_or(&imported.uri)
                .to_owned();
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

/// The lineage, then what the image itself says of the system in it.
fn built_on(document: &Provenance) -> Vec<Item> {
    let origin = &document.origin;
    let mut items: Vec<Item> = document
        .lineage
        .iter()
        .filter(|ancestor| {
            origin.kind != Kind::Derived || origin.derived_from.as_ref() != Some(ancestor)
        })
        .map(|ancestor| {
            let commit = ancestor.commit.as_ref().map(|id| format!("commit {id}"));
            Item::beside(ancestor_words(ancestor), commit)
        })
        .collect();
    let cuda = document
        .environment
        .get("CUDA_VERSION")
        .map(|version| format!("NVIDIA CUDA {version}"));
    let parts: Vec<String> = [
        cuda,
        document.os.pretty_name.clone(),
        document.os.architecture.clone(),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !parts.is_empty() {
        items.push(Item::new(parts.join(" · ")));
    }
    items
}

/// What matters of it on a GPU cluster.
fn inside(document: &Provenance) -> Vec<Item> {
    let parts = document.inside.iter();
    let parts: Vec<String> = parts
        .map(|part| format!("{} {}", part.name, part.version))
        .collect();
    match parts.as_slice() {
        [] => Vec::new(),
        parts => vec![Item::new(parts.join(" · "))],
    }
}

/// Git repositories and files that the build took, each with what it was then.
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
    let flags: Vec<String> = document
        .origin
        .flags
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if flags.is_empty() {
        Vec::new()
    } else {
        vec![Item::new(flags.join(" · "))]
    }
}

/// The product's own package first, then the notable ones, and how many there are.
fn packages(document: &Provenance) -> Vec<Item> {
    let own = document.origin.product.as_deref().map(str::to_lowercase);
    let rank = |package: &Package| {
        let name = package.name.to_lowercase().replace('_', "-");
        if own.as_deref() == Some(name.as_str()) {
            Some(0)
        } else {
            NOTABLE
                .iter()
                .position(|notable| *notable == name)
                .map(|at| at + 1)
        }
    };
    let mut notable: Vec<(usize, &Package)> = document
        .packages
        .iter()
        .filter_map(|package| Some((rank(package)?, package)))
        .collect();
    notable.sort_by_key(|(rank, _)| *rank);
    let mut parts: Vec<String> = notable
        .iter()
        .take(MAX_PACKAGES)
        .map(|(_, package)| named(package, document))
        .collect();
    if parts.is_empty() && !document.packages.is_empty() {
        parts.push(format!(
            "{}, listed with --packages",
            document.packages.len()
        ));
    }
    if parts.is_empty() {
        return Vec::new();
    }
    vec![Item::new(parts.join(" · "))]
}

/// `vllm 0.19.2rc0 (6ef1efd51)`: with the package's commit, unless its version or the image's own
/// commit says it.
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
