//! A bake file, in HCL or JSON: the targets of `docker buildx bake`, with what each
//! inherits (docs.docker.com/build/bake/reference).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::hcl;
use super::raw::{Entry, Expression, File, Raw, Value};
use super::targets::{Target, Targets, annotation};
use super::text::SourceError;
use crate::image::json;

/// How deep targets may inherit.
const MAX_INHERITED: usize = 32;

impl Targets {
    /// Reads HCL.
    ///
    /// # Errors
    /// Where it is none, or has too many targets.
    pub fn of_hcl(text: &str) -> Result<Self, SourceError> {
        Self::of_bake(&hcl::file(text)?)
    }

    /// Reads JSON; `None` where it is something else.
    ///
    /// # Errors
    /// Where it is no JSON, nested too deep, or has too many targets.
    pub fn of_bake_json(bytes: &[u8]) -> Result<Option<Self>, SourceError> {
        let Ok(document) = json::parse::<Map<String, Json>>(bytes) else {
            json::parse::<Json>(bytes)?;
            return Ok(None);
        };
        let Some(targets) = document.get("target").and_then(Json::as_object) else {
            return Ok(None);
        };
        let mut file = File::default();
        for (name, fields) in targets {
            let fields = fields.as_object().into_iter().flatten();
            let fields = fields.filter_map(|(key, value)| Some((key.clone(), expression(value)?)));
            let raw = Raw {
                line: 1,
                fields: fields.collect(),
            };
            file.targets.insert(name.clone(), raw);
        }
        let groups = document.get("group").and_then(Json::as_object);
        for group in groups.into_iter().flat_map(Map::values) {
            let targets = group.get("targets").and_then(Json::as_array);
            let names = targets.into_iter().flatten().filter_map(Json::as_str);
            file.grouped.extend(names.map(str::to_owned));
        }
        Self::of_bake(&file).map(Some)
    }

    fn of_bake(file: &File) -> Result<Self, SourceError> {
        Self::counted(file.targets.len())?;
        let bases: BTreeSet<&str> = file
            .targets
            .values()
            .flat_map(|raw| raw.inherits())
            .collect();
        let mut targets = Self::default();
        for (name, raw) in &file.targets {
            let only_base = bases.contains(name.as_str()) && !file.grouped.contains(name);
            if only_base || name.starts_with('_') {
                continue;
            }
            let mut target = Target {
                noun: "target",
                name: name.clone(),
                is_whole: true,
                ..Target::default()
            };
            let mut fields = BTreeMap::new();
            file.collect(name, &mut fields, &mut target.is_whole, &mut Vec::new());
            target.line = raw.line;
            if let Err(error) = target.fill(fields) {
                let text = format!("target {name}: {error}");
                targets.notes.push(("dockerfile-not-read", text));
            }
            targets.all.push(target);
        }
        Ok(targets)
    }
}

impl Raw {
    fn inherits(&self) -> impl Iterator<Item = &str> {
        let names = match self.fields.get("inherits") {
            Some(Expression::List(names)) => names.as_slice(),
            _ => &[],
        };
        names.iter().filter_map(|(_, value, _)| match value {
            Value::Literal(name) => Some(name.as_str()),
            Value::Made(_) => None,
        })
    }
}

impl File {
    /// A target's fields over those that it inherits, the last of those first.
    fn collect(
        &self,
        name: &str,
        fields: &mut BTreeMap<String, Expression>,
        is_whole: &mut bool,
        above: &mut Vec<String>,
    ) {
        let Some(raw) = self.targets.get(name) else {
            *is_whole = false;
            return;
        };
        if above.iter().any(|other| other == name) || above.len() >= MAX_INHERITED {
            return;
        }
        above.push(name.to_owned());
        match raw.fields.get("inherits") {
            Some(Expression::List(names)) => {
                // Each base is worked in once: what comes again changes nothing.
                for (_, base, _) in names.iter().take(MAX_INHERITED) {
                    match base {
                        Value::Literal(base) => self.collect(base, fields, is_whole, above),
                        Value::Made(_) => *is_whole = false,
                    }
                }
            }
            Some(_) => *is_whole = false,
            None => {}
        }
        for (key, value) in &raw.fields {
            match (fields.get_mut(key), value) {
                (Some(Expression::Map(known)), Expression::Map(new)) => {
                    known.retain(|entry| !new.iter().any(|other| other.key == entry.key));
                    known.extend(new.iter().cloned());
                }
                (Some(Expression::List(known)), Expression::List(new)) if key == "annotations" => {
                    known.extend(new.iter().cloned());
                }
                _ => {
                    fields.insert(key.clone(), value.clone());
                }
            }
        }
    }
}

impl Target {
    fn fill(&mut self, mut fields: BTreeMap<String, Expression>) -> Result<(), String> {
        for (key, list) in [("args", &mut self.arguments), ("labels", &mut self.labels)] {
            match fields.remove(key) {
                Some(Expression::Map(entries)) => *list = entries,
                Some(_) => self.is_whole = false,
                None => {}
            }
        }
        match fields.remove("annotations") {
            Some(Expression::List(texts)) => {
                let annotations = texts.into_iter().map(annotation);
                self.annotations = annotations.flatten().collect();
            }
            Some(_) => self.is_whole = false,
            None => {}
        }
        if let Some(Expression::List(platforms)) = fields.get("platforms") {
            self.platforms = Some(platforms.len());
        }
        if let Some(Expression::Map(contexts)) = fields.remove("contexts") {
            self.contexts = contexts;
        }
        let line = self.line;
        let mut literal = |key: &str| match fields.remove(key) {
            Some(Expression::One(Value::Literal(text), line)) => Some(Some((text, line))),
            Some(_) => None,
            None => Some(None),
        };
        self.stage = literal("target").flatten().map(|(text, _)| text);
        let inline = literal("dockerfile-inline");
        let file = literal("dockerfile").map(|it| it.map_or("Dockerfile".to_owned(), |it| it.0));
        let context = literal("context").map(|it| it.unwrap_or((".".to_owned(), line)));
        self.context = context.clone().map(|(text, line)| Entry {
            key: "context".to_owned(),
            value: Value::Literal(text),
            line,
        });
        let context = context.as_ref().map(|(text, _)| text.as_str());
        self.dockerfile(inline, context, file.as_deref())
    }
}

fn expression(value: &Json) -> Option<Expression> {
    let one = |value: &Json| -> Option<Value> {
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Number(_) | Json::Bool(_) => value.to_string(),
            _ => return None,
        };
        Some(match text.contains("${") || text.contains("%{") {
            true => Value::Made(hcl::identifiers(&text)),
            false => Value::Literal(text),
        })
    };
    match value {
        Json::Array(list) => {
            let items = list.iter().filter_map(|item| {
                let text = item.as_str().unwrap_or_default();
                let before = text.split("${").next().unwrap_or_default();
                Some((before.to_owned(), one(item)?, 1))
            });
            Some(Expression::List(items.collect()))
        }
        Json::Object(map) => {
            let entries = map.iter().filter_map(|(key, value)| {
                Some(Entry {
                    key: key.clone(),
                    value: one(value)?,
                    line: 1,
                })
            });
            Some(Expression::Map(entries.collect()))
        }
        other => one(other).map(|value| Expression::One(value, 1)),
    }
}
