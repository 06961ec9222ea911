//! The types of variables (docs.docker.com/build/bake/variables).

use super::expr::{Expr, Kind};
use super::known::{Known, Val};

/// The type of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Any,
    Text,
    Number,
    Bool,
    List(Box<Type>),
    Map(Box<Type>),
    /// An object or tuple; its parts are not checked.
    Other,
}

impl Type {
    /// Parses `string`, `list(number)`; an unknown type accepts everything.
    pub fn of(expr: &Expr) -> Self {
        if let Some(name) = expr.keyword() {
            return match name {
                "string" => Self::Text,
                "number" => Self::Number,
                "bool" => Self::Bool,
                _ => Self::Any,
            };
        }
        match &expr.kind {
            Kind::Call {
                name, arguments, ..
            } => match (name.as_str(), arguments.first()) {
                ("list" | "set", Some(of)) => Self::List(Box::new(Self::of(of))),
                ("map", Some(of)) => Self::Map(Box::new(Self::of(of))),
                _ => Self::Other,
            },
            _ => Self::Any,
        }
    }

    /// Returns the type of a default: a value from outside must have this type.
    pub fn like(val: &Val) -> Self {
        match val {
            Val::Number(_) => Self::Number,
            Val::Bool(_) => Self::Bool,
            Val::List(_) | Val::Map(_) => Self::Other,
            Val::Unknown | Val::Null | Val::Text(_) => Self::Text,
        }
    }

    /// Converts a default to this type.
    pub fn convert(&self, of: Known) -> Result<Known, String> {
        if matches!(of.val, Val::Unknown | Val::Null) {
            return Ok(of);
        }
        let names = of.names.clone();
        let val = match self {
            Self::Any | Self::Other => of.val,
            Self::Text => Val::Text(of.as_text()?),
            Self::Number => Val::Number(of.as_number()?),
            Self::Bool => Val::Bool(of.as_bool()?),
            Self::List(inner) => {
                let items = of.as_list()?.iter().cloned();
                let items: Result<_, String> = items.map(|it| inner.convert(it)).collect();
                Val::List(items?)
            }
            Self::Map(inner) => {
                let pairs = of.as_map()?.iter().cloned();
                let pairs: Result<_, String> = pairs
                    .map(|(key, it)| Ok((key, inner.convert(it)?)))
                    .collect();
                Val::Map(pairs?)
            }
        };
        Ok(Known::from(val).with(&names))
    }

    /// Parses a value from outside: a text, or texts between commas for a list.
    pub fn parse(&self, text: &str) -> Result<Known, String> {
        match self {
            Self::Map(_) | Self::Other => Ok(Known::default()),
            Self::List(_) => {
                let items = text.split(',').filter(|it| !it.is_empty()).map(Known::text);
                self.convert(Val::List(items.collect()).into())
            }
            other => other.convert(Known::text(text)),
        }
    }
}
