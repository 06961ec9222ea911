//! The answer as variables: for `eval` in a shell, and for Slurm's TaskProlog.
//!
//! The names are fixed. Each is always set or unset, so no earlier value survives. No text of the
//! image can become a name, a command or a second line.

use super::{escape, words};
use crate::provenance::Provenance;

/// A longer value is left out of a task's environment.
const LONGEST: usize = 1024;

/// Every name.
const NAMES: [&str; 20] = [
    "SQSH_PROV_KIND",
    "SQSH_PROV_OFFICIAL",
    "SQSH_PROV_PUBLISHER",
    "SQSH_PROV_PRODUCT",
    "SQSH_PROV_VERSION",
    "SQSH_PROV_CONFIDENCE",
    "SQSH_PROV_COMMIT",
    "SQSH_PROV_DIRTY",
    "SQSH_PROV_REPOSITORY",
    "SQSH_PROV_PIPELINE_URL",
    "SQSH_PROV_REFERENCE",
    "SQSH_PROV_PULL",
    "SQSH_PROV_IMPORTED",
    "SQSH_PROV_DIGEST",
    "SQSH_PROV_DERIVED_FROM",
    "SQSH_PROV_MODIFIED",
    "SQSH_PROV_MOVING",
    "SQSH_PROV_CREATED",
    "SQSH_PROV_ARCHITECTURE",
    "SQSH_PROV_PARTIAL",
];

/// Every name, and its value where there is one.
fn variables(document: &Provenance) -> Vec<(&'static str, Option<String>)> {
    let origin = &document.origin;
    let commit = origin.commit.as_ref();
    let pipeline = origin.pipeline.as_ref();
    let import = origin.imported.as_ref();
    let base = origin.derived_from.as_ref();
    let flag = |flag: bool| Some(flag.to_string());
    vec![
        ("SQSH_PROV_KIND", Some(origin.kind.as_str().to_owned())),
        (
            "SQSH_PROV_OFFICIAL",
            origin.official.map(|official| official.to_string()),
        ),
        ("SQSH_PROV_PUBLISHER", origin.publisher.clone()),
        ("SQSH_PROV_PRODUCT", origin.product.clone()),
        ("SQSH_PROV_VERSION", origin.version.clone()),
        (
            "SQSH_PROV_CONFIDENCE",
            Some(words::confidence_word(origin.confidence).to_owned()),
        ),
        ("SQSH_PROV_COMMIT", commit.map(|commit| commit.id.clone())),
        (
            "SQSH_PROV_DIRTY",
            commit.and_then(|commit| flag(commit.dirty)),
        ),
        (
            "SQSH_PROV_REPOSITORY",
            commit.and_then(|commit| commit.repository.clone()),
        ),
        (
            "SQSH_PROV_PIPELINE_URL",
            pipeline.and_then(|pipeline| pipeline.url.clone()),
        ),
        ("SQSH_PROV_REFERENCE", origin.public_reference.clone()),
        (
            "SQSH_PROV_PULL",
            origin.pull.reference.clone().filter(|_| origin.pull.ok),
        ),
        (
            "SQSH_PROV_IMPORTED",
            import.and_then(|import| import.reference.clone()),
        ),
        (
            "SQSH_PROV_DIGEST",
            import.and_then(|import| import.digest.clone()),
        ),
        (
            "SQSH_PROV_DERIVED_FROM",
            base.and_then(|base| base.reference.clone()),
        ),
        ("SQSH_PROV_MODIFIED", flag(origin.modified_after_import)),
        ("SQSH_PROV_MOVING", flag(origin.moving)),
        ("SQSH_PROV_CREATED", origin.created.clone()),
        ("SQSH_PROV_ARCHITECTURE", document.os.architecture.clone()),
        ("SQSH_PROV_PARTIAL", flag(document.is_partial())),
    ]
}

/// `SQSH_PROV_KIND='release'` and so on, for `eval` in any POSIX shell. What is not known is
/// empty; characters that act on a terminal are spelled out.
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

/// The lines for an image that has no answer, in a shell and in TaskProlog: no value of an image before
/// survives.
#[must_use]
pub fn unset() -> String {
    NAMES.iter().map(|name| format!("unset {name}\n")).collect()
}

/// Returns the lines for Slurm's TaskProlog: `export NAME=value`, with unquoted values. A variable
/// that is not known is unset. A value that could be more than a value is left out, with a remark.
#[must_use]
pub fn taskprolog(document: &Provenance) -> String {
    let mut out = String::new();
    for (name, value) in variables(document) {
        let line = match value.filter(|value| !value.is_empty()) {
            Some(value) if value.len() > LONGEST => {
                format!("unset {name}\nprint sqsh-prov: {name} is left out, it is too long")
            }
            Some(value) if value.contains(escape::is_hostile) => {
                format!(
                    "unset {name}\nprint sqsh-prov: {name} is left out, it has control characters"
                )
            }
            Some(value) => format!("export {name}={value}"),
            None => format!("unset {name}"),
        };
        out.push_str(&line);
        out.push('\n');
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
            let names = variables(&document);
            assert!(names.iter().map(|(name, _)| name).eq(&NAMES));
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
