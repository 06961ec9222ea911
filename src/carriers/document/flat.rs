//! The flat keys of a document, and their limits.

use crate::carriers::pair::{Pair, Place};

/// The greatest depth of nested keys.
pub(super) const MAX_DEPTH: usize = 64;
/// The most values of a document.
pub(super) const MAX_VALUES: usize = 4096;
/// The longest key with the keys above it, in bytes.
const MAX_KEY: usize = 1024;

/// The reason why a document was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It is not well formed.
    #[error("it is not valid {0}")]
    Syntax(&'static str),
    /// It is a list or a single value.
    #[error("it is not an object with keys")]
    NotAnObject,
    /// It is nested too deep.
    #[error("it is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// It has too many values.
    #[error("it has more than {MAX_VALUES} values")]
    TooMany,
    /// It has a key that is too long.
    #[error("it has a key of more than {MAX_KEY} bytes")]
    LongKey,
}

/// The flat keys of a document so far.
pub(super) struct Flat<'a> {
    pub place: Place<'a>,
    pub pairs: Vec<Pair>,
}

impl Flat<'_> {
    pub fn push(&mut self, key: &str, value: &str, line: Option<u32>) -> Result<(), DocumentError> {
        if self.pairs.len() >= MAX_VALUES {
            return Err(DocumentError::TooMany);
        }
        let mut pair = self.place.pair("", key, value);
        pair.source.line = line;
        self.pairs.push(pair);
        Ok(())
    }
}

pub(super) fn joined(prefix: &str, key: &str) -> Result<String, DocumentError> {
    if prefix.len().saturating_add(key.len()) >= MAX_KEY {
        return Err(DocumentError::LongKey);
    }
    Ok(match prefix {
        "" => key.to_owned(),
        _ => format!("{prefix}.{key}"),
    })
}
