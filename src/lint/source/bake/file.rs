//! A parsed bake file, or several merged over each other.

use std::collections::BTreeMap;

use super::expr::Expr;

/// The blocks of a bake file that are read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Section {
    Variable,
    Function,
    Target,
    Group,
}

impl Section {
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "variable" => Some(Self::Variable),
            "function" => Some(Self::Function),
            "target" => Some(Self::Target),
            "group" => Some(Self::Group),
            _ => None,
        }
    }
}

/// A block: its fields in order, and the validations of a variable.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    pub line: u32,
    pub fields: Vec<(String, Expr)>,
    pub validations: Vec<Block>,
}

impl Block {
    pub fn get(&self, key: &str) -> Option<&Expr> {
        let (_, found) = self.fields.iter().rfind(|(own, _)| own == key)?;
        Some(found)
    }
}

/// Everything in the files.
#[derive(Clone, Debug, Default)]
pub(super) struct File {
    pub attributes: BTreeMap<String, Expr>,
    pub variables: BTreeMap<String, Block>,
    pub functions: BTreeMap<String, Block>,
    /// In the order of the file. A name can occur more than once.
    pub targets: Vec<(String, Block)>,
    pub groups: Vec<(String, Block)>,
}

impl File {
    /// Adds a block. A later variable or function replaces an earlier one of its name.
    pub fn add(&mut self, section: Section, label: &str, block: Block) {
        let label = label.to_owned();
        match section {
            Section::Variable => drop(self.variables.insert(label, block)),
            Section::Function => drop(self.functions.insert(label, block)),
            Section::Target => self.targets.push((label, block)),
            Section::Group => self.groups.push((label, block)),
        }
    }

    pub fn merge(&mut self, other: Self) {
        self.attributes.extend(other.attributes);
        self.variables.extend(other.variables);
        self.functions.extend(other.functions);
        self.targets.extend(other.targets);
        self.groups.extend(other.groups);
    }
}
