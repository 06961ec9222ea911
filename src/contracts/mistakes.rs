//! Finds rules of a contract that are valid but never work.

use std::collections::BTreeMap;

use super::build_args::{Part, parts};
use super::contract::Contract;
use super::example;
use super::load::Contracts;
use super::places::Mirror;
use super::values::Field;
use crate::reference::Reference;
use crate::settings::at_line;
use crate::suggestions::{closest, hint};

impl Contracts {
    /// Returns the message about an id that no contract has.
    #[must_use]
    pub fn missing(&self, id: &str) -> String {
        let ids = self.all().iter().map(|contract| contract.id.as_str());
        let near = hint(closest(ids, id));
        format!("there is no contract '{id}'{near}; `sqsh-prov contracts list` names all")
    }

    /// Returns what the author of a contract should know, beside its mistakes.
    #[must_use]
    pub fn notes(&self, contract: &Contract) -> Vec<String> {
        example::notes(contract, self.get(&contract.id).is_some())
    }

    /// Returns rules that are valid but can never match, each with its line. `contracts check` refuses
    /// them. Loading accepts them: a site's contract keeps working with a newer program.
    #[must_use]
    pub fn mistakes(&self, contract: &Contract) -> Vec<String> {
        let text = contract.text();
        let wraps = contract.wraps.iter().filter_map(|id| {
            let reason = self.unknown_base(id)?;
            Some(at_line(text, "wraps", id, &reason))
        });
        let repositories = repositories(contract).filter_map(|glob| {
            let reason = never_a_repository(glob)?;
            Some(at_line(text, "", glob, &reason))
        });
        let stamps = stamped_twice(contract).into_iter().map(|(key, reason)| {
            // Above the stamps, a line of the same words is about something else.
            at_line(text, "[[stamp]]", key, &reason)
        });
        let of_tags = contract.tags.iter().map(|rule| ("[[tag]]", &rule.pattern));
        let of_lines = contract.lines.iter().filter_map(|line| line.tags.as_ref());
        let tags = of_tags.chain(of_lines.map(|pattern| ("[[line]]", pattern)));
        let tags = tags.filter_map(|(section, pattern)| {
            let pattern = pattern.as_str();
            let reason = format!(
                "pattern '{pattern}' also matches parts of longer tags: write ^ before it and $ after it, ^(a|b)$ around alternatives, and .*$ to allow any ending"
            );
            (!is_anchored(pattern)).then(|| at_line(text, section, pattern, &reason))
        });
        let examples = contract.examples.iter().filter_map(|example| {
            let reason = example::wrong(contract, example)?;
            Some(at_line(text, "[[example]]", &example.reference, &reason))
        });
        let mirrors = contract.mirrors.iter().filter_map(|mirror| {
            let reason = missing_group(mirror)?;
            Some(at_line(text, "[[mirror]]", &mirror.canonical, &reason))
        });
        wraps
            .chain(repositories)
            .chain(stamps)
            .chain(tags)
            .chain(mirrors)
            .chain(examples)
            .collect()
    }

    /// Returns the mistake of an unknown base: its stamps would count as the publisher's own.
    fn unknown_base(&self, id: &str) -> Option<String> {
        let is_known = self.get(id).is_some();
        (!is_known).then(|| {
            format!(
                "wraps: {}, and --contracts DIR adds yours",
                self.missing(id)
            )
        })
    }
}

fn repositories(contract: &Contract) -> impl Iterator<Item = &String> {
    let not_released = &contract.repositories;
    let lines = contract.lines.iter().flat_map(|line| &line.repositories);
    lines
        .chain(&not_released.staging)
        .chain(&not_released.ci)
        .chain(&not_released.pull_request)
        .chain(&not_released.elsewhere)
        .chain(contract.tags.iter().flat_map(|rule| &rule.repositories))
}

/// Returns why a glob matches no repository in canonical form; `None` if it can match.
fn never_a_repository(glob: &str) -> Option<String> {
    // A text in place of `*`: a host needs the dot, and a path may have one.
    const ANY: &str = "0.0.0";
    let sample = glob.replace('*', ANY);
    // In an importer's spelling, a user's name may come before an @.
    let (named, _) = sample.split_once("@sha256").unwrap_or((&sample, ""));
    let write = match Reference::parse(named) {
        Ok(reference) if reference.name() == sample => return None,
        Ok(reference) => reference.name().replace(ANY, "*"),
        Err(_) => "docker.io/owner/name".to_owned(),
    };
    Some(format!(
        "'{glob}' can match no repository: a repository has a registry's host, is in lower case, and has neither tag nor digest; write '{write}'"
    ))
}

/// Returns why a mirror stands for no repository: it names a group that its pattern does not have.
fn missing_group(mirror: &Mirror) -> Option<String> {
    let canonical = &mirror.canonical;
    let parts = parts(canonical).unwrap_or_default();
    let names = parts.into_iter().filter_map(|part| match part {
        Part::Value { name, .. } => Some(name),
        Part::Text(_) => None,
    });
    let mut missing = names.filter(|name| !mirror.pattern.has_group(name));
    missing.next().map(|name| {
        format!("canonical '{canonical}': the pattern has no group (?<{name}>…), so no repository is known by it")
    })
}

