//! A value of a carrier, and its source.

use crate::provenance::{Source, SourcedValue};

/// A key, its value and its source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// The key.
    pub key: String,
    /// The value as read. Bytes that are not UTF-8 become U+FFFD.
    pub value: String,
    /// Its source.
    pub source: Source,
}

impl Pair {
    /// Returns the value and its source, without the key.
    #[must_use]
    pub fn sourced(&self) -> SourcedValue {
        SourcedValue {
            value: self.value.clone(),
            source: self.source.clone(),
        }
    }
}

/// A file with values, and the name of its carrier.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The name of the carrier, `oci-config` or `charliecloud`. The kind of a value may follow it:
    /// `oci-config-env`.
    pub carrier: &'a str,
    /// The path of the file.
    pub path: &'a str,
}

impl Place<'_> {
    /// Makes a pair. `kind` follows the name of the carrier.
    pub(crate) fn pair(&self, kind: &str, key: &str, value: &str) -> Pair {
        Pair {
            key: key.to_owned(),
            value: value.to_owned(),
            source: Source {
                carrier: format!("{}{kind}", self.carrier),
                path: Some(self.path.to_owned()),
                line: None,
                key: Some(key.to_owned()),
            },
        }
    }

    /// Makes a pair in a line of the file.
    pub(crate) fn line(&self, kind: &str, line: u32, key: &str, value: &str) -> Pair {
        let mut pair = self.pair(kind, key, value);
        pair.source.line = Some(line);
        pair
    }

    /// Makes a pair with another key than that of its source, `at`.
    pub(crate) fn named(&self, key: &str, at: &str, value: &str) -> Pair {
        let mut pair = self.pair("", at, value);
        key.clone_into(&mut pair.key);
        pair
    }

    /// Makes a pair of an optional field, unless it is empty.
    pub(crate) fn optional(&self, key: &str, value: Option<String>) -> Option<Pair> {
        let value = value.filter(|value| !value.is_empty())?;
        Some(self.pair("", key, &value))
    }
}
