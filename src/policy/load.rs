//! Loads a policy, and refuses one with a rule that can never hold.

use std::path::Path;

use crate::carriers::python::normalise;
use crate::contracts::{glob_matches, is_publisher};
use crate::given::{self, GivenError};
use crate::reference::{host_pattern, repository_pattern};
use crate::settings::at_line;
use crate::suggestions::{closest, hint};
use crate::words;

use super::rules::{ListRule, Policy};

/// Returns a pattern in canonical form, or why it can match nothing.
type Spelling = fn(&str) -> Result<String, &'static str>;

/// The largest policy file, in bytes.
const LONGEST: u64 = 1024 * 1024;

const NO_RULE: &str = "it has no rule, so every image passes; add a section, such as [official], or strict = true (policies/TEMPLATE.toml has all)";

const BUILT_IN: [(&str, &str); 2] = [
    (
        "official-only",
        include_str!("../../policies/official-only.toml"),
    ),
    (
        "publishable",
        include_str!("../../policies/publishable.toml"),
    ),
];

/// The fields of the document that a policy can require.
pub(super) const FIELDS: [&str; 17] = [
    "origin.commit.id",
    "origin.commit.repository",
    "origin.created",
    "origin.imported.digest",
    "origin.imported.reference",
    "origin.imported.tag",
    "origin.imported.uri",
    "origin.official",
    "origin.pipeline.build",
    "origin.pipeline.id",
    "origin.pipeline.url",
    "origin.product",
    "origin.public_reference",
    "origin.publisher",
    "origin.pull.reference",
    "origin.version",
    "os.architecture",
];

/// The reason why a policy cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("policy {name}: {reason}")]
pub struct PolicyError {
    /// The name or path that the user gave.
    pub name: String,
    /// What is wrong, with the line if it is known.
    pub reason: String,
}

/// Returns a pattern for publishers as it is: their names are compared without regard to case.
fn publisher_pattern(text: &str) -> Result<String, &'static str> {
    match is_publisher(&text.replace('*', "x")) {
        true => Ok(text.to_owned()),
        false => Err("is not the name of a publisher, such as vllm"),
    }
}

/// Returns the names of the built-in policies.
pub(super) fn built_in_names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

impl Policy {
    /// Loads a built-in policy by its name, or a policy file by its path.
    ///
    /// # Errors
    /// If there is no such policy, or it is not valid.
    pub fn load(name_or_path: &str) -> Result<Self, PolicyError> {
        if let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == name_or_path) {
            return Self::parse(name, text);
        }
        let wrong = |reason: String| PolicyError {
            name: name_or_path.to_owned(),
            reason,
        };
        let path = Path::new(name_or_path);
        let text = given::read_text(path, LONGEST).map_err(|error| match error {
            GivenError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let names: Vec<&str> = built_in_names().collect();
                wrong(format!(
                    "there is no such file and no such built-in policy; the built-in policies are: {}{}",
                    names.join(", "),
                    hint(closest(names.iter().copied(), name_or_path))
                ))
            }
            other => wrong(other.to_string()),
        })?;
        Self::parse(name_or_path, &text)
    }

    /// Parses the text of a policy.
    ///
    /// # Errors
    /// If it is not TOML, has an unknown option, or has a rule that can never hold.
    pub fn parse(name: &str, text: &str) -> Result<Self, PolicyError> {
        let wrong = |reason: String| PolicyError {
            name: name.to_owned(),
            reason,
        };
        let twice = |(_, line): &(usize, &str)| line.trim_start().starts_with("[[");
        if let Some((at, line)) = (1..).zip(text.lines()).find(twice) {
            let section = line.trim_matches(['[', ']', ' ']);
            let reason = format!("line {at}: write [{section}]: a policy has each section once");
            return Err(wrong(reason));
        }
        let mut policy: Self = crate::settings::read(text).map_err(wrong)?;
        policy.source.0 = text.to_owned();
        policy.spell_canonically(text).map_err(wrong)?;
        match policy.problem(text) {
            Some(problem) => Err(wrong(problem)),
            None => Ok(policy),
        }
    }

    /// Spells the names in its lists as the document does, and refuses a name that nothing can have: a rule that
    /// forbids it would never match.
    fn spell_canonically(&mut self, text: &str) -> Result<(), String> {
        let lists: [(&str, &mut Option<ListRule>, Spelling); 3] = [
            ("publishers", &mut self.publishers, publisher_pattern),
            ("registries", &mut self.registries, host_pattern),
            ("repositories", &mut self.repositories, repository_pattern),
        ];
        for (section, list, spelling) in lists {
            let names = list.iter_mut();
            for name in names.flat_map(|rule| rule.allow.iter_mut().chain(&mut rule.forbid)) {
                match spelling(name) {
                    Ok(canonical) => *name = canonical,
                    Err(why) => {
                        let reason = format!("{section}: '{name}' {why}");
                        return Err(at_line(text, &format!("[{section}]"), name, &reason));
                    }
                }
            }
        }
        Ok(())
    }

    fn problem(&self, text: &str) -> Option<String> {
        if self.schema != 1 {
            return Some(format!(
                "schema {} is not known; this program reads 1",
                self.schema
            ));
        }
        let fields = self.fields.iter().flat_map(|rule| &rule.require);
        for field in fields {
            if !FIELDS.contains(&field.as_str()) {
                let reason = format!(
                    "fields.require: '{field}' cannot be required; these can: {}",
                    FIELDS.join(", ")
                );
                return Some(at_line(text, "[fields]", field, &reason));
            }
        }
        let conflicts = self.conflicts.iter();
        for glob in conflicts.flat_map(|rule| rule.forbid.iter().chain(&rule.allow)) {
            if !words::conflicts().any(|code| glob_matches(glob, code)) {
                let reason = format!(
                    "conflicts: no conflict has the code '{glob}'{}",
                    hint(closest(words::conflicts(), glob))
                );
                return Some(at_line(text, "[conflicts]", glob, &reason));
            }
        }
        let ranges = self.frameworks.iter().flat_map(|rule| &rule.versions);
        for (package, range) in ranges {
            if normalise(package).is_empty() {
                return Some("frameworks.versions: a package has no name".to_owned());
            }
            if let Err(error) = range.parse::<pep440_rs::VersionSpecifiers>() {
                let message = error.to_string();
                let first = message.lines().next().unwrap_or_default();
                let reason = format!(
                    "frameworks.versions.{package}: '{range}' is not a version range (PEP 440): {first}"
                );
                return Some(at_line(text, "[frameworks", range, &reason));
            }
        }
        (!self.asks_anything()).then(|| NO_RULE.to_owned())
    }
}
