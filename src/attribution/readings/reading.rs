//! Reads a contract's stamp from the facts: each value with its source.

use crate::carriers::{Facts, Pair};
use crate::contracts::{Contract, Field, Stamp, glob_matches};
use crate::provenance::{Source, SourcedValue};

use crate::attribution::make::sourced;
use crate::attribution::text::is_placeholder;

/// The kind of place that holds a reading. Values of one carrier cannot corroborate each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Carrier {
    Environment,
    Label,
    File,
}

/// One stamped value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub field: Field,
    /// Id of the contract that gives it its meaning.
    pub contract: String,
    pub value: String,
    pub source: Source,
    pub carrier: Carrier,
    pub strength: u8,
    pub placeholder: bool,
    pub identifying: bool,
    pub internal: bool,
    pub system: Option<String>,
}

impl Reading {
    /// Returns the value with its source, as a conflict shows it.
    pub(crate) fn sourced(&self) -> SourcedValue {
        sourced(&self.value, self.source.clone())
    }

    /// Returns true for a value of this field that is not a placeholder.
    pub(crate) fn is_real(&self, field: Field) -> bool {
        self.field == field && !self.placeholder
    }
}

/// Returns every value of a contract's stamp, in the order of the contract.
pub(crate) fn read_stamps(contract: &Contract, facts: &Facts) -> Vec<Reading> {
    // A child of a Red Hat base has labels of its own; a file keeps a copy of the base's labels.
    let frozen = facts
        .base_labels
        .as_deref()
        .filter(|_| !contract.markers.base_labels.is_empty());
    let labels = frozen.unwrap_or(&facts.labels);
    let mut readings = Vec::new();
    let fits = |stamp: &&Stamp| {
        let with = stamp.with.as_slice();
        with.is_empty() || has_any(with, labels)
    };
    for stamp in contract.stamps.iter().filter(fits) {
        for key in &stamp.environment {
            if let Some(pair) = last_of(&facts.environment, key) {
                readings.extend(reading(contract, stamp, pair, Carrier::Environment));
            }
        }
        for key in &stamp.label {
            let annotation = || last_of(&facts.annotations, key).filter(|_| frozen.is_none());
            if let Some(pair) = last_of(labels, key).or_else(annotation) {
                readings.extend(reading(contract, stamp, pair, Carrier::Label));
            }
        }
        let document = stamp
            .file
            .as_ref()
            .and_then(|file| facts.documents.get(file));
        for key in &stamp.key {
            if let Some(pair) = last_of(document.map_or(&[], Vec::as_slice), key) {
                readings.extend(reading(contract, stamp, pair, Carrier::File));
            }
        }
    }
    readings
}

/// Returns true if one of the pairs is one of these, `KEY` or `KEY=VALUE` with `*` for any characters.
pub(super) fn has_any(markers: &[String], pairs: &[Pair]) -> bool {
    markers.iter().any(|marker| {
        let (key, value) = match marker.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (marker.as_str(), None),
        };
        let is_value = |pair: &Pair| value.is_none_or(|glob| glob_matches(glob, &pair.value));
        pairs.iter().any(|pair| pair.key == key && is_value(pair))
    })
}

/// Returns the last pair with a key: the one that a process in the container sees.
pub(crate) fn last_of<'f>(pairs: &'f [Pair], key: &str) -> Option<&'f Pair> {
    pairs.iter().rev().find(|pair| pair.key == key)
}

fn reading(contract: &Contract, stamp: &Stamp, pair: &Pair, carrier: Carrier) -> Option<Reading> {
    let value = match (&stamp.pointer, stamp.word) {
        (Some(pointer), _) => {
            let json: serde_json::Value = crate::image::json::parse(pair.value.as_bytes()).ok()?;
            json.pointer(pointer)?.as_str()?.to_owned()
        }
        // Outside of CI, one placeholder replaces all words.
        (None, Some(_))
            if is_placeholder(stamp.field, &pair.value) && !pair.value.trim().contains(' ') =>
        {
            pair.value.clone()
        }
        (None, Some(word)) => pair.value.split(' ').nth(word.checked_sub(1)?)?.to_owned(),
        (None, None) => pair.value.clone(),
    };
    let unset = stamp.unset.iter().any(|unset| unset == value.trim());
    Some(Reading {
        field: stamp.field,
        contract: contract.id.clone(),
        placeholder: unset || is_placeholder(stamp.field, &value),
        value,
        source: pair.source.clone(),
        carrier,
        strength: stamp.strength.unwrap_or(3),
        identifying: stamp.identifying,
        internal: stamp.internal,
        system: stamp.system.clone(),
    })
}
