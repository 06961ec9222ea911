//! A bake file in JSON (github.com/hashicorp/hcl, json/spec.md): texts are templates, and a
//! block is an object by the names of its labels.

use super::expr::{Expr, Kind};
use super::file::{Block, File, Section};
use super::hcl;
use super::known::Val;
use crate::lint::source::yaml::{Node, Yaml};

/// Reads a document whose lines come after `before` others.
pub(super) fn file(root: &Node, before: u32) -> File {
    let reader = Reader { before };
    let mut file = File::default();
    for (key, _, node) in root.entries() {
        match Section::of(key) {
            Some(section) => {
                for (label, line, node) in node.entries() {
                    // A list has several blocks of one name.
                    for block in node.items_or_self() {
                        file.add(section, label, reader.block(block, *line));
                    }
                }
            }
            None => drop(file.attributes.insert(key.clone(), reader.expr(node))),
        }
    }
    file
}

struct Reader {
    before: u32,
}

impl Reader {
    fn block(&self, node: &Node, line: u32) -> Block {
        let mut block = Block {
            line: line.saturating_add(self.before),
            ..Block::default()
        };
        for (key, line, value) in node.entries() {
            if key == "validation" {
                let all = value.items_or_self().iter();
                let all = all.map(|it| self.block(it, *line));
                block.validations.extend(all);
            } else {
                block.fields.push((key.clone(), self.expr(value)));
            }
        }
        block
    }

    fn expr(&self, node: &Node) -> Expr {
        let line = node.line.saturating_add(self.before);
        let kind = match &node.value {
            Yaml::Null => Kind::Value(Val::Null),
            Yaml::Text(text) if text.contains("${") || text.contains("%{") => {
                match hcl::template(text, line) {
                    Ok(expr) => return expr,
                    Err(_) => Kind::Value(Val::Unknown),
                }
            }
            Yaml::Text(text) => Kind::Value(Val::Text(text.clone())),
            Yaml::List(items) => Kind::List(items.iter().map(|it| self.expr(it)).collect()),
            Yaml::Map(entries) => {
                let pairs = entries.iter().map(|(key, line, value)| {
                    let line = line.saturating_add(self.before);
                    (Expr::text(line, key.clone()), self.expr(value))
                });
                Kind::Map(pairs.collect())
            }
        };
        Expr::new(line, kind)
    }
}
