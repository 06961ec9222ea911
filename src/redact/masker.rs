//! Secrets that a document gives a name to, and their repetitions elsewhere in it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::masking::{MASK, name_is_text, text, value};
use super::names;
use crate::provenance::{Ancestor, Origin, Recognised, Source};

/// The least length of a secret that is masked elsewhere. A shorter one would be found inside
/// words.
const LEAST_REPEATED: usize = 8;

/// The most secrets that are masked elsewhere, more than any image has. Further ones are masked
/// only where they have their names.
const MAX_REPEATED: usize = 64;

/// Secrets that had a name, to mask texts that repeat them.
#[derive(Default)]
pub struct Known(Masker);

impl Known {
    /// Remembers the value, if its name is that of a secret.
    pub fn learn(&mut self, name: &str, raw: &str) {
        self.0.named(name, &mut raw.to_owned());
    }

    /// Masks everything in a text that was remembered, or that has the shape of a secret.
    #[must_use]
    pub fn mask(&self, raw: &str) -> String {
        let mut slot = raw.to_owned();
        self.0.free(&mut slot);
        slot
    }
}

impl std::fmt::Debug for Known {
    /// Shows how many secrets there are, and never their values.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Known").field(&self.0.secrets.len()).finish()
    }
}

#[derive(Default)]
pub(super) struct Masker {
    secrets: Vec<String>,
}

impl Masker {
    pub(super) fn map(&mut self, values: &mut BTreeMap<String, String>) {
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

    /// Masks a piece of evidence, by the name of its key, or by the last part of its field.
    pub(super) fn sourced(&mut self, field: &str, source: &mut Source, value: &mut String) {
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

    pub(super) fn named(&mut self, name: &str, slot: &mut String) {
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

    /// Masks a text without a name, which may repeat a secret.
    pub(super) fn free(&self, slot: &mut String) {
        for secret in &self.secrets {
            if slot.contains(secret.as_str()) {
                *slot = slot.replace(secret.as_str(), MASK);
            }
        }
        plain(slot);
    }

    pub(super) fn optional(&self, slot: &mut Option<String>) {
        if let Some(slot) = slot {
            plain(slot);
        }
    }

    pub(super) fn origin(&self, origin: &mut Origin) {
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
            self.optional(&mut imported.digest);
        }
        if let Some(base) = &mut origin.derived_from {
            self.ancestor(base);
        }
    }

    pub(super) fn known(&self, it: &mut Recognised) {
        let image = &mut it.image;
        for slot in [
            &mut it.package,
            &mut image.publisher,
            &mut image.product,
            &mut image.version,
            &mut image.commit,
            &mut image.digest,
            &mut image.public_reference,
            &mut image.imported,
        ] {
            self.optional(slot);
        }
    }

    pub(super) fn ancestor(&self, ancestor: &mut Ancestor) {
        self.optional(&mut ancestor.publisher);
        self.optional(&mut ancestor.product);
        self.optional(&mut ancestor.version);
        self.optional(&mut ancestor.commit);
        self.optional(&mut ancestor.reference);
    }
}

/// Masks a text that cannot repeat a secret.
pub(crate) fn plain(slot: &mut String) {
    if let Cow::Owned(masked) = text(slot) {
        *slot = masked;
    }
}
