//! A bake file as it stands there, before its targets inherit.

use std::collections::{BTreeMap, BTreeSet};

/// A key, and what it is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The argument or label.
    pub key: String,
    /// What it is set to.
    pub value: Value,
    /// Where.
    pub line: u32,
}

/// A value in a bake file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Written out.
    Literal(String),
    /// Made of these variables and functions.
    Made(BTreeSet<String>),
}

/// What a field of a target is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    /// One value, and its line.
    One(Value, u32),
    /// A list; texts with a variable in them keep what stands before it.
    List(Vec<(String, Value, u32)>),
    /// A map.
    Map(Vec<Entry>),
}

/// The fields of a target, as they stand in the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Raw {
    pub line: u32,
    pub fields: BTreeMap<String, Expression>,
}

/// The targets by name, as they stand in the file, and the names in groups.
#[derive(Clone, Debug, Default)]
pub(super) struct File {
    pub targets: BTreeMap<String, Raw>,
    pub grouped: BTreeSet<String>,
}
