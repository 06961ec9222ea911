//! Parses the definition files of Singularity and Apptainer.
//!
//! Source: apptainer/apptainer `pkg/build/types/parser/deffile.go`.

use super::Pair;
use super::pair::Place;
use crate::reference::Reference;

/// A definition file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// The image that the last stage begins with, if it comes from a registry.
    pub from: Option<Pair>,
    /// The sections that change the image, such as `%post`, each with its first line.
    pub steps: Vec<Pair>,
    /// The labels that `%labels` adds to an image from a registry. They say nothing about its files.
    pub labels: Vec<Pair>,
}

impl Definition {
    /// Returns the steps, and the labels as steps: for an image whose labels cannot be told apart.
    #[must_use]
    pub fn all_steps(self) -> Vec<Pair> {
        self.steps.into_iter().chain(self.labels).collect()
    }
}

/// The header of a stage.
#[derive(Clone, Copy, Default)]
struct Header<'t> {
    bootstrap: Option<&'t str>,
    registry: Option<&'t str>,
    namespace: Option<&'t str>,
    from: Option<(u32, &'t str)>,
}

impl<'t> Header<'t> {
    /// Notes a line. Names of headers are in any case, and a `#` begins a comment.
    fn note(&mut self, number: u32, line: &'t str) {
        let Some((key, value)) = line.split_once(':') else {
            return;
        };
        let value = value.split('#').next().unwrap_or(value).trim();
        match key.trim().to_ascii_lowercase().as_str() {
            "bootstrap" => self.bootstrap = Some(value),
            "registry" => self.registry = Some(value),
            "namespace" => self.namespace = Some(value),
            "from" => self.from = Some((number, value)),
            _ => {}
        }
    }

    /// Returns the image; `None` if it is not from a registry, or if the packer completes the value: a
    /// variable in `{{ }}`, or a line that goes on.
    fn image(&self, place: Place<'_>) -> Option<Pair> {
        let (number, from) = self.from.filter(|_| self.is_docker())?;
        let text = joined(self.registry, self.namespace, from);
        let is_whole = !text.contains("{{") && !text.contains('\\');
        is_whole.then(|| place.line("-definition", number, "From", &text))
    }

    fn is_docker(&self) -> bool {
        self.bootstrap.is_some_and(is_docker)
    }
}

/// Returns true if a bootstrap agent pulls from a registry.
pub(super) fn is_docker(bootstrap: &str) -> bool {
    bootstrap.trim().eq_ignore_ascii_case("docker")
}

/// Returns the reference that the headers `Registry`, `Namespace` and `From` mean together. Source:
/// apptainer/apptainer `internal/pkg/build/sources/conveyorPacker_oci.go`.
pub(super) fn joined(registry: Option<&str>, namespace: Option<&str>, from: &str) -> String {
    let parts = [registry, namespace, Some(from)];
    let parts = parts.into_iter().flatten().map(str::trim);
    let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("/")
}

/// Returns true if two references name one image.
pub(crate) fn same_image(one: &str, other: &str) -> bool {
    let (Ok(one), Ok(other)) = (Reference::parse(one), Reference::parse(other)) else {
        return one == other;
    };
    one.same_repository(&other)
        && one.digest == other.digest
        && (one.digest.is_some() || one.tag == other.tag)
}

/// A section of the file.
enum Section<'t> {
    Header,
    /// It does not change the image, or its step is noted.
    Passed,
    Labels,
    /// It changes the image if it has a line.
    Step(&'t str, u32),
}

impl<'t> Section<'t> {
    fn begin(line: &'t str, number: u32) -> Self {
        let name = line.split_ascii_whitespace().next().unwrap_or(line);
        match name.to_ascii_lowercase().as_str() {
            "%help" | "%test" | "%arguments" => Self::Passed,
            "%labels" => Self::Labels,
            _ => Self::Step(name, number),
        }
    }
}

