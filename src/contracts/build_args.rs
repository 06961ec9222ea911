//! What `sqsh-prov build-args` writes for a publisher: the writing half of a contract.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::pattern::Pattern;
use super::values::{Field, Stamp};
use crate::provenance::Kind;

/// The sources of the stamp's values, and the references of a build.
///
/// Texts with `{name}` are templates. `{name}` is a value, `{-name}` the same with a dash before it,
/// or nothing if there is no value, and `{name:8}` its first eight characters. If a `{name}` has no
/// value, the template has none.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BuildArgs {
    /// Variables of the publisher's CI, which sets one of them. Empty for any known CI system.
    #[serde(default)]
    pub ci: Vec<String>,
    /// `NAME=VALUE` of a nightly build; without it a scheduled build, or `NIGHTLY=1`.
    pub nightly: Option<String>,
    /// The key of the version in `buildkite-agent meta-data get`.
    pub agent_metadata: Option<String>,
    /// The values to write; each needs a `[[stamp]]` with a variable. Empty for all.
    #[serde(default)]
    pub values: Vec<Field>,
    /// What build arguments have before the names of their variables. In a Dockerfile, a variable of the base
    /// image wins over an argument of its name (docs.docker.com/reference/dockerfile, "Using ARG variables"): where
    /// images of the contract build on each other, the child would have its base's stamp.
    #[serde(default)]
    pub argument_prefix: String,
    /// True if the publisher's own script prints arguments that are empty.
    #[serde(default)]
    pub print_empty: bool,
    /// The variables for a value; the first that is set counts. A value that is listed here comes from nowhere
    /// else. Templates may use a name that is not a field.
    #[serde(default)]
    pub from: BTreeMap<String, Vec<String>>,
    /// Templates of values that nothing sets.
    #[serde(default)]
    pub otherwise: BTreeMap<String, String>,
    /// References by kind of build; the first match counts.
    #[serde(default, rename = "tag")]
    pub tags: Vec<TagTemplate>,
    /// Template of the reference that CI pushes to; without it the tag's.
    pub push: Option<String>,
    /// Labels beside those of `[[stamp]]`: key → template.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// The reference that builds of a kind are for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TagTemplate {
    /// `pr`, `nightly` and `release` hold for such builds; any other kind for all.
    pub kind: Kind,
    /// Only for variants that match; the template may use its named groups.
    pub variant: Option<Pattern>,
    /// Template of the reference.
    pub reference: String,
}

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'t> {
    /// Literal text.
    Text(&'t str),
    /// A value.
    Value {
        /// Its name.
        name: &'t str,
        /// If true, a dash comes before the value; without a value, both are left out.
        dashed: bool,
        /// The number of its first characters to take.
        first: Option<usize>,
    },
}

/// Parses a template; `None` if a brace is not closed or names nothing.
#[must_use]
pub fn parts(template: &str) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, tail) = after.split_once('}')?;
        let dashed = inside.starts_with('-');
        let inside = inside.strip_prefix('-').unwrap_or(inside);
        let (name, first) = match inside.split_once(':') {
            Some((name, count)) => (name, Some(count.parse().ok()?)),
            None => (inside, None),
        };
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if name.is_empty() || !name.bytes().all(plain) {
            return None;
        }
        parts.push(Part::Text(before));
        parts.push(Part::Value {
            name,
            dashed,
            first,
        });
        rest = tail;
    }
    if rest.contains('}') {
        return None;
    }
    parts.push(Part::Text(rest));
    Some(parts)
}

/// Returns the problems of the section: a text that finds the line, and the reason.
pub(super) fn problems(section: &BuildArgs, stamps: &[Stamp]) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    let templates = section
        .otherwise
        .values()
        .chain(section.labels.values())
        .chain(section.tags.iter().map(|tag| &tag.reference))
        .chain(&section.push);
    for template in templates.filter(|template| parts(template).is_none()) {
        let reason =
            format!("'{template}': a template names values as {{name}}, {{-name}} or {{name:8}}");
        problems.push((template.clone(), reason));
    }
    if let Some(test) = section.nightly.as_ref().filter(|test| !test.contains('=')) {
        let reason = format!("nightly = \"{test}\": write NAME=VALUE");
        problems.push((test.clone(), reason));
    }
    let is_written = |field: &&Field| {
        let mut stamps = stamps.iter();
        stamps.any(|stamp| stamp.field == **field && stamp.is_written())
    };
    for field in section.values.iter().filter(|field| !is_written(field)) {
        let name = field.name();
        let reason = format!("values: no [[stamp]] says which variable holds '{name}'");
        problems.push(("values".to_owned(), reason));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_text_and_values() {
        let value = |name, dashed, first| Part::Value {
            name,
            dashed,
            first,
        };
        assert_eq!(
            parts("{image}:v{version}{-variant}"),
            Some(vec![
                Part::Text(""),
                value("image", false, None),
                Part::Text(":v"),
                value("version", false, None),
                Part::Text(""),
                value("variant", true, None),
                Part::Text(""),
            ])
        );
        assert_eq!(
            parts("{commit:8}"),
            Some(vec![
                Part::Text(""),
                value("commit", false, Some(8)),
                Part::Text("")
            ])
        );
        for bad in ["{image", "image}", "{}", "{-}", "{a b}", "{commit:x}"] {
            assert_eq!(parts(bad), None, "{bad}");
        }
    }
}
