//! Single values for scripts: `origin.commit.id`, `packages[].name`, `labels.KEY`.
//!
//! Each value is on its own line. A string has no quotes, a list or an object is JSON on one line, and
//! an empty line means not known. `[]` prints every element of a list, one per line. Control and
//! invisible characters are escaped, so a value never takes two lines.

use serde_json::Value;

use super::{escape, json, schema};
use crate::provenance::{self, Provenance};
use crate::suggestions::distance;

/// A path that the document does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no field is called {}{}", escape::text(path), closest.as_ref().map(|name| format!("; the closest known name is {name}")).unwrap_or_default())]
pub struct UnknownField {
    /// As given.
    pub path: String,
    /// The name that comes closest.
    pub closest: Option<String>,
}

/// Paths that the document has, read from its schema.
#[derive(Debug)]
pub struct Fields {
    paths: Vec<Vec<Step>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
    Every,
}

impl Fields {
    /// Checks the paths.
    ///
    /// # Errors
    ///
    /// When the document has no such field; the error names the closest.
    pub fn parse(paths: &[String]) -> Result<Self, UnknownField> {
        let schema = serde_json::from_str(schema::SHOW).unwrap_or_default();
        let parse = |path: &String| {
            steps(&schema, path).ok_or_else(|| UnknownField {
                path: path.clone(),
                closest: closest(&schema, path),
            })
        };
        Ok(Self {
            paths: paths.iter().map(parse).collect::<Result<_, _>>()?,
        })
    }

    /// Returns an empty line for each path, for an image that could not be read.
    #[must_use]
    pub fn unknown(&self) -> String {
        "\n".repeat(self.paths.len())
    }

    /// Returns the values of one document, in the order of the paths.
    ///
    /// # Errors
    ///
    /// When the document cannot be serialised; none of its types does that.
    pub fn render(&self, document: &Provenance) -> Result<String, serde_json::Error> {
        let value = provenance::to_value(document)?;
        let mut out = String::new();
        for path in &self.paths {
            lines(Some(&value), path, &mut out);
        }
        Ok(out)
    }
}

/// Returns the steps of a path; `None` if the schema does not have it.
fn steps(root: &Value, path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut node = root;
    let mut rest = path;
    while !rest.is_empty() {
        node = resolve(root, node);
        if let Some(element) = node.get("items") {
            let (step, after) = list_step(rest)?;
            steps.push(step);
            node = element;
            rest = behind_a_dot(after)?;
            continue;
        }
        if let Some(of) = node.get("additionalProperties").filter(|of| of.is_object()) {
            // A key may contain dots. The rest of the path is the key.
            steps.push(Step::Name(rest.to_owned()));
            node = of;
            rest = "";
            continue;
        }
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        node = property(root, node, name)?;
        steps.push(Step::Name(name.to_owned()));
        rest = behind_a_dot(after)?;
    }
    (!steps.is_empty()).then_some(steps)
}

/// Returns what follows a dot, if there is one; `None` for a dot at the end of the path.
fn behind_a_dot(rest: &str) -> Option<&str> {
    match rest.strip_prefix('.') {
        Some("") => None,
        Some(more) => Some(more),
        None => Some(rest),
    }
}

/// `[]`, `[3]` or `3` at the start of a path.
fn list_step(rest: &str) -> Option<(Step, &str)> {
    if let Some(inner) = rest.strip_prefix('[') {
        let (index, after) = inner.split_once(']')?;
        let step = if index.is_empty() {
            Step::Every
        } else {
            Step::Index(index.parse().ok()?)
        };
        return Some((step, after));
    }
    let end = rest.find('.').unwrap_or(rest.len());
    let (index, after) = rest.split_at(end);
    Some((Step::Index(index.parse().ok()?), after))
}

/// Resolves a `$ref`, or a choice between one and null.
fn resolve<'s>(root: &'s Value, node: &'s Value) -> &'s Value {
    if let Some(target) = node.get("$ref").and_then(Value::as_str) {
        let pointer = target.strip_prefix('#');
        let found = pointer.and_then(|pointer| root.pointer(pointer));
        return found.unwrap_or(node);
    }
    let choices = node.get("anyOf").and_then(Value::as_array);
    let mut choices = choices.into_iter().flatten();
    let choice = choices.find(|choice| choice.get("$ref").is_some());
    choice.map_or(node, |choice| resolve(root, choice))
}

/// Returns the schema of a property, in the node or in one of its alternatives.
fn property<'s>(root: &'s Value, node: &'s Value, name: &str) -> Option<&'s Value> {
    if let Some(found) = node.get("properties").and_then(|all| all.get(name)) {
        return Some(found);
    }
    let forms = node.get("anyOf").and_then(Value::as_array)?;
    let mut forms = forms.iter().map(|form| resolve(root, form));
    forms.find_map(|form| property(root, form, name))
}