/// Parses a definition file.
#[must_use]
pub fn parse(bytes: &[u8], path: &str) -> Definition {
    let place = Place {
        carrier: "singularity",
        path,
    };
    let text = String::from_utf8_lossy(bytes);
    let mut found = Definition::default();
    let mut header = Header::default();
    let mut section = Section::Header;
    for (number, whole) in (1_u32..).zip(text.lines()) {
        let line = whole.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('%') {
            section = Section::begin(line, number);
            continue;
        }
        // The header of the next stage follows the sections of the one before.
        if begins_stage(whole) && !matches!(section, Section::Header) {
            header = Header::default();
            section = Section::Header;
            found.labels.clear();
        }
        match section {
            Section::Header => header.note(number, line),
            Section::Labels => {
                let (key, value) = line.split_once(' ').unwrap_or((line, ""));
                let label = place.line("-definition", number, key.trim(), value.trim());
                found.labels.push(label);
            }
            Section::Step(name, at) => {
                found.steps.push(place.line("-definition", at, name, line));
                section = Section::Passed;
            }
            Section::Passed => {}
        }
    }
    found.from = header.image(place);
    // An image that does not come from a registry may be anything: its new labels are all that tells. The
    // packer's own labels name the image, so nobody else may write them.
    if !header.is_docker() || found.labels.iter().any(|label| names_image(&label.key)) {
        found.steps.append(&mut found.labels);
    }
    found
}

/// Returns true for a label by which the packer names the image that it pulled.
fn names_image(label: &str) -> bool {
    ["org.label-schema.usage", "org.opencontainers.image.base."]
        .iter()
        .any(|of_packer| label.starts_with(of_packer))
}

/// Returns true for `Bootstrap:` at the start of a line.
fn begins_stage(line: &str) -> bool {
    let key = line.split_once(':').map_or("", |(key, _)| key);
    key.eq_ignore_ascii_case("bootstrap")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Definition {
        parse(text.as_bytes(), "/d")
    }

    fn steps(text: &str) -> Vec<(String, Option<u32>)> {
        let steps = parsed(text).steps.into_iter();
        steps.map(|step| (step.key, step.source.line)).collect()
    }

    #[test]
    fn a_definition_with_steps_is_told_from_a_pull() {
        let pull = parsed("bootstrap: docker\nfrom: a/b:1\n\n");
        assert_eq!(pull.from.unwrap().value, "a/b:1");
        assert!(pull.steps.is_empty());
        let built = "Bootstrap: docker\nFrom: a/b:1\n%Help\n  text\n%post\n  # none\n\n  pip install x\n%labels\n";
        assert_eq!(steps(built), [("%post".to_owned(), Some(5))]);
        assert_eq!(parsed("Bootstrap: library\nFrom: x\n").from, None);
    }

    #[test]
    fn registry_and_namespace_belong_to_the_reference() {
        for (header, expected) in [
            ("Registry: r.io\nFrom: a/b:1", Some("r.io/a/b:1")),
            ("NAMESPACE: a # ours\nfrom: b:1", Some("a/b:1")),
            ("Registry: r.io\nNamespace: a\nFrom: b", Some("r.io/a/b")),
            ("Namespace:\nFrom: a/b:1", Some("a/b:1")),
            ("From: a/b:{{ TAG }}", None),
            ("From: a/\\\nb:1", None),
        ] {
            let found = parsed(&format!("Bootstrap: docker\n{header}\n"));
            let found = found.from.map(|from| from.value);
            assert_eq!(found.as_deref(), expected, "{header}");
        }
        let stages = "Bootstrap: docker\nRegistry: r.io\nFrom: a/b:1\n%post\n x\nBootstrap: docker\nFrom: c/d:1\n";
        assert_eq!(parsed(stages).from.unwrap().value, "c/d:1");
    }

    #[test]
    fn an_indented_line_of_a_script_begins_no_stage() {
        let script = "Bootstrap: docker\nFrom: a/b:1\n%post\n  bootstrap: docker\n  from: c/d:1\n";
        assert_eq!(steps(script), [("%post".to_owned(), Some(3))]);
        assert_eq!(parsed(script).from.unwrap().value, "a/b:1");
    }

    #[test]
    fn labels_are_a_step_only_if_the_image_is_unknown_or_gets_another_name() {
        let pull =
            "Bootstrap: docker\nFrom: a/b:1\n%labels\n  # none\n  Author Me And You\n  empty\n";
        let found = parsed(pull);
        assert_eq!(found.steps, []);
        let labels = found.labels.iter().map(|it| (&*it.key, &*it.value));
        let labels: Vec<_> = labels.collect();
        assert_eq!(labels, [("Author", "Me And You"), ("empty", "")]);
        let local = "Bootstrap: localimage\nFrom: a.sif\n%labels\n  Author Me\n";
        assert_eq!(steps(local), [("Author".to_owned(), Some(4))]);
        let name = "org.opencontainers.image.base.name";
        let renamed = format!("Bootstrap: docker\nFrom: a/b:1\n%labels\n  {name} c/d:1\n");
        assert_eq!(steps(&renamed), [(name.to_owned(), Some(4))]);
    }
}
