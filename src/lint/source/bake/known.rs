//! The value of an expression in a bake file, and the variables that change it.

use std::collections::BTreeSet;

/// The longest text, in bytes.
pub(super) const LONGEST: usize = 64 * 1024;
/// The most elements of a list.
pub(super) const MOST: usize = 4096;
/// Whole numbers above it are not exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A value of HCL.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Val {
    /// Set, and not known here.
    #[default]
    Unknown,
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Known>),
    /// In the order of the keys, as HCL goes through them.
    Map(Vec<(String, Known)>),
}

/// A value, and the names of variables that can be set from outside and change it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Known {
    pub val: Val,
    pub names: BTreeSet<String>,
}

impl From<Val> for Known {
    fn from(val: Val) -> Self {
        Self {
            val,
            names: BTreeSet::new(),
        }
    }
}

impl Known {
    pub fn text(text: impl Into<String>) -> Self {
        Val::Text(text.into()).into()
    }

    /// Adds names on which the value depends.
    pub fn with(mut self, names: &BTreeSet<String>) -> Self {
        self.names.extend(names.iter().cloned());
        self
    }

    pub fn is_unknown(&self) -> bool {
        self.val == Val::Unknown
    }

    /// Returns its names, and those of its elements.
    pub fn all_names(&self) -> BTreeSet<String> {
        let mut names = self.names.clone();
        match &self.val {
            Val::List(items) => items.iter().for_each(|it| names.extend(it.all_names())),
            Val::Map(pairs) => pairs
                .iter()
                .for_each(|(_, it)| names.extend(it.all_names())),
            _ => {}
        }
        names
    }

    /// Returns its size: the number of its values, and one more for each 64 bytes of text.
    pub fn size(&self) -> usize {
        let inner = match &self.val {
            Val::Text(text) => text.len() / 64,
            Val::List(items) => items.iter().map(Self::size).fold(0, usize::saturating_add),
            Val::Map(pairs) => {
                let sizes = pairs.iter().map(|(_, it)| it.size());
                sizes.fold(0, usize::saturating_add)
            }
            _ => 0,
        };
        inner.saturating_add(1)
    }

    /// Returns true if a part of it is not known.
    pub fn has_unknown(&self) -> bool {
        match &self.val {
            Val::Unknown => true,
            Val::List(items) => items.iter().any(Self::has_unknown),
            Val::Map(pairs) => pairs.iter().any(|(_, it)| it.has_unknown()),
            _ => false,
        }
    }

    /// A text, as HCL makes one of a number or truth value.
    pub fn as_text(&self) -> Result<String, String> {
        match &self.val {
            Val::Text(text) => Ok(text.clone()),
            Val::Bool(value) => Ok(value.to_string()),
            Val::Number(number) => shown(*number),
            other => Err(format!("{} is not a text", other.noun())),
        }
    }

    pub fn as_number(&self) -> Result<f64, String> {
        match &self.val {
            Val::Number(number) => Ok(*number),
            Val::Text(text) => {
                let number = text.parse::<f64>().ok().filter(|it| it.is_finite());
                number.ok_or_else(|| "a text is not a number".to_owned())
            }
            other => Err(format!("{} is not a number", other.noun())),
        }
    }

    pub fn as_bool(&self) -> Result<bool, String> {
        match &self.val {
            Val::Bool(value) => Ok(*value),
            Val::Text(text) if text == "true" => Ok(true),
            Val::Text(text) if text == "false" => Ok(false),
            other => Err(format!("{} is neither true nor false", other.noun())),
        }
    }

    pub fn as_list(&self) -> Result<&[Self], String> {
        match &self.val {
            Val::List(items) => Ok(items),
            other => Err(format!("{} is not a list", other.noun())),
        }
    }

    pub fn as_map(&self) -> Result<&[(String, Self)], String> {
        match &self.val {
            Val::Map(pairs) => Ok(pairs),
            other => Err(format!("{} is not a map", other.noun())),
        }
    }

    /// Returns a number as a count or an index.
    pub fn as_index(&self) -> Result<usize, String> {
        let number = self.as_number()?;
        let whole = number.fract() == 0.0 && (0.0..=1e9).contains(&number);
        match whole {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is whole and small"
            )]
            true => Ok(number as usize),
            false => Err("a number is not an index of a list".to_owned()),
        }
    }
}

impl Val {
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Unknown => "what is not known",
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// A number as HCL writes it.
fn shown(number: f64) -> Result<String, String> {
    match number.abs() < EXACT {
        true => Ok(format!("{number}")),
        false => Err("a number is too large".to_owned()),
    }
}
