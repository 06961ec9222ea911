//! The answer as variables: for `eval` in a shell, and for Slurm's TaskProlog.
//!
//! The names are fixed. Each is always set or unset, so no earlier value survives. No text of the
//! image can become a name, a command or a second line.

use super::{escape, words};
use crate::provenance::{Origin, Provenance};

/// A longer value is left out of a task's environment.
const LONGEST: usize = 1024;

/// What a variable is set to; `None` if that is not known.
type Value = fn(&Origin, &Provenance) -> Option<String>;

/// The variables. Each name begins with `SQSH_PROV_`.
const VARIABLES: [(&str, Value); 20] = [
    ("KIND", |it, _| Some(it.kind.as_str().to_owned())),
    ("OFFICIAL", |it, _| it.official.map(|it| it.to_string())),
    ("PUBLISHER", |it, _| it.publisher.clone()),
    ("PRODUCT", |it, _| it.product.clone()),
    ("VERSION", |it, _| it.version.clone()),
    ("CONFIDENCE", |it, _| {
        Some(words::confidence_word(it.confidence).to_owned())
    }),
    ("COMMIT", |it, _| Some(it.commit.as_ref()?.id.clone())),
    ("DIRTY", |it, _| Some(it.commit.as_ref()?.dirty.to_string())),
    ("REPOSITORY", |it, _| it.commit.as_ref()?.repository.clone()),
    ("PIPELINE_URL", |it, _| it.pipeline.as_ref()?.url.clone()),
    ("REFERENCE", |it, _| it.public_reference.clone()),
    ("PULL", |it, _| {
        it.pull.reference.clone().filter(|_| it.pull.ok)
    }),
    ("IMPORTED", |it, _| it.imported.as_ref()?.reference.clone()),
    ("DIGEST", |it, _| it.imported.as_ref()?.digest.clone()),
    ("DERIVED_FROM", |it, _| {
        it.derived_from.as_ref()?.reference.clone()
    }),
    ("MODIFIED", |it, _| {
        Some(it.modified_after_import.to_string())
    }),
    ("MOVING", |it, _| Some(it.moving.to_string())),
    ("CREATED", |it, _| it.created.clone()),
    ("ARCHITECTURE", |_, document| {
        document.os.architecture.clone()
    }),
    ("PARTIAL", |_, document| {
        Some(document.is_partial().to_string())
    }),
];

fn variables(document: &Provenance) -> impl Iterator<Item = (String, Option<String>)> {
    VARIABLES.iter().map(|(name, value)| {
        let value = value(&document.origin, document);
        (format!("SQSH_PROV_{name}"), value)
    })
}

/// Returns `SQSH_PROV_KIND='release'` and so on, for `eval` in any POSIX shell. An unknown value is empty.
/// Characters that a terminal acts on are spelled out.
#[must_use]
pub fn shell(document: &Provenance) -> String {
    let mut out = String::new();
    for (name, value) in variables(document) {
        let value = value.unwrap_or_default();
        let value = escape::text(&value).replace('\'', r"'\''");
        out.push_str(&format!("{name}='{value}'\n"));
    }
    out
}

/// Returns the lines for an image without an answer, for a shell and for TaskProlog. They remove the values of
/// an earlier image.
#[must_use]
pub fn unset() -> String {
    let names = VARIABLES.iter().map(|(name, _)| name);
    names
        .map(|name| format!("unset SQSH_PROV_{name}\n"))
        .collect()
}

/// Returns the lines for Slurm's TaskProlog: `export NAME=value`, with unquoted values. An unknown variable is
/// unset. A value that is too long or has control characters is left out, with a remark.
#[must_use]
pub fn taskprolog(document: &Provenance) -> String {
    let mut out = String::new();
    for (name, value) in variables(document) {
        let left_out =
            |why| format!("unset {name}\nprint sqsh-prov: {name} is left out, it {why}\n");
        out.push_str(&match value.filter(|value| !value.is_empty()) {
            Some(value) if value.len() > LONGEST => left_out("is too long"),
            Some(value) if value.contains(escape::is_hostile) => left_out("has control characters"),
            Some(value) => format!("export {name}={value}\n"),
            None => format!("unset {name}\n"),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn every_name_is_set_or_unset_whatever_the_image_says() {
        for document in [samples::release(), samples::unknown(), samples::hostile()] {
            let names: Vec<_> = variables(&document).collect();
            let shell = shell(&document);
            let task = taskprolog(&document);
            for (name, _) in &names {
                assert!(shell.contains(&format!("{name}='")), "{name}");
                assert!(task.contains(&format!(" {name}")), "{name}");
            }
            assert_eq!(shell.lines().count(), names.len());
        }
    }

    #[test]
    fn a_value_cannot_become_a_command_or_a_second_directive() {
        let mut document = samples::release();
        document.origin.version =
            Some("1'; touch /tmp/x; '$(reboot)`id`\nexport LD_PRELOAD=/x".to_owned());
        let shell = shell(&document);
        assert!(
            shell.contains(
                r"SQSH_PROV_VERSION='1'\''; touch /tmp/x; '\''$(reboot)`id`\nexport LD_PRELOAD=/x'"
            ),
            "{shell}"
        );
        let task = taskprolog(&document);
        assert!(!task.contains("LD_PRELOAD"), "{task}");
        assert!(
            task.contains(
                "unset SQSH_PROV_VERSION\nprint sqsh-prov: SQSH_PROV_VERSION is left out"
            )
        );
        for line in task.lines() {
            assert!(
                line.starts_with("export SQSH_PROV_")
                    || line.starts_with("unset SQSH_PROV_")
                    || line.starts_with("print sqsh-prov: "),
                "{line}"
            );
        }
    }
}
