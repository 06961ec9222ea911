//! Masks what looks like a secret, everywhere in the document: an image is shown to
//! more people than its builder thought of.
//!
//! A value is masked for its name (`HF_TOKEN`), for its shape (`ghp_…`, a PEM block, a webhook),
//! or for where it stands (the user of a URL, the values of a query, after
//! `--password`). What was masked for its name is masked again wherever else the
//! document repeats it. Commit ids, digests and references are never masked.

mod commands;
mod encoded;
mod names;
mod shapes;
mod starts;
mod urls;
mod webhooks;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::provenance::{Ancestor, Origin, Provenance, Source};

/// What stands where a secret stood.
pub const MASK: &str = "***";

/// A shorter secret is not looked for elsewhere: it would be found in words.
const LEAST_REPEATED: usize = 8;

/// More secrets than any image has; the rest are masked where they have their names.
const MAX_REPEATED: usize = 64;

/// Masks every secret-looking value of the document.
pub fn redact(document: &mut Provenance) {
    let mut masker = Masker::default();
    masker.map(&mut document.environment);
    masker.map(&mut document.labels);
    masker.map(&mut document.file.xattrs);
    masker.map(&mut document.origin.flags);
    for entry in &mut document.evidence {
        masker.sourced(&entry.field, &mut entry.source, &mut entry.value);
    }
    for conflict in &mut document.conflicts {
        for entry in &mut conflict.values {
            masker.sourced(&conflict.field, &mut entry.source, &mut entry.value);
        }
    }
    commands::mask_words(&mut document.runtime.entrypoint, MASK);
    commands::mask_words(&mut document.runtime.cmd, MASK);
    masker.origin(&mut document.origin);
    document.lineage.iter_mut().for_each(|a| masker.ancestor(a));
    for package in &mut document.packages {
        masker.optional(&mut package.url);
        [&mut package.name, &mut package.version, &mut package.path]
            .into_iter()
            .for_each(plain);
    }
    let os = &mut document.os;
    for slot in [
        &mut os.id,
        &mut os.version_id,
        &mut os.pretty_name,
        &mut os.architecture,
    ] {
        masker.optional(slot);
    }

    // By now every secret that has a name is known; texts may repeat one.
    for conflict in &mut document.conflicts {
        plain(&mut conflict.field);
        masker.free(&mut conflict.message);
        if !is_identity(&conflict.field) {
            conflict
                .values
                .iter_mut()
                .for_each(|entry| masker.free(&mut entry.value));
        }
    }
    for entry in &mut document.evidence {
        plain(&mut entry.field);
        if !is_identity(&entry.field) {
            masker.free(&mut entry.value);
        }
    }
    document
        .warnings
        .iter_mut()
        .for_each(|w| masker.free(&mut w.message));
    for package in document.integrity.iter_mut().flatten() {
        plain(&mut package.package);
        plain(&mut package.path);
        let lists = [
            &mut package.changed,
            &mut package.missing,
            &mut package.extra,
        ];
        for file in lists.into_iter().flatten() {
            masker.free(file);
        }
    }
    let runtime = &mut document.runtime;
    for word in runtime
        .entrypoint
        .iter_mut()
        .chain(&mut runtime.cmd)
        .chain(&mut runtime.workdir)
        .chain(&mut runtime.volumes)
    {
        masker.free(word);
    }
    document
        .environment
        .values_mut()
        .for_each(|v| masker.free(v));
    document.labels.values_mut().for_each(|v| masker.free(v));
    document
        .file
        .xattrs
        .values_mut()
        .for_each(|v| masker.free(v));
    document
        .packages
        .iter_mut()
        .filter_map(|p| p.url.as_mut())
        .for_each(|url| masker.free(url));
}

/// The text with every secret in it masked that shows by its shape or place.
#[must_use]
pub fn text(raw: &str) -> Cow<'_, str> {
    let signs = signs(raw);
    let has = |wanted| signs & wanted != 0;
    let mut found = Vec::new();
    shapes::tokens(raw, &mut found);
    if has(DASH) {
        shapes::pem(raw, &mut found);
    }
    if has(COLON) {
        urls::user_information(raw, &mut found);
    }
    if has(QUESTION) {
        urls::queries(raw, &mut found);
    }
    if has(EQUALS | COLON) || (has(DASH) && has(BLANK)) {
        commands::assignments(raw, &mut found);
    }
    if has(BLANK | EQUALS) {
        commands::passwords(raw, &mut found);
    }
    mask(raw, found)
}

