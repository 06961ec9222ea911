//! An expression of a bake file, whichever syntax it is written in.

use std::collections::BTreeSet;

use hcl_edit::expr::{BinaryOperator, UnaryOperator};

use super::known::Val;

/// An expression and its line.
#[derive(Clone, Debug)]
pub(super) struct Expr {
    pub line: u32,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Value(Val),
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    Template(Vec<Part>),
    Variable(String),
    Get(Box<Expr>, Vec<Step>),
    /// A condition, and the values if it is true and if it is false.
    If(Box<[Expr; 3]>),
    Call {
        name: String,
        arguments: Vec<Expr>,
        /// True if the last argument is a list of further arguments.
        spreads: bool,
    },
    Unary(UnaryOperator, Box<Expr>),
    Binary(BinaryOperator, Box<[Expr; 2]>),
    For(Box<Each>, Box<Made>),
}

/// The collection and the names of a `for`.
#[derive(Clone, Debug)]
pub(super) struct Each {
    pub key: Option<String>,
    pub value: String,
    pub of: Expr,
    pub only: Option<Expr>,
}

/// What a `for` makes of each element.
#[derive(Clone, Debug)]
pub(super) struct Made {
    /// The key, where it makes a map.
    pub key: Option<Expr>,
    pub value: Expr,
    pub grouped: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Field(String),
    Index(Expr),
    /// Takes the steps that follow from each element.
    Splat,
}

/// A part of a template.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Text(String),
    Value(Expr),
    If(Expr, Vec<Part>, Vec<Part>),
    For(Box<Each>, Vec<Part>),
}

impl Expr {
    pub fn new(line: u32, kind: Kind) -> Self {
        Self { line, kind }
    }

    pub fn text(line: u32, text: impl Into<String>) -> Self {
        Self::new(line, Kind::Value(Val::Text(text.into())))
    }

    /// The text up to the first variable.
    pub fn leading(&self) -> &str {
        match &self.kind {
            Kind::Value(Val::Text(text)) => text,
            Kind::Template(parts) => match parts.first() {
                Some(Part::Text(text)) => text,
                _ => "",
            },
            _ => "",
        }
    }

    /// Returns a bare name: the type of a variable, a parameter. In JSON it is a text.
    pub fn keyword(&self) -> Option<&str> {
        match &self.kind {
            Kind::Variable(name) | Kind::Value(Val::Text(name)) => Some(name),
            _ => None,
        }
    }

    /// The names of variables in it.
    pub fn names(&self) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        self.collect(&mut out);
        out
    }

    fn collect(&self, out: &mut BTreeSet<String>) {
        match &self.kind {
            Kind::Value(_) => {}
            Kind::Variable(name) => {
                out.insert(name.clone());
            }
            Kind::List(items) => items.iter().for_each(|it| it.collect(out)),
            Kind::Map(pairs) => pairs.iter().for_each(|(_, it)| it.collect(out)),
            Kind::Template(parts) => collect(parts, out),
            Kind::Get(of, steps) => {
                of.collect(out);
                for step in steps {
                    if let Step::Index(index) = step {
                        index.collect(out);
                    }
                }
            }
            Kind::If(parts) => parts.iter().for_each(|it| it.collect(out)),
            Kind::Call { arguments, .. } => arguments.iter().for_each(|it| it.collect(out)),
            Kind::Unary(_, of) => of.collect(out),
            Kind::Binary(_, both) => both.iter().for_each(|it| it.collect(out)),
            Kind::For(each, made) => {
                each.of.collect(out);
                made.value.collect(out);
            }
        }
    }
}

fn collect(parts: &[Part], out: &mut BTreeSet<String>) {
    for part in parts {
        match part {
            Part::Text(_) => {}
            Part::Value(it) => it.collect(out),
            Part::If(condition, yes, no) => {
                condition.collect(out);
                collect(yes, out);
                collect(no, out);
            }
            Part::For(each, parts) => {
                each.of.collect(out);
                collect(parts, out);
            }
        }
    }
}
