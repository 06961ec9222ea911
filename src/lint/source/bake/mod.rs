//! A bake file, in HCL or JSON, or several as one: the targets of `docker buildx bake`, as
//! bake resolves them (docs.docker.com/build/bake/reference; github.com/docker/buildx,
//! bake/hclparser).

mod eval;
mod expr;
mod fields;
mod file;
mod functions;
mod hcl;
mod json;
mod known;
mod loops;
mod matrix;
mod operators;
mod resolve;
mod target;
mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value as Json;

pub use self::resolve::Override;

use self::eval::{Evaluator, Wrong};
use self::expr::Expr;
use self::fields::{Field, Reader, reasons};
use self::file::{Block, File};
use self::known::{Known, Val};
use self::resolve::{Own, Resolver, over};
use super::targets::{Target, Targets};
use super::text::SourceError;
use super::yaml;
use crate::image::json as strict;

/// The most reasons that are reported.
const MOST_REASONS: usize = 20;

/// The options of bake's command line beside the file.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `--file`: more files, each merged over those before it.
    pub files: Vec<PathBuf>,
    /// `--set`.
    pub overrides: Vec<Override>,
    /// `--var`.
    pub variables: BTreeMap<String, String>,
}

impl Asked {
    /// Says which options change nothing, since the file has no such target or variable.
    fn idle(&self, targets: &BTreeMap<String, Own>, file: &File) -> Vec<String> {
        let is_set = |set: &&Override| !targets.keys().any(|name| set.is_for(name));
        let sets = self.overrides.iter().filter(is_set);
        let sets = sets.map(|set| format!("--set {}: the file has no such target", set.targets()));
        let unknown = self.variables.keys();
        let unknown = unknown.filter(|name| !file.variables.contains_key(*name));
        sets.chain(unknown.map(|name| format!("--var {name}: the file has no such variable")))
            .collect()
    }
}

/// Returns true for a bake file in JSON: an object with targets.
#[must_use]
pub fn is_bake_json(document: &Json) -> bool {
    document.get("target").is_some_and(Json::is_object)
}

impl Targets {
    /// Reads bake files. Merges each over those before it. Counts the lines through all files.
    ///
    /// # Errors
    /// If one is neither HCL nor JSON, or there are too many targets.
    pub fn of_bake(texts: &[&str], asked: &Asked) -> Result<Self, SourceError> {
        let mut all = File::default();
        let mut before = 0_u32;
        for text in texts {
            all.merge(match text.trim_start().starts_with('{') {
                true => json::file(&document(text)?, before),
                false => hcl::file(text, before)?,
            });
            let lines = u32::try_from(text.split('\n').count()).unwrap_or(u32::MAX);
            before = before.saturating_add(lines);
        }
        if all.targets.is_empty() {
            return Err(SourceError::NoTarget);
        }
        Self::resolved(&all, asked)
    }

    fn resolved(file: &File, asked: &Asked) -> Result<Self, SourceError> {
        Self::counted(file.targets.len())?;
        let mut targets = Self::default();
        let mut wrong = Vec::new();
        let mut evaluator = Evaluator::new(file, &asked.variables);
        variables(file, &mut evaluator, &mut wrong, &mut targets);
        let mut own: BTreeMap<String, Own> = BTreeMap::new();
        let mut families: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut unnamed = BTreeSet::new();
        for (label, block) in &file.targets {
            let cells = matrix::cells(block, &mut evaluator, &mut wrong);
            for cell in cells.unwrap_or_else(|| vec![Vec::new()]) {
                evaluator.locals = cell;
                let mut reader = Reader {
                    evaluator: &mut evaluator,
                    wrong: &mut wrong,
                };
                let name = match block.get("name").map(|name| reader.eval(name).as_text()) {
                    None => label.clone(),
                    Some(Ok(name)) => name,
                    Some(Err(_)) => {
                        unnamed.insert(label.clone());
                        label.clone()
                    }
                };
                let fields = reader.fields(block);
                evaluator.locals.clear();
                families
                    .entry(label.clone())
                    .or_default()
                    .push(name.clone());
                let known = own.entry(name).or_default();
                known.line = if known.line == 0 {
                    block.line
                } else {
                    known.line
                };
                for (key, field) in &fields {
                    over(&mut known.fields, key, field);
                }
                Self::counted(own.len())?;
            }
        }
        let grouped = grouped(file, &families, &mut evaluator, &mut wrong);
        targets.judge(&own, &grouped, &unnamed, asked);
        let idle = asked.idle(&own, file).into_iter();
        let idle = idle.map(|text| ("bake-option-unused", text));
        targets.notes.extend(idle);
        for Wrong { line, reason } in reasons(wrong).into_iter().take(MOST_REASONS) {
            let text = format!("line {line}: {reason}; values that use it are unknown");
            targets.notes.push(("recipe-read-in-part", text));
        }
        Ok(targets)
    }

