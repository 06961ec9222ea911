//! What a Dockerfile builds: its stages, and what their images say.

use std::collections::{BTreeMap, BTreeSet};

use super::super::worth::Worth;
use super::steps::Step;

/// A use of an argument that was declared before the first FROM only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undeclared {
    /// The argument.
    pub name: String,
    /// The variable or label that takes it.
    pub by: String,
    /// Where.
    pub line: u32,
    /// Where the instruction begins.
    pub start: u32,
}

/// Something that ADD takes, with its arguments filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// A path, or a URL.
    pub from: String,
    /// Where.
    pub line: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stage {
    pub name: Option<String>,
    /// The image that FROM names, where it is known.
    pub image: Option<String>,
    /// Where FROM stands.
    pub line: u32,
    pub base: Option<usize>,
    /// True if it starts from `scratch`: a name that is not set is then empty.
    pub is_scratch: bool,
    /// Variables and arguments.
    pub scope: BTreeMap<String, Worth>,
    pub on_build: Vec<Step>,
    pub built: Built,
    /// True if another stage takes files from it.
    pub copied: bool,
}

/// What an image that is built has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Built {
    /// Variables.
    pub environment: BTreeMap<String, Set>,
    /// Labels.
    pub labels: BTreeMap<String, Set>,
    /// Arguments that its stages declare.
    pub declared: BTreeSet<String>,
    /// Arguments that a variable of the same name hides.
    pub hidden: BTreeSet<String>,
    /// Arguments that commands take, which may put them into files.
    pub in_commands: BTreeSet<String>,
    /// The name of its stage.
    pub stage: Option<String>,
    /// The last line of its stage.
    pub end: u32,
    /// True if the file ends with the escape character, which would join a line behind it.
    pub is_open: bool,
}

/// How a variable or label is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    /// The build arguments that its value is made of.
    pub arguments: BTreeSet<String>,
    /// Its value, where no build argument changes it.
    pub literal: Option<String>,
    /// Its value with the arguments that are given, where that is known.
    pub text: Option<String>,
    /// Names in it that nothing in the Dockerfile sets.
    pub missing: BTreeSet<String>,
    /// True for `ENV NAME = VALUE`, whose value begins with the sign of equality.
    pub has_spaces: bool,
    /// Where.
    pub line: u32,
    /// Where the instruction begins.
    pub start: u32,
}

impl Built {
    /// Returns true if the argument reaches a variable.
    #[must_use]
    pub fn in_environment(&self, argument: &str) -> bool {
        self.environment
            .values()
            .any(|set| set.arguments.contains(argument))
    }

    /// Returns true if the argument reaches a label.
    #[must_use]
    pub fn in_labels(&self, argument: &str) -> bool {
        self.labels
            .values()
            .any(|set| set.arguments.contains(argument))
    }
}