/// Returns variables, labels and keys of files that two fields use in the same way.
fn stamped_twice(contract: &Contract) -> Vec<(&str, String)> {
    let mut fields: BTreeMap<_, Field> = BTreeMap::new();
    let mut twice = Vec::new();
    for stamp in &contract.stamps {
        let variables = stamp.environment.iter().map(|key| ("variable", key));
        let labels = stamp.label.iter().map(|key| ("label", key));
        let file = stamp.file.as_deref().unwrap_or_default();
        let keys = stamp.key.iter().map(|key| (file, key));
        for (place, key) in variables.chain(labels).chain(keys) {
            let part = (place, key, &stamp.pointer, stamp.word);
            let first = *fields.entry(part).or_insert(stamp.field);
            if first != stamp.field {
                let (one, other) = (first.name(), stamp.field.name());
                let reason = format!(
                    "{place} '{key}' is both {one} and {other}: keep one, or say with `word` or \
                     `pointer` which part of it each is"
                );
                twice.push((key.as_str(), reason));
            }
        }
    }
    twice
}

/// Returns true if each alternative of a pattern is anchored at both ends. A group around all of it counts
/// as one alternative.
fn is_anchored(pattern: &str) -> bool {
    let pattern = pattern.trim_start_matches("(?i)");
    alternatives(pattern).into_iter().all(|one| {
        let front = one.trim_start_matches("(?:").trim_start_matches('(');
        let back = one.trim_end_matches(')');
        let end = back.strip_suffix('$').is_some_and(|rest| {
            // After an odd number of backslashes, `$` is literal.
            (rest.len() - rest.trim_end_matches('\\').len()) % 2 == 0
        });
        (front.starts_with('^') || front.starts_with("\\A")) && (end || back.ends_with("\\z"))
    })
}

/// Splits a pattern at each `|` outside of groups and classes.
fn alternatives(pattern: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let (mut in_class, mut escaped) = (false, false);
    pattern
        .split(|c: char| {
            let literal = std::mem::take(&mut escaped);
            match c {
                _ if literal => {}
                '\\' => escaped = true,
                '[' => in_class = true,
                ']' => in_class = false,
                _ if in_class => {}
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                '|' => return depth == 0,
                _ => {}
            }
            false
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::load::parse;
    use super::*;

    #[test]
    fn no_built_in_contract_has_a_mistake() {
        let contracts = Contracts::built_in().unwrap();
        for contract in contracts.all() {
            // What is compiled in has no examples: its text has.
            let contract = parse(&contract.id, contract.text()).unwrap();
            let mistakes = contracts.mistakes(&contract);
            assert_eq!(mistakes, Vec::<String>::new(), "{}", contract.id);
        }
    }

    #[test]
    fn every_tag_grammar_has_right_and_wrong_examples() {
        for contract in Contracts::built_in().unwrap().all() {
            if contract.tags.is_empty() {
                continue;
            }
            let contract = parse(&contract.id, contract.text()).unwrap();
            let official = contract.examples.iter().filter(|it| it.official).count();
            let others = contract.examples.len() - official;
            assert!(
                official >= 2 && others >= 2 && official + others >= 5,
                "{}: {official} official examples and {others} others",
                contract.id
            );
        }
    }

    #[test]
    fn a_repository_pattern_fits_some_repository() {
        for glob in [
            "docker.io/vllm/vllm-openai",
            "localhost:5000/a",
            "gitlab.acme.example:5005/*/*",
            "936637512419.dkr.ecr.*.amazonaws.com/vllm-ci-*",
            "*/*/devbox-runtime-images/*",
            "registry.acme.example/*-nightly",
        ] {
            assert_eq!(never_a_repository(glob), None, "{glob}");
        }
        for (glob, write) in [
            ("docker.io/Acme/serving", "docker.io/acme/serving"),
            ("Registry.acme.example/a/b", "registry.acme.example/a/b"),
            ("acme/*", "docker.io/acme/*"),
            ("docker.io/ubuntu", "docker.io/library/ubuntu"),
            ("registry-1.docker.io/acme/*", "docker.io/acme/*"),
            ("docker.io/acme/serving:1", "docker.io/acme/serving"),
            ("acme.example/a@sha256:*", "acme.example/a"),
            ("docker.io/acme/", "docker.io/owner/name"),
            ("", "docker.io/owner/name"),
        ] {
            let reason = never_a_repository(glob).unwrap();
            assert!(reason.ends_with(&format!("write '{write}'")), "{reason}");
        }
    }

    #[test]
    fn a_pattern_is_held_at_both_ends() {
        for pattern in [
            r"^\d+$", "^(a|b)$", "^a$|^b$", "(^a$)", "(?i)^a$", r"\Aa\z", "^[|)]$", r"^\|$",
            "^a.*$",
        ] {
            assert!(is_anchored(pattern), "{pattern}");
        }
        for pattern in ["", "a", "^a", "a$", "^a|b$", r"^a\$", r"\^a$", "^a[$]"] {
            assert!(!is_anchored(pattern), "{pattern}");
        }
    }
}
