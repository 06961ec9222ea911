//! A bake file, in HCL or JSON: the targets of `docker buildx bake`, with what each
//! inherits (docs.docker.com/build/bake/reference).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Map, Value as Json};

use super::dockerfile::Dockerfile;
use super::hcl;
use super::raw::{Entry, Expression, File, Raw, Value};
use super::text::SourceError;
use crate::image::json;

/// How deep targets may inherit.
const MAX_INHERITED: usize = 32;
/// More targets than any bake file has.
const MAX_TARGETS: usize = 256;

/// A bake file, worked through.
#[derive(Clone, Debug, Default)]
pub struct Bake {
    /// The targets that can be built. One whose name starts with `_`, or that others only
    /// inherit from, is none.
    pub targets: Vec<Target>,
}

/// One target, with what it inherits.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub line: u32,
    /// False where a part of it is made by an expression that is not worked out here, or
    /// comes from another file: what is not seen may be there.
    pub is_whole: bool,
    /// Build arguments.
    pub arguments: Vec<Entry>,
    /// Labels.
    pub labels: Vec<Entry>,
    /// Annotations.
    pub annotations: Vec<Annotation>,
    /// How many platforms it is built for, where that is written out.
    pub platforms: Option<usize>,
    /// The stage of the Dockerfile.
    pub stage: Option<String>,
    /// The Dockerfile's path from the bake file's directory, where it is written out.
    pub path: Option<String>,
    /// The Dockerfile in the bake file itself, and after reading the one at `path`.
    pub file: Option<Rc<Dockerfile>>,
}

/// An annotation: `index,manifest:KEY=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// `index`, `manifest`, `index-descriptor`, …, perhaps with `[PLATFORM]`; without any
    /// it is for the manifest.
    pub levels: Vec<String>,
    /// The annotation, and what it is set to.
    pub entry: Entry,
}

impl Bake {
    /// Reads HCL.
    ///
    /// # Errors
    /// Where it is none, or has too many targets.
    pub fn parse_hcl(text: &str) -> Result<Self, SourceError> {
        Self::of(&hcl::file(text)?)
    }

    /// Reads JSON; `None` where it is something else.
    ///
    /// # Errors
    /// Where it is no JSON, nested too deep, or has too many targets.
    pub fn parse_json(bytes: &[u8]) -> Result<Option<Self>, SourceError> {
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
        Self::of(&file).map(Some)
    }

    fn of(file: &File) -> Result<Self, SourceError> {
        if file.targets.len() > MAX_TARGETS {
            let text = format!("it has more than {MAX_TARGETS} targets");
            return Err(SourceError::Hcl(text));
        }
        let bases: BTreeSet<&str> = file
            .targets
            .values()
            .flat_map(|raw| raw.inherits())
            .collect();
        let mut bake = Self::default();
        for (name, raw) in &file.targets {
            let only_base = bases.contains(name.as_str()) && !file.grouped.contains(name);
            if only_base || name.starts_with('_') {
                continue;
            }
            let mut target = Target {
                name: name.clone(),
                is_whole: true,
                ..Target::default()
            };
            let mut fields = BTreeMap::new();
            file.collect(name, &mut fields, &mut target.is_whole, &mut Vec::new());
            target.fill(fields);
            target.line = raw.line;
            bake.targets.push(target);
        }
        Ok(bake)
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
    fn fill(&mut self, mut fields: BTreeMap<String, Expression>) {
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
        let mut literal = |key: &str| match fields.remove(key) {
            Some(Expression::One(Value::Literal(text))) => Some(Some(text)),
            Some(_) => None,
            None => Some(None),
        };
        self.stage = literal("target").flatten();
        let inline = literal("dockerfile-inline");
        let file = literal("dockerfile").map(|it| it.unwrap_or_else(|| "Dockerfile".to_owned()));
        let context = literal("context").map(|it| it.unwrap_or_else(|| ".".to_owned()));
        match inline {
            Some(Some(text)) => self.file = Dockerfile::parse(&text).ok().map(Rc::new),
            Some(None) => self.path = context.zip(file).and_then(|(a, b)| inside(&a, &b)),
            None => {}
        }
    }
}

/// A path below the bake file's own directory; `None` for any other, and for URLs.
fn inside(context: &str, file: &str) -> Option<String> {
    let parts = context.split('/').chain(file.split('/'));
    let parts: Vec<&str> = parts.filter(|part| !matches!(*part, "" | ".")).collect();
    let plain = !context.starts_with('/')
        && !file.starts_with('/')
        && !context.contains("://")
        && !parts.contains(&"..");
    plain.then(|| parts.join("/"))
}

/// Reads `index,manifest:KEY=VALUE`; `None` where the key is not written out.
fn annotation((text, value, line): (String, Value, u32)) -> Option<Annotation> {
    let (front, literal) = text.split_once('=')?;
    // Levels stand before a colon that comes before the key; keys have none as a rule.
    let (levels, key) = match front.split_once(':') {
        Some((levels, key)) => (levels.split(',').map(str::to_owned).collect(), key),
        None => (Vec::new(), front),
    };
    let value = match value {
        Value::Literal(_) => Value::Literal(literal.to_owned()),
        made @ Value::Made(_) => made,
    };
    Some(Annotation {
        levels,
        entry: Entry {
            key: key.to_owned(),
            value,
            line,
        },
    })
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
        other => one(other).map(Expression::One),
    }
}