    /// Fills the targets that are built, and not only inherited from.
    fn judge(
        &mut self,
        own: &BTreeMap<String, Own>,
        grouped: &BTreeSet<String>,
        unnamed: &BTreeSet<String>,
        asked: &Asked,
    ) {
        let bases: BTreeSet<&str> = own.values().flat_map(inherits).collect();
        let mut resolver = Resolver::new(own, &asked.overrides);
        for (name, raw) in own {
            let only_base = bases.contains(name.as_str()) && !grouped.contains(name);
            if only_base || name.starts_with('_') {
                continue;
            }
            let Some(fields) = resolver.fields(name, 0) else {
                continue;
            };
            if !target::is_image(&fields) {
                continue;
            }
            let mut target = Target {
                noun: "target",
                name: name.clone(),
                line: raw.line,
                is_whole: !unnamed.contains(name),
                ..Target::default()
            };
            if let Err(error) = target::fill(&mut target, fields) {
                let text = format!("target {name}: {error}");
                self.notes.push(("dockerfile-not-read", text));
            }
            self.all.push(target);
        }
    }
}

/// Returns a document with its lines. YAML does not read all JSON; such a document has one line.
fn document(text: &str) -> Result<yaml::Node, SourceError> {
    let strict: Json = strict::parse(text.as_bytes())?;
    Ok(yaml::parse(text).unwrap_or_else(|_| yaml::Node::of_json(&strict)))
}

fn inherits(own: &Own) -> impl Iterator<Item = &str> {
    let items = match own.fields.get("inherits") {
        Some(Field::List(items)) => items.as_slice(),
        _ => &[],
    };
    items.iter().filter_map(|item| item.value.usual())
}

/// Evaluates and checks the variables first, to report each error once.
fn variables(
    file: &File,
    evaluator: &mut Evaluator,
    wrong: &mut Vec<Wrong>,
    targets: &mut Targets,
) {
    for (name, block) in &file.variables {
        let expr = Expr::new(block.line, expr::Kind::Variable(name.clone()));
        let value = match evaluator.eval(&expr) {
            Ok(value) => value,
            Err(error) => {
                wrong.push(error);
                continue;
            }
        };
        for validation in &block.validations {
            if let Some(text) = refused(name, &value, validation, evaluator) {
                targets.notes.push(("bake-variable-refused", text));
            }
        }
    }
}

/// Returns bake's error for a variable that fails a validation.
fn refused(
    name: &str,
    value: &Known,
    validation: &Block,
    evaluator: &mut Evaluator,
) -> Option<String> {
    let condition = evaluator.eval(validation.get("condition")?).ok()?;
    if condition.val != Val::Bool(false) {
        return None;
    }
    let message = validation.get("error_message");
    let message = message.and_then(|it| evaluator.eval(it).ok()?.as_text().ok());
    let how = match value.names.is_empty() {
        true => "with this value",
        false => "unless it is set from outside",
    };
    Some(format!(
        "line {}: bake refuses the variable {name} {how}: {}",
        validation.line,
        message.unwrap_or_else(|| "its validation fails".to_owned())
    ))
}

/// Returns the targets that groups name, with those of a matrix.
fn grouped(
    file: &File,
    families: &BTreeMap<String, Vec<String>>,
    evaluator: &mut Evaluator,
    wrong: &mut Vec<Wrong>,
) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (_, group) in &file.groups {
        let mut reader = Reader { evaluator, wrong };
        let Some(Field::List(items)) = reader.fields(group).remove("targets") else {
            continue;
        };
        for name in items.iter().filter_map(|item| item.value.usual()) {
            out.extend(families.get(name).into_iter().flatten().cloned());
            out.insert(name.to_owned());
        }
    }
    out
}
