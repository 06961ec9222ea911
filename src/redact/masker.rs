//! Masks secrets that have a name in a document, and their repetitions elsewhere in it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::masking::{MASK, name_is_text, text, value};
use super::names;
use crate::provenance::Source;

/// The least length of a secret that is masked elsewhere. A shorter one would be found inside
/// words.
const LEAST_REPEATED: usize = 8;

/// The most secrets that are masked elsewhere, more than any image has. Further ones are masked
/// only where they have their names.
const MAX_REPEATED: usize = 64;

/// Secrets that had a name. They are masked in texts that repeat them.
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
        let told = values.keys().filter(|name| name_is_text(name));
        for name in told.cloned().collect::<Vec<_>>() {
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
        optional([&mut source.key, &mut source.path]);
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
}

/// Masks a text that cannot repeat a secret.
pub(crate) fn plain(slot: &mut String) {
    if let Cow::Owned(masked) = text(slot) {
        *slot = masked;
    }
}

/// Masks texts that cannot repeat a secret.
pub(super) fn optional<const N: usize>(slots: [&mut Option<String>; N]) {
    slots.into_iter().flatten().for_each(plain);
}
