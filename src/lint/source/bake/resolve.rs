//! Targets with their inherited fields and with overrides (github.com/docker/buildx, bake/bake.go).

use std::collections::BTreeMap;

use super::fields::{Field, Fields, Item};
use crate::contracts::glob_matches;
use crate::lint::source::raw::{Entry, Value};

/// A target by its own blocks.
#[derive(Clone, Debug, Default)]
pub(super) struct Own {
    pub line: u32,
    pub fields: Fields,
}

/// `--set TARGET.KEY=VALUE` of bake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    targets: String,
    key: String,
    name: Option<String>,
    adds: bool,
    value: String,
}

impl Override {
    /// Reads one.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text} is not TARGET.KEY=VALUE, as in app.args.COMMIT=9a43e5c");
        let (key, value) = text.split_once('=').ok_or_else(wrong)?;
        let (key, adds) = match key.strip_suffix('+') {
            Some(key) => (key, true),
            None => (key, false),
        };
        let mut parts = key.splitn(3, '.');
        let (targets, key) = parts.next().zip(parts.next()).ok_or_else(wrong)?;
        let name = parts.next();
        let named = matches!(key, "args" | "labels" | "contexts");
        if targets.is_empty() || key.is_empty() || named != name.is_some_and(|it| !it.is_empty()) {
            return Err(wrong());
        }
        Ok(Self {
            targets: targets.to_owned(),
            // Only this key has another name in the file.
            key: if key == "platform" { "platforms" } else { key }.to_owned(),
            name: name.map(str::to_owned),
            adds,
            value: value.to_owned(),
        })
    }

    /// The names of the targets, with `*` for any.
    pub(super) fn targets(&self) -> &str {
        &self.targets
    }

    pub(super) fn is_for(&self, target: &str) -> bool {
        glob_matches(&self.targets, target)
    }

    fn apply(&self, fields: &mut Fields, line: u32) {
        let value = Value::Literal(self.value.clone());
        let key = self.key.clone();
        if let Some(name) = &self.name {
            let entry = Entry::new(name, value, line);
            over(fields, &key, &Field::Map(vec![entry]));
            return;
        }
        if !matches!(
            key.as_str(),
            "tags" | "platforms" | "attest" | "annotations" | "output"
        ) {
            fields.insert(key, Field::One(value, line));
            return;
        }
        let item = Item {
            leading: self.value.clone(),
            value,
            line,
        };
        match fields.get_mut(&key) {
            // Attestations are joined.
            Some(Field::List(items)) if self.adds || key == "attest" => items.push(item),
            _ => drop(fields.insert(key, Field::List(vec![item]))),
        }
    }
}

/// Merges a field over another. Maps are joined, and the lists of some fields.
pub(super) fn over(fields: &mut Fields, key: &str, new: &Field) {
    match (fields.get_mut(key), new) {
        (Some(Field::Map(known)), Field::Map(new)) => {
            known.retain(|entry| !new.iter().any(|other| other.key == entry.key));
            known.extend(new.iter().cloned());
        }
        (Some(Field::List(known)), Field::List(new))
            if matches!(key, "annotations" | "attest" | "inherits") =>
        {
            for item in new {
                if !known.contains(item) {
                    known.push(item.clone());
                }
            }
        }
        // A map that is merged with an unknown one is unknown.
        (Some(known @ Field::Map(_)), Field::Unknown) => *known = Field::Unknown,
        _ => {
            fields.insert(key.to_owned(), new.clone());
        }
    }
}

/// All targets with what they inherit.
pub(super) struct Resolver<'t> {
    pub own: &'t BTreeMap<String, Own>,
    pub overrides: &'t [Override],
    /// `None` while a target is resolved.
    done: BTreeMap<String, Option<Fields>>,
}

/// How deep targets may inherit.
const DEEPEST: usize = 32;

impl<'t> Resolver<'t> {
    pub fn new(own: &'t BTreeMap<String, Own>, overrides: &'t [Override]) -> Self {
        Self {
            own,
            overrides,
            done: BTreeMap::new(),
        }
    }

    /// Returns a target's fields, merged over those that it inherits. `None` for an unknown target. A field
    /// that an unknown base may set is `?`.
    pub fn fields(&mut self, name: &str, depth: usize) -> Option<Fields> {
        if let Some(done) = self.done.get(name) {
            // A circle of targets ends here.
            return Some(done.clone().unwrap_or_default());
        }
        let own = self.own.get(name).filter(|_| depth < DEEPEST)?;
        self.done.insert(name.to_owned(), None);
        let mut fields = Fields::new();
        let (bases, mut is_known): (&[Item], bool) = match own.fields.get("inherits") {
            Some(Field::List(items)) => (items, true),
            other => (&[], other.is_none()),
        };
        for base in bases {
            let base = base.value.usual();
            let base = base.and_then(|base| self.fields(base, depth.saturating_add(1)));
            let base = base.unwrap_or_default();
            // A target without fields, or with tags for local builds, is filled by a file that is not here.
            // docker/metadata-action writes one (its README, bake definition).
            is_known &= base.keys().any(|key| key != "tags");
            base.iter().for_each(|(key, it)| over(&mut fields, key, it));
        }
        if !is_known {
            fields.insert("?".to_owned(), Field::Unknown);
        }
        for (key, field) in &own.fields {
            over(&mut fields, key, field);
        }
        for set in self.overrides {
            if set.is_for(name) {
                set.apply(&mut fields, own.line);
            }
        }
        self.done.insert(name.to_owned(), Some(fields.clone()));
        Some(fields)
    }
}