const DASH: u8 = 1;
const COLON: u8 = 1 << 1;
const QUESTION: u8 = 1 << 2;
const EQUALS: u8 = 1 << 3;
const BLANK: u8 = 1 << 4;

/// The characters in a text that secrets are told by. A package's name or path has none, and there
/// are thousands of these in a document.
fn signs(text: &str) -> u8 {
    let sign = |byte| match byte {
        b'-' => DASH,
        b':' => COLON,
        b'?' => QUESTION,
        b'=' => EQUALS,
        b' ' => BLANK,
        _ => 0,
    };
    text.bytes().fold(0, |signs, byte| signs | sign(byte))
}

/// The value of something with a name, masked for its name or for what it is.
#[must_use]
pub fn value<'v>(name: &str, raw: &'v str) -> Cow<'v, str> {
    if names::is_secret(name) && !names::is_open_value(name, raw) {
        return Cow::Borrowed(MASK);
    }
    if encoded::has_secret(raw) {
        return Cow::Owned(MASK.to_owned());
    }
    if names::is_proxy(name) {
        let mut found = Vec::new();
        urls::proxy(raw, &mut found);
        if !found.is_empty() {
            return mask(raw, found);
        }
    }
    text(raw)
}

/// True when the value is a secret, by its name or for what it is. Less careful than
/// [`value`], which masks what may be one: a query of a URL counts by its names.
#[must_use]
pub fn is_secret(name: &str, raw: &str) -> bool {
    if names::is_key_material(name)
        || (names::is_secret(name) && !names::is_open_value(name, raw) && raw != MASK)
    {
        return true;
    }
    let mut found = Vec::new();
    shapes::pem(raw, &mut found);
    shapes::tokens(raw, &mut found);
    urls::user_information(raw, &mut found);
    commands::assignments(raw, &mut found);
    if names::is_proxy(name) {
        urls::proxy(raw, &mut found);
    }
    found.retain(|range| raw.get(range.clone()) != Some(MASK));
    let in_query = |part: &str| {
        let pair = part.split_once('=');
        pair.is_some_and(|(name, value)| {
            names::is_secret(name) && !names::is_open_value(name, value) && value != MASK
        })
    };
    let queries = raw.split('?').skip(1);
    !found.is_empty()
        || queries
            .flat_map(|query| query.split(['&', ';']))
            .any(in_query)
}

/// The name of a variable or label; masked where it is key material, or a part of a text.
#[must_use]
pub fn name(raw: &str) -> &str {
    if names::is_key_material(raw) || name_is_text(raw) {
        MASK
    } else {
        raw
    }
}

/// Secrets that stood under a name, for masking texts that repeat one.
#[derive(Default)]
pub struct Known(Masker);

impl Known {
    /// Remembers the value, where its name says that it is a secret.
    pub fn learn(&mut self, name: &str, raw: &str) {
        self.0.named(name, &mut raw.to_owned());
    }

    /// The text with everything masked that was remembered, or that shows by its shape.
    #[must_use]
    pub fn mask(&self, raw: &str) -> String {
        let mut slot = raw.to_owned();
        self.0.free(&mut slot);
        slot
    }
}

impl std::fmt::Debug for Known {
    /// How many there are, and never which.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Known").field(&self.0.secrets.len()).finish()
    }
}

fn mask(raw: &str, mut found: Vec<Range<usize>>) -> Cow<'_, str> {
    if found.is_empty() {
        return Cow::Borrowed(raw);
    }
    found.sort_unstable_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut out = String::with_capacity(raw.len());
    let mut done = 0;
    for range in found {
        if range.end <= done {
            continue;
        }
        if range.start >= done {
            out.push_str(raw.get(done..range.start).unwrap_or_default());
            out.push_str(MASK);
        }
        done = range.end;
    }
    out.push_str(raw.get(done..).unwrap_or_default());
    Cow::Owned(out)
}

