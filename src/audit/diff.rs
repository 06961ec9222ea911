//! What two images differ in.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::record::Record;
use crate::provenance::{self, Ancestor, Provenance};

/// The schema of a diff.
pub const SCHEMA: &str = "sqsh-prov-diff/1";

/// What is compared, by section and name. A section that a side does not know is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// What the side is called.
    pub name: String,
    sections: BTreeMap<&'static str, BTreeMap<String, String>>,
}

/// What two images differ in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Diff {
    /// Always `sqsh-prov-diff/1`.
    pub schema: String,
    /// The first.
    pub a: String,
    /// The second.
    pub b: String,
    /// True if nothing differs of what both sides know.
    pub equal: bool,
    /// Sections that were not compared, because only one side has them.
    pub not_compared: Vec<String>,
    /// What differs, by section and name.
    pub changes: Vec<Change>,
}

/// One value that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Change {
    /// `inside`, `origin`, `lineage`, `flags`, `environment`, `labels`, `packages`, `runtime`, `os`.
    pub section: String,
    /// The field, variable, label or package.
    pub name: String,
    /// The value of the first image; null if it has none.
    pub a: Option<String>,
    /// The value of the second image; null if it has none.
    pub b: Option<String>,
}

/// What is compared, in the order of the report.
pub const SECTIONS: [&str; 9] = [
    "inside",
    "origin",
    "lineage",
    "flags",
    "environment",
    "labels",
    "packages",
    "runtime",
    "os",
];

impl Side {
    /// What there is to compare of an image.
    #[must_use]
    pub fn of_document(name: String, document: &Provenance) -> Self {
        let mut record = Record::unread(
            document.file.path.clone(),
            super::record::FileFields::default(),
        );
        record.answer(document);
        let mut side = Self::of_record(name, &record);
        let lineage = document.lineage.iter().enumerate();
        side.put(
            "lineage",
            lineage.map(|(number, ancestor)| ((number + 1).to_string(), words(ancestor))),
        );
        let pairs = |map: &BTreeMap<String, String>| map.clone().into_iter();
        let inside = document.inside.iter();
        side.put(
            "inside",
            inside.map(|part| (part.name.clone(), part.version.clone())),
        );
        side.put("flags", pairs(&document.origin.flags));
        side.put("environment", pairs(&document.environment));
        side.put("labels", pairs(&document.labels));
        let mut packages: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for package in &document.packages {
            let mut version = package.version.clone();
            if let Some(commit) = &package.commit {
                version.push_str(" from ");
                version.push_str(commit);
            }
            packages
                .entry(package.name.clone())
                .or_default()
                .push(version);
        }
        side.put(
            "packages",
            packages.into_iter().map(|(name, mut versions)| {
                versions.sort_unstable();
                (name, versions.join(", "))
            }),
        );
        let runtime = &document.runtime;
        let check = runtime.healthcheck.as_ref();
        let json = |words: &[String]| (!words.is_empty()).then(|| format!("{words:?}"));
        let some = |name: &str, value: Option<String>| value.map(|value| (name.to_owned(), value));
        side.put(
            "runtime",
            [
                some("entrypoint", json(&runtime.entrypoint)),
                some("cmd", json(&runtime.cmd)),
                some("workdir", runtime.workdir.clone()),
                some("volumes", json(&runtime.volumes)),
                some("user", runtime.user.clone()),
                some("ports", json(&runtime.ports)),
                some("stop_signal", runtime.stop_signal.clone()),
                some("healthcheck", check.and_then(|check| json(&check.test))),
            ]
            .into_iter()
            .flatten(),
        );
        // Their files were not read: what stands in them is not known.
        if !document.file.format.is_imported() && document.packages.is_empty() {
            side.sections.remove("inside");
            side.sections.remove("packages");
        }
        side
    }

    /// What there is to compare of a line of an audit report.
    #[must_use]
    pub fn of_record(name: String, record: &Record) -> Self {
        let mut side = Self {
            name,
            ..Self::default()
        };
        let Some(origin) = &record.origin else {
            return side;
        };
        let mut fields = Vec::new();
        let mut os = Vec::new();
        if let Ok(serde_json::Value::Object(values)) = provenance::to_value(origin) {
            for (name, value) in values {
                let text = match value {
                    serde_json::Value::Null => continue,
                    serde_json::Value::String(text) => text,
                    other => other.to_string(),
                };
                match name.as_str() {
                    "os" | "architecture" => os.push((name, text)),
                    _ => fields.push((name, text)),
                }
            }
        }
        side.put("origin", fields.into_iter());
        side.put("os", os.into_iter());
        side
    }

