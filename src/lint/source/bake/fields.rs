//! Evaluates the fields of a target's block.

use std::collections::{BTreeMap, BTreeSet};

use super::eval::{Evaluator, Wrong};
use super::expr::{Expr, Kind};
use super::file::Block;
use super::known::{Known, Val};
use crate::lint::source::raw::{Entry, Value};

/// What a field is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// One value, and its line.
    One(Value, u32),
    /// A list; an unknown text keeps the part before its first variable.
    List(Vec<Item>),
    /// A map.
    Map(Vec<Entry>),
    /// Not known.
    Unknown,
}

/// An element of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub leading: String,
    pub value: Value,
    pub line: u32,
}

pub(super) type Fields = BTreeMap<String, Field>;

/// Evaluates fields, and collects the errors.
pub(super) struct Reader<'e, 'f> {
    pub evaluator: &'e mut Evaluator<'f>,
    pub wrong: &'e mut Vec<Wrong>,
}

impl Reader<'_, '_> {
    /// Returns the fields of a block. A field that is null is not set.
    pub fn fields(&mut self, block: &Block) -> Fields {
        let pairs = block.fields.iter();
        pairs
            .filter(|(key, _)| !matches!(key.as_str(), "name" | "matrix"))
            .filter_map(|(key, expr)| Some((key.clone(), self.field(expr)?)))
            .collect()
    }

    fn field(&mut self, expr: &Expr) -> Option<Field> {
        match &expr.kind {
            Kind::List(items) => {
                let items = items.iter().filter_map(|it| {
                    let known = self.eval(it);
                    item(&known, it.leading(), it.line)
                });
                Some(Field::List(items.collect()))
            }
            Kind::Map(pairs) => {
                let mut out: Vec<Entry> = Vec::new();
                for (key, value) in pairs {
                    let Ok(key) = self.eval(key).as_text() else {
                        return Some(Field::Unknown);
                    };
                    let known = self.eval(value);
                    out.retain(|entry| entry.key != key);
                    out.extend(worth(&known).map(|it| Entry::new(key, it, value.line)));
                }
                Some(Field::Map(out))
            }
            _ => {
                let known = self.eval(expr);
                of(&known, expr)
            }
        }
    }

    /// Returns a value. It is unknown if the expression has an error.
    pub fn eval(&mut self, expr: &Expr) -> Known {
        match self.evaluator.eval(expr) {
            Ok(known) => known,
            Err(wrong) => {
                self.wrong.push(wrong);
                Known::default().with(&expr.names())
            }
        }
    }
}

fn of(known: &Known, expr: &Expr) -> Option<Field> {
    let line = expr.line;
    Some(match &known.val {
        Val::Unknown => match expr.leading() {
            // A template is a text, even if a part of it is not known.
            "" if !matches!(expr.kind, Kind::Template(_)) => Field::Unknown,
            _ => Field::One(Value::Made(known.names.clone()), line),
        },
        Val::List(items) => {
            let items = items.iter().filter_map(|it| {
                let it = it.clone().with(&known.names);
                item(&it, "", line)
            });
            Field::List(items.collect())
        }
        Val::Map(pairs) => {
            let entries = pairs.iter().filter_map(|(key, it)| {
                let it = it.clone().with(&known.names);
                Some(Entry::new(key, worth(&it)?, line))
            });
            Field::Map(entries.collect())
        }
        _ => Field::One(worth(known)?, line),
    })
}

/// Returns a single text; `None` for null.
fn worth(known: &Known) -> Option<Value> {
    if known.val == Val::Null {
        return None;
    }
    let names = known.all_names();
    Some(match known.as_text() {
        Ok(text) if names.is_empty() => Value::Literal(text),
        Ok(text) => Value::Default(text, names),
        Err(_) => Value::Made(names),
    })
}

/// Returns an element. A map means the same as `KEY=VALUE,…`.
fn item(known: &Known, leading: &str, line: u32) -> Option<Item> {
    let value = match &known.val {
        Val::Map(pairs) => {
            let texts = pairs
                .iter()
                .map(|(key, it)| Ok(format!("{key}={}", it.as_text()?)));
            match texts.collect::<Result<Vec<String>, String>>() {
                Ok(texts) => worth(&Known::text(texts.join(",")).with(&known.all_names()))?,
                Err(_) => Value::Made(known.all_names()),
            }
        }
        _ => worth(known)?,
    };
    let leading = value.usual().unwrap_or(leading).to_owned();
    Some(Item {
        leading,
        value,
        line,
    })
}

/// Returns the errors in the order of their lines, each once.
pub(super) fn reasons(wrong: Vec<Wrong>) -> Vec<Wrong> {
    let mut seen = BTreeSet::new();
    let mut out = wrong;
    out.retain(|it| seen.insert((it.line, it.reason.clone())));
    out.sort_by_key(|it| it.line);
    out
}
