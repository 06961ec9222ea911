//! A Compose file: the services that are built (docs.docker.com/reference/compose-file/build).

use std::collections::BTreeSet;

use super::raw::{Entry, Value};
use super::targets::{Target, Targets};
use super::text::SourceError;
use super::yaml::{self, Node, Yaml};

/// The longest chain of services that extend each other.
const DEEPEST: usize = 16;

impl Targets {
    /// Reads the services that are built; `None` for other YAML.
    ///
    /// # Errors
    /// If it is not YAML, or has too many services.
    pub fn of_compose(text: &str) -> Result<Option<Self>, SourceError> {
        let root = yaml::parse(text)?;
        let Some(services) = root.get("services").filter(|it| !it.entries().is_empty()) else {
            return Ok(None);
        };
        Self::counted(services.entries().len())?;
        let mut targets = Self::default();
        if let Some(include) = root.get("include") {
            let line = include.line;
            let text = format!("line {line}: other files are included, which are not read");
            targets.notes.push(("recipe-read-in-part", text));
        }
        for (name, _, service) in services.entries() {
            let mut parts = Parts::default();
            parts.collect(services, name, service, 0);
            let Some(line) = parts.line else { continue };
            let mut target = Target {
                noun: "service",
                name: name.clone(),
                line,
                is_whole: !parts.is_partial,
                ..Target::default()
            };
            if let Err(error) = parts.fill(&mut target) {
                let text = format!("service {name}: {error}");
                targets.notes.push(("dockerfile-not-read", text));
            }
            targets.all.push(target);
        }
        Ok(Some(targets))
    }
}

/// The `build` of a service, over those that it extends.
#[derive(Default)]
struct Parts {
    /// True if a part comes from another file, or is not known.
    is_partial: bool,
    /// The line of `build`; `None` for a service that is not built.
    line: Option<u32>,
    fields: Vec<(String, Node)>,
}

impl Parts {
    /// Collects the fields of the service that this one extends, and then its own over them.
    fn collect(&mut self, services: &Node, name: &str, service: &Node, depth: usize) {
        if depth > DEEPEST {
            self.is_partial = true;
            return;
        }
        if let Some(extends) = service.get("extends") {
            let other = extends.text().or_else(|| extends.get("service")?.text());
            let elsewhere = extends.get("file").is_some();
            match other.and_then(|other| Some((other, services.get(other)?))) {
                Some((other, base)) if !elsewhere && other != name => {
                    self.collect(services, other, base, depth.saturating_add(1));
                }
                _ => self.is_partial = true,
            }
        }
        let Some(build) = service.get("build") else {
            return;
        };
        self.line = Some(build.line);
        match &build.value {
            Yaml::Text(_) => self.set("context", build.clone()),
            Yaml::Map(entries) => {
                for (key, _, value) in entries {
                    self.set(key, value.clone());
                }
            }
            _ => {}
        }
    }

    /// Sets a field. Joins two maps; replaces any other value.
    fn set(&mut self, key: &str, value: Node) {
        let known = self.fields.iter_mut().find(|(own, _)| own == key);
        let mapped = matches!(key, "args" | "labels" | "additional_contexts");
        match known {
            Some((_, known)) if mapped => {
                let mut both = entries(known);
                both.extend(entries(&value));
                let pair = |entry: Entry| (entry.key.clone(), entry.line, scalar(&entry));
                known.value = Yaml::Map(both.into_iter().map(pair).collect());
            }
            Some((_, known)) => *known = value,
            None => self.fields.push((key.to_owned(), value)),
        }
    }

    fn field(&self, key: &str) -> Option<&Node> {
        let (_, found) = self.fields.iter().find(|(own, _)| own == key)?;
        (found.value != Yaml::Null).then_some(found)
    }

    fn fill(&self, target: &mut Target) -> Result<(), String> {
        let list = |key: &str| self.field(key).map(entries).unwrap_or_default();
        target.arguments = last(list("args"));
        target.labels = last(list("labels"));
        target.contexts = last(list("additional_contexts"));
        let platforms = self.field("platforms").map(|it| it.items().len());
        target.platforms = platforms.filter(|count| *count > 0);
        // A variable has its default. A variable without one makes the value unknown.
        let literal = |key: &str| match self.field(key) {
            None => Some(None),
            Some(node) => Some(Some((with_defaults(node.text()?)?, node.line))),
        };
        let stage = literal("target");
        let is_stage_known = stage.is_some();
        target.stage = stage.flatten().map(|(text, _)| text);
        let context = literal("context").map(|it| it.unwrap_or((".".to_owned(), target.line)));
        let entry = |(text, line)| Entry::new("context", Value::Literal(text), line);
        target.context = context.clone().map(entry);
        let file = literal("dockerfile").map(|it| it.map_or("Dockerfile".to_owned(), |it| it.0));
        let context = context.as_ref().map(|(text, _)| text.as_str());
        if !is_stage_known {
            return Err("a variable decides its target: its Dockerfile is not checked".to_owned());
        }
        target.dockerfile(literal("dockerfile_inline"), context, file.as_deref())
    }
}

/// Writes a value as it would be in the file.
fn scalar(entry: &Entry) -> Node {
    let value = match &entry.value {
        Value::Literal(text) => Yaml::Text(text.replace('$', "$$")),
        Value::Default(_, names) | Value::Made(names) => {
            let names: Vec<String> = names.iter().map(|name| format!("${{{name}}}")).collect();
            Yaml::Text(names.concat())
        }
    };
    Node {
        line: entry.line,
        value,
    }
}

/// Returns the last entry of each key.
fn last(entries: Vec<Entry>) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    for entry in entries {
        out.retain(|other| other.key != entry.key);
        out.push(entry);
    }
    out
}

/// Returns the entries of a map, or of a list of `KEY=VALUE`. A key without a value takes it from the
/// environment.
fn entries(node: &Node) -> Vec<Entry> {
    let from_environment = |key: &str| Value::Made(BTreeSet::from([key.to_owned()]));
    match &node.value {
        Yaml::Map(map) => {
            let entries = map.iter().map(|(key, line, node)| {
                let value = node.text().map_or_else(|| from_environment(key), value);
                Entry::new(key, value, *line)
            });
            entries.collect()
        }
        Yaml::List(list) => {
            let entries = list.iter().filter_map(|item| {
                let text = item.text()?;
                Some(match text.split_once('=') {
                    Some((key, text)) => Entry::new(key, value(text), item.line),
                    None => Entry::new(text, from_environment(text), item.line),
                })
            });
            entries.collect()
        }
        _ => Vec::new(),
    }
}

/// Parses a text with variables, `$NAME` and `${NAME:-word}`. `$$` is a dollar sign.
fn value(text: &str) -> Value {
    let mut literal = String::new();
    let mut names = BTreeSet::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '$' {
            literal.push(c);
            continue;
        }
        if chars.next_if_eq(&'$').is_some() {
            literal.push('$');
            continue;
        }
        chars.next_if_eq(&'{');
        let mut name = String::new();
        while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
            name.push(c);
        }
        if name.is_empty() {
            literal.push('$');
        } else {
            names.insert(name);
        }
    }
    match names.is_empty() {
        true => Value::Literal(literal),
        false => Value::Made(names),
    }
}

/// Returns a text with the defaults of its variables; `None` if one has no default.
fn with_defaults(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let inner = after.strip_prefix('{')?;
        let (inner, after) = inner.split_once('}')?;
        let (_, default) = inner.split_once(":-").or_else(|| inner.split_once('-'))?;
        // A default with another variable in it is not evaluated.
        if default.contains('$') {
            return None;
        }
        out.push_str(default);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}