    fn put(&mut self, section: &'static str, values: impl Iterator<Item = (String, String)>) {
        self.sections.entry(section).or_default().extend(values);
    }
}

fn words(ancestor: &Ancestor) -> String {
    let name = ancestor.product.as_ref().or(ancestor.publisher.as_ref());
    let parts = [
        &name.cloned(),
        &ancestor.version,
        &ancestor.commit,
        &ancestor.reference,
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(" ")
}

/// Compares what both sides know.
#[must_use]
pub fn diff(a: &Side, b: &Side) -> Diff {
    let mut changes = Vec::new();
    let mut not_compared = Vec::new();
    for section in SECTIONS {
        let (one, other) = match (a.sections.get(section), b.sections.get(section)) {
            (Some(one), Some(other)) => (one, other),
            _ => {
                not_compared.push(section.to_owned());
                continue;
            }
        };
        let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let (one, other) = (one.get(name), other.get(name));
            // A file says which system it is; a configuration says the architecture alone.
            let is_unread = name == "os" && (one.is_none() || other.is_none());
            if one != other && !(is_unread && not_compared.iter().any(|it| it == "packages")) {
                changes.push(Change {
                    section: section.to_owned(),
                    name: name.clone(),
                    a: one.cloned(),
                    b: other.cloned(),
                });
            }
        }
    }
    Diff {
        schema: SCHEMA.to_owned(),
        a: a.name.clone(),
        b: b.name.clone(),
        equal: changes.is_empty(),
        not_compared,
        changes,
    }
}

/// A value that is not the same in all of several images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its section and name, `labels.KEY`.
    pub field: String,
    /// The value of each image, in their order.
    pub values: Vec<Option<String>>,
}

/// What is not the same in all of these images, in the order of the sections.
#[must_use]
pub fn among(sides: &[Side]) -> Vec<Difference> {
    let mut found = Vec::new();
    for section in SECTIONS {
        let maps = sides.iter().map(|side| side.sections.get(section));
        let maps: Vec<_> = maps.collect();
        let names: BTreeSet<&String> = maps.iter().flatten().flat_map(|map| map.keys()).collect();
        for name in names {
            let values = maps.iter().map(|map| map.and_then(|map| map.get(name)));
            let values: Vec<Option<&String>> = values.collect();
            if values.windows(2).any(|pair| pair.first() != pair.last()) {
                found.push(Difference {
                    field: format!("{section}.{name}"),
                    values: values.into_iter().map(Option::<&String>::cloned).collect(),
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn side(document: &Provenance) -> Side {
        Side::of_document("x".to_owned(), document)
    }

    #[test]
    fn an_image_does_not_differ_from_itself() {
        let release = side(&samples::release());
        assert!(diff(&release, &release).equal);
    }

    #[test]
    fn every_change_has_its_section_and_name() {
        let mut other = samples::release();
        other.environment.insert("NEW".to_owned(), "1".to_owned());
        other.origin.version = None;
        other.packages.clear();
        let found = diff(&side(&samples::release()), &side(&other));
        let has = |section: &str, name: &str| {
            found
                .changes
                .iter()
                .any(|change| change.section == section && change.name == name)
        };
        assert!(!found.equal);
        assert!(has("environment", "NEW") && has("origin", "version"));
        assert!(
            found
                .changes
                .iter()
                .any(|c| c.section == "packages" && c.b.is_none())
        );
    }

    #[test]
    fn what_a_report_does_not_hold_is_not_compared() {
        let document = samples::release();
        let path = document.file.path.clone();
        let mut record = Record::unread(path, super::super::record::FileFields::default());
        record.answer(&document);
        let saved = Side::of_record("saved".to_owned(), &record);
        let found = diff(&side(&document), &saved);
        assert!(found.not_compared.contains(&"packages".to_owned()));
        assert!(found.equal, "{:?}", found.changes);
    }
}