fn lines(value: Option<&Value>, path: &[Step], out: &mut String) {
    let Some((step, rest)) = path.split_first() else {
        out.push_str(&shown(value.unwrap_or(&Value::Null)));
        out.push('\n');
        return;
    };
    match step {
        Step::Every => {
            for element in value.and_then(Value::as_array).into_iter().flatten() {
                lines(Some(element), rest, out);
            }
        }
        Step::Index(index) => lines(value.and_then(|list| list.get(index)), rest, out),
        Step::Name(name) => lines(value.and_then(|object| object.get(name)), rest, out),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => escape::text(text).into_owned(),
        other => json::escape(other.to_string()),
    }
}

/// Returns the closest path: one with the same last name, else the one with the fewest changes.
fn closest(root: &Value, path: &str) -> Option<String> {
    let mut all = Vec::new();
    collect(root, root, "", 0, &mut all);
    // A single name is compared with the ends of paths. Of several equally close paths, one with the same end
    // wins.
    let last = path.rsplit('.').next().unwrap_or(path);
    let rated = all.into_iter().map(|known| {
        let same_end = known.rsplit('.').next() == Some(last);
        let changes = match same_end && last == path {
            true => 1,
            false => distance(&known, path),
        };
        (changes, !same_end, known)
    });
    rated
        .min_by_key(|(changes, other_end, known)| (*changes, *other_end, known.len()))
        .filter(|(changes, _, known)| *changes <= known.len().max(path.len()) / 2)
        .map(|(_, _, known)| known)
}

/// Collects all paths of the schema.
fn collect(root: &Value, node: &Value, prefix: &str, depth: usize, all: &mut Vec<String>) {
    const DEEPEST: usize = 6;
    let node = resolve(root, node);
    if depth > DEEPEST {
        return;
    }
    if let Some(element) = node.get("items") {
        collect(root, element, &format!("{prefix}[]"), depth + 1, all);
    }
    let properties = node.get("properties").and_then(Value::as_object);
    for (name, child) in properties.into_iter().flatten() {
        let path = match prefix {
            "" => name.clone(),
            _ => format!("{prefix}.{name}"),
        };
        all.push(path.clone());
        collect(root, child, &path, depth + 1, all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn values(document: &Provenance, paths: &[&str]) -> Result<String, UnknownField> {
        let paths: Vec<String> = paths.iter().map(|&p| p.to_owned()).collect();
        Fields::parse(&paths).map(|fields| fields.render(document).unwrap())
    }

    #[test]
    fn values_of_paths() {
        let document = samples::release();
        for (path, text) in [
            ("schema", "sqsh-prov/1\n"),
            ("origin.kind", "release\n"),
            ("origin.official", "true\n"),
            (
                "origin.commit.repository",
                "https://github.com/vllm-project/vllm\n",
            ),
            ("origin.pipeline.build", "6292\n"),
            ("origin.created", "\n"),
            ("origin.derived_from.reference", "\n"),
            ("origin.reasons", "[]\n"),
            ("origin.reasons[]", ""),
            ("packages[].name", "flashinfer-python\nnumpy\ntorch\nvllm\n"),
            ("packages.2.version", "2.13.0+cu130\n"),
            ("packages[3].name", "vllm\n"),
            ("packages[99].name", "\n"),
            (
                "labels.org.opencontainers.image.authors",
                "The vLLM authors\n",
            ),
            ("labels.no.such.label", "\n"),
            ("environment.CUDA_VERSION", "13.0.2\n"),
            ("evidence[0].source.line", "19\n"),
            ("file.path", "/images/vllm+vllm-openai+v0.29.0.sqsh\n"),
        ] {
            assert_eq!(values(&document, &[path]).as_deref(), Ok(text), "{path}");
        }
        assert_eq!(
            values(&document, &["origin.kind", "origin.version"]).as_deref(),
            Ok("release\n0.29.0\n")
        );
    }

    #[test]
    fn a_path_that_is_not_there_names_the_nearest() {
        for (path, near) in [
            ("origin.comit", Some("origin.commit")),
            ("origin.comit.id", Some("origin.commit.id")),
            ("commit", Some("origin.commit")),
            ("orign.kind", Some("origin.kind")),
            ("origin.commit.sha", None),
            ("", None),
            ("origin.", Some("origin")),
            ("packages.name", Some("packages[].name")),
            ("packages[x]", Some("packages")),
        ] {
            let error = values(&samples::release(), &[path]).unwrap_err();
            if let Some(near) = near {
                assert_eq!(error.closest.as_deref(), Some(near), "{path}");
            }
        }
    }

    #[test]
    fn a_value_cannot_forge_a_line() {
        let text = values(
            &samples::hostile(),
            &["origin.version", "origin.flags", "conflicts"],
        )
        .unwrap();
        assert_eq!(text.lines().count(), 3);
        assert!(!text.chars().any(|c| escape::is_hostile(c) && c != '\n'));
    }
}
