//! The differences between two images.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::record::{FileFields, Record};
use crate::provenance::{self, Ancestor, Provenance};

/// The schema of a diff.
pub const SCHEMA: &str = "sqsh-prov-diff/1";

/// The values of one image, by section and name. A section that the image does not know is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// The name of the image in the report.
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
    /// Returns the values of an image.
    #[must_use]
    pub fn of_document(name: String, document: &Provenance) -> Self {
        let mut record = Record::unread(document.file.path.clone(), FileFields::default());
        record.answer(document);
        let mut side = Self::of_record(name, &record);
        let lineage = document.lineage.iter().zip(1..);
        let lineage =
            lineage.map(|(ancestor, number): (_, u64)| (number.to_string(), words(ancestor)));
        side.put("lineage", lineage);
        let inside = document.inside.iter();
        let inside = inside.map(|part| (part.name.clone(), part.version.clone()));
        side.put("inside", inside);
        side.put("flags", document.origin.flags.clone());
        side.put("environment", document.environment.clone());
        side.put("labels", document.labels.clone());
        let mut packages: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for package in &document.packages {
            let version = match &package.commit {
                Some(commit) => format!("{} from {commit}", package.version),
                None => package.version.clone(),
            };
            let versions = packages.entry(package.name.clone()).or_default();
            versions.push(version);
        }
        let packages = packages.into_iter().map(|(name, mut versions)| {
            versions.sort_unstable();
            (name, versions.join(", "))
        });
        side.put("packages", packages);
        let runtime = &document.runtime;
        let check = runtime.healthcheck.as_ref();
        let json = |words: &[String]| (!words.is_empty()).then(|| format!("{words:?}"));
        let some = |name: &str, value: Option<String>| value.map(|value| (name.to_owned(), value));
        let fields = [
            some("entrypoint", json(&runtime.entrypoint)),
            some("cmd", json(&runtime.cmd)),
            some("workdir", runtime.workdir.clone()),
            some("volumes", json(&runtime.volumes)),
            some("user", runtime.user.clone()),
            some("ports", json(&runtime.ports)),
            some("stop_signal", runtime.stop_signal.clone()),
            some("healthcheck", check.and_then(|check| json(&check.test))),
        ];
        side.put("runtime", fields.into_iter().flatten());
        // The files of the image were not read, so their content is not known.
        if document.is_without_files() {
            side.sections.remove("inside");
            side.sections.remove("packages");
        }
        side
    }

    /// Returns the values in a line of an audit report.
    #[must_use]
    pub fn of_record(name: String, record: &Record) -> Self {
        let mut side = Self {
            name,
            ..Self::default()
        };
        let Some(origin) = &record.origin else {
            return side;
        };
        side.put("origin", None);
        side.put("os", None);
        if let Ok(serde_json::Value::Object(values)) = provenance::to_value(origin) {
            for (name, value) in values {
                let text = match value {
                    serde_json::Value::Null => continue,
                    serde_json::Value::String(text) => text,
                    other => other.to_string(),
                };
                let section = match name.as_str() {
                    "os" | "architecture" => "os",
                    _ => "origin",
                };
                side.put(section, [(name, text)]);
            }
        }
        side
    }

    fn put(&mut self, section: &'static str, values: impl IntoIterator<Item = (String, String)>) {
        self.sections.entry(section).or_default().extend(values);
    }
}

fn words(ancestor: &Ancestor) -> String {
    let name = ancestor
        .product
        .as_deref()
        .or(ancestor.publisher.as_deref());
    let parts = [&ancestor.version, &ancestor.commit, &ancestor.reference];
    let parts = parts.into_iter().flatten().map(String::as_str);
    Vec::from_iter(name.into_iter().chain(parts)).join(" ")
}

/// Compares what both sides know.
#[must_use]
pub fn diff(a: &Side, b: &Side) -> Diff {
    let mut changes = Vec::new();
    let mut not_compared = Vec::new();
    for section in SECTIONS {
        let both = a.sections.get(section).zip(b.sections.get(section));
        let Some((one, other)) = both else {
            not_compared.push(section.to_owned());
            continue;
        };
        let files_unread = not_compared.iter().any(|it| it == "packages");
        let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        for name in names {
            let (one, other) = (one.get(name), other.get(name));
            // A file names the system; a configuration names only the architecture.
            let is_unread = files_unread && name == "os" && (one.is_none() || other.is_none());
            if one != other && !is_unread {
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

/// Returns the values that are not the same in all of these images, in the order of the sections.
#[must_use]
pub fn among(sides: &[Side]) -> Vec<Difference> {
    let mut found = Vec::new();
    for section in SECTIONS {
        let maps: Vec<_> = sides.iter().map(|it| it.sections.get(section)).collect();
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