/// True for fields whose values say which image it is: a value that the image also
/// gives to a variable called `KEY` must not hide them.
fn is_identity(field: &str) -> bool {
    ["origin", "lineage", "file", "os"].iter().any(|prefix| {
        field
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }) && !field.starts_with("origin.flags")
        && !field.starts_with("file.xattrs")
}

#[derive(Default)]
struct Masker {
    secrets: Vec<String>,
}

impl Masker {
    fn map(&mut self, values: &mut BTreeMap<String, String>) {
        let before = values.len();
        values.retain(|name, _| !names::is_key_material(name));
        if values.len() < before {
            values.insert(MASK.to_owned(), MASK.to_owned());
        }
        let told: Vec<String> = values
            .keys()
            .filter(|name| name_is_text(name))
            .cloned()
            .collect();
        for name in told {
            values.remove(&name);
            values.insert(text(&name).into_owned(), MASK.to_owned());
        }
        for (name, value) in values {
            self.named(name, value);
        }
    }

    /// A piece of evidence: named by its key, or by the last part of its field.
    fn sourced(&mut self, field: &str, source: &mut Source, value: &mut String) {
        if source.key.as_deref().is_some_and(names::is_key_material) {
            source.key = Some(MASK.to_owned());
            MASK.clone_into(value);
            return;
        }
        let name = source.key.as_deref().unwrap_or_default();
        let named = [name, field.rsplit('.').next().unwrap_or_default()]
            .into_iter()
            .find(|name| names::is_secret(name));
        self.named(named.unwrap_or(name), value);
        if name_is_text(source.key.as_deref().unwrap_or_default()) {
            MASK.clone_into(value);
        }
        self.optional(&mut source.key);
        self.optional(&mut source.path);
    }

    fn named(&mut self, name: &str, slot: &mut String) {
        let masked = value(name, slot);
        if let Cow::Owned(masked) = masked {
            *slot = masked;
        } else if masked == MASK && slot != MASK {
            let telling = slot.len() >= LEAST_REPEATED && slot.bytes().any(|b| b.is_ascii_digit());
            if telling && self.secrets.len() < MAX_REPEATED && !self.secrets.contains(slot) {
                self.secrets.push(slot.clone());
            }
            MASK.clone_into(slot);
        }
    }

    /// Text without a name, that may repeat a secret.
    fn free(&self, slot: &mut String) {
        for secret in &self.secrets {
            if slot.contains(secret.as_str()) {
                *slot = slot.replace(secret.as_str(), MASK);
            }
        }
        plain(slot);
    }

    fn optional(&self, slot: &mut Option<String>) {
        if let Some(slot) = slot {
            plain(slot);
        }
    }

    fn origin(&self, origin: &mut Origin) {
        self.optional(&mut origin.publisher);
        self.optional(&mut origin.product);
        self.optional(&mut origin.version);
        self.optional(&mut origin.created);
        self.optional(&mut origin.public_reference);
        self.optional(&mut origin.pull.reference);
        if let Some(commit) = &mut origin.commit {
            self.optional(&mut commit.repository);
        }
        if let Some(pipeline) = &mut origin.pipeline {
            for slot in [
                &mut pipeline.system,
                &mut pipeline.organization,
                &mut pipeline.slug,
                &mut pipeline.id,
                &mut pipeline.url,
            ] {
                self.optional(slot);
            }
        }
        if let Some(imported) = &mut origin.imported {
            plain(&mut imported.uri);
            self.optional(&mut imported.reference);
            self.optional(&mut imported.tag);
        }
        if let Some(base) = &mut origin.derived_from {
            self.ancestor(base);
        }
    }

    fn ancestor(&self, ancestor: &mut Ancestor) {
        self.optional(&mut ancestor.publisher);
        self.optional(&mut ancestor.product);
        self.optional(&mut ancestor.version);
        self.optional(&mut ancestor.reference);
    }
}

/// True for a name that is no name but a part of a text: what stood behind a line break, or a
/// URL up to its first `=`. Its value is the rest of it.
fn name_is_text(name: &str) -> bool {
    name.contains('?') || matches!(text(name), Cow::Owned(_))
}

fn plain(slot: &mut String) {
    if let Cow::Owned(masked) = text(slot) {
        *slot = masked;
    }
}

#[cfg(test)]
mod tests;
