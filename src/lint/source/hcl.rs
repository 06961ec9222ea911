//! The targets of a bake file in HCL, as they stand there. Values that are made of
//! variables and functions are not worked out: which they are made of is what counts.

use std::collections::BTreeSet;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression as Hcl, ObjectKey};
use hcl_edit::structure::{Block, Body};
use hcl_edit::template::Element;

use super::raw::{Entry, Expression, File, Raw, Value};
use super::text::{SourceError, line_of};

pub(super) fn file(text: &str) -> Result<File, SourceError> {
    let body: Body = text
        .parse()
        .map_err(|error: hcl_edit::parser::Error| SourceError::Hcl(error.to_string()))?;
    let mut file = File::default();
    for block in body.blocks() {
        let name = block.labels.first().map(|label| label.as_str().to_owned());
        match (block.ident.as_str(), name) {
            ("target", Some(name)) => {
                let raw = file.targets.entry(name).or_insert_with(|| Raw {
                    line: line(text, block),
                    ..Raw::default()
                });
                for attribute in block.body.attributes() {
                    let value = expression(text, &attribute.value);
                    raw.fields.insert(attribute.key.as_str().to_owned(), value);
                }
            }
            ("group", _) => {
                for attribute in block.body.attributes() {
                    let value = expression(text, &attribute.value);
                    if let Expression::List(names) = value {
                        let names = names.into_iter().filter_map(|(_, value, _)| match value {
                            Value::Literal(name) => Some(name),
                            Value::Made(_) => None,
                        });
                        file.grouped.extend(names);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(file)
}

fn line(text: &str, block: &Block) -> u32 {
    line_of(text, block.span().map_or(0, |span| span.start))
}

fn line_of_expression(text: &str, expression: &Hcl) -> u32 {
    line_of(text, expression.span().map_or(0, |span| span.start))
}

fn expression(text: &str, value: &Hcl) -> Expression {
    match value {
        Hcl::Array(list) => Expression::List(
            list.iter()
                .map(|item| {
                    let line = line_of_expression(text, item);
                    (leading(item), one(item), line)
                })
                .collect(),
        ),
        Hcl::Object(map) => {
            let entries = map.iter().filter_map(|(key, value)| {
                let line = line_of_expression(text, value.expr());
                let key = match key {
                    ObjectKey::Ident(ident) => ident.as_str().to_owned(),
                    ObjectKey::Expression(expression) => expression.as_str()?.to_owned(),
                };
                // A null takes the key away.
                (!value.expr().is_null()).then(|| Entry {
                    key,
                    value: one(value.expr()),
                    line,
                })
            });
            Expression::Map(entries.collect())
        }
        other => Expression::One(one(other), line_of_expression(text, other)),
    }
}

fn one(value: &Hcl) -> Value {
    match value {
        Hcl::String(text) => Value::Literal(text.value().clone()),
        Hcl::Number(number) => Value::Literal(number.value().to_string()),
        Hcl::Bool(value) => Value::Literal(value.value().to_string()),
        Hcl::HeredocTemplate(heredoc) => {
            let mut elements = heredoc.template.iter();
            if elements.any(|element| !matches!(element, Element::Literal(_))) {
                return Value::Made(identifiers(&value.to_string()));
            }
            Value::Literal(heredoc.template.to_string())
        }
        other => Value::Made(identifiers(&other.to_string())),
    }
}

/// The text up to the first variable.
fn leading(value: &Hcl) -> String {
    match value {
        Hcl::String(text) => text.value().clone(),
        Hcl::StringTemplate(template) => match template.iter().next() {
            Some(Element::Literal(text)) => text.value().clone(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

/// The names in an expression's text: variables, functions, and words of its literals.
pub(super) fn identifiers(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c: char| !is_part(c));
    words
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
        .map(str::to_owned)
        .collect()
}
