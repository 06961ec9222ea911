//! The state of each stage, as BuildKit builds it up: github.com/moby/buildkit,
//! frontend/dockerfile/dockerfile2llb/convert.go.
//!
//! An ARG before the first FROM is seen by FROM lines only, until a stage declares it
//! again. A stage that starts from another has its arguments, variables, labels and what
//! it does ONBUILD. All keys of one ENV or LABEL see what was set before the instruction.
//! An ARG that has a value hides a variable that was set before it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::expand::expand;
use super::super::worth::Worth;
use super::built::{Fetched, Set, Stage, Undeclared};
use super::steps::{Pair, Step, Steps};

/// Build arguments that are given: `None` if the value is not known.
pub(in crate::lint) type Given = BTreeMap<String, Option<String>>;

/// Arguments that every build has. A stage must declare them to use them (docs.docker.com/reference/dockerfile,
/// automatic platform ARGs).
const AUTOMATIC: [&str; 11] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
];

/// The result of all instructions.
#[derive(Default)]
pub(super) struct States {
    pub stages: Vec<Stage>,
    pub undeclared: Vec<Undeclared>,
    pub fetched: Vec<Fetched>,
    /// Arguments that choose an image to start from, also through others.
    pub in_from: BTreeSet<String>,
}

pub(super) fn states(steps: &Steps, given: &Given) -> States {
    let mut builder = Builder {
        escape: steps.escape,
        is_open: steps.is_open,
        given,
        globals: BTreeMap::new(),
        out: States::default(),
    };
    for step in &steps.steps {
        builder.step(step, &steps.ends);
    }
    builder.out
}

struct Builder<'g> {
    escape: char,
    is_open: bool,
    given: &'g Given,
    globals: BTreeMap<String, Worth>,
    out: States,
}

impl Builder<'_> {
    fn step(&mut self, step: &Step, ends: &[u32]) {
        match step {
            Step::From { image, name, line } => self.from(image, name.as_ref(), *line, ends),
            Step::Argument { name, default, .. } => self.argument(name, default.as_deref()),
            Step::Set {
                is_environment,
                pairs,
                start,
            } => self.set(*is_environment, pairs, *start),
            Step::Command(words) => {
                let Some(stage) = self.out.stages.last_mut() else {
                    return;
                };
                let declared = stage.built.declared.iter();
                let named: Vec<String> =
                    declared.filter(|it| words.contains(*it)).cloned().collect();
                stage.built.in_commands.extend(named);
            }
            Step::Takes(names) => {
                for name in names {
                    let number = name.parse().ok().filter(|at| *at < self.out.stages.len());
                    let found = find(&self.out.stages, name).or(number);
                    if let Some(stage) = found.and_then(|at| self.out.stages.get_mut(at)) {
                        stage.copied = true;
                    }
                }
            }
            Step::Fetched { from, line } => {
                if let Some(from) = self.worth(from).text {
                    self.out.fetched.push(Fetched { from, line: *line });
                }
            }
            Step::OnBuild(steps) => {
                if let Some(stage) = self.out.stages.last_mut() {
                    stage.on_build.extend(steps.iter().cloned());
                }
            }
        }
    }

    fn from(&mut self, image: &str, name: Option<&String>, line: u32, ends: &[u32]) {
        let escape = self.escape;
        let known = |name: &str| match self.globals.get(name) {
            Some(worth) => worth.clone(),
            None if AUTOMATIC.contains(&name) => Worth::unknown(),
            None => Worth::unset(),
        };
        let image = expand(image, escape, &known).unwrap_or_else(|_| Worth::unknown());
        self.out.in_from.extend(image.arguments.iter().cloned());
        let base = image
            .text
            .as_deref()
            .and_then(|name| find(&self.out.stages, name));
        let above = base.and_then(|at| self.out.stages.get(at)).cloned();
        let is_scratch = image.text.as_deref() == Some("scratch");
        let mut stage = above.unwrap_or_else(|| Stage {
            is_scratch,
            ..Stage::default()
        });
        let end = ends.get(self.out.stages.len());
        stage.built.end = end.copied().unwrap_or(line);
        stage.name = name.cloned();
        stage.built.stage = name.cloned();
        stage.built.is_open = self.is_open;
        (stage.base, stage.copied) = (base, false);
        (stage.image, stage.line) = (image.text, line);
        let triggers = std::mem::take(&mut stage.on_build);
        self.out.stages.push(stage);
        for trigger in &triggers {
            self.step(trigger, ends);
        }
    }

    /// Returns the value of a word at this place; an invalid word is unknown.
    fn worth(&self, word: &str) -> Worth {
        let names = |name: &str| match self.out.stages.last() {
            Some(stage) => stage.lookup(name),
            None => self.globals.get(name).cloned().unwrap_or_else(Worth::unset),
        };
        expand(word, self.escape, &names).unwrap_or_else(|_| Worth::unknown())
    }

    fn argument(&mut self, name: &str, default: Option<&str>) {
        let global = || self.globals.get(name).cloned();
        let is_global = self.out.stages.is_empty();
        let mut worth = match (self.given.get(name), default) {
            (Some(Some(value)), _) => Worth::literal(value.as_str()),
            (Some(None), _) => Worth::unknown(),
            (None, Some(word)) => self.worth(word),
            (None, None) if is_global => Worth::unset(),
            (None, None) => match global() {
                Some(worth) if worth.is_set => worth,
                _ if AUTOMATIC.contains(&name) => Worth::unknown(),
                // A variable of that name keeps its value until the argument is given.
                _ => match self.out.stages.last() {
                    Some(stage) => stage.scope.get(name).cloned().unwrap_or_else(Worth::unset),
                    None => Worth::unset(),
                },
            },
        };
        worth.is_set |= default.is_some();
        if let Some(word) = default {
            // If the argument is not given, its default can use another argument.
            let other = self.worth(word);
            worth.depends(&other);
        }
        let worth = worth.of_argument(name);
        let Some(stage) = self.out.stages.last_mut() else {
            self.globals.insert(name.to_owned(), worth);
            return;
        };
        stage.built.declared.insert(name.to_owned());
        stage.built.hidden.remove(name);
        stage.scope.insert(name.to_owned(), worth);
    }

    fn set(&mut self, is_environment: bool, pairs: &[Pair], start: u32) {
        let worths: Vec<(Option<String>, Worth, &Pair)> = pairs
            .iter()
            .map(|pair| (self.worth(&pair.key).text, self.worth(&pair.value), pair))
            .collect();
        for (key, mut worth, pair) in worths {
            let line = pair.line;
            let has_spaces = pair.value == "=" || pair.value.starts_with("= ");
            let (Some(key), Some(stage)) = (key, self.out.stages.last_mut()) else {
                continue;
            };
            worth.is_set = true;
            let globals = worth.missing.iter();
            for name in globals.filter(|name| self.globals.contains_key(*name)) {
                self.out.undeclared.push(Undeclared {
                    name: name.clone(),
                    by: key.clone(),
                    line,
                    start,
                });
            }
            let set = Set {
                arguments: worth.arguments.clone(),
                literal: worth.text.clone().filter(|_| worth.is_fixed()),
                text: worth.text.clone(),
                missing: worth.missing.clone(),
                has_spaces,
                line,
                start,
            };
            if is_environment {
                if stage.built.declared.contains(&key) && !worth.arguments.contains(&key) {
                    stage.built.hidden.insert(key.clone());
                }
                stage.scope.insert(key.clone(), worth);
                stage.built.environment.insert(key, set);
            } else {
                stage.built.labels.insert(key, set);
            }
        }
    }
}

impl Stage {
    /// Returns the value of a name in this stage.
    fn lookup(&self, name: &str) -> Worth {
        if let Some(worth) = self.scope.get(name) {
            return worth.clone();
        }
        let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        Worth {
            text: (self.is_scratch || !is_name).then(String::new),
            missing: is_name.then(|| name.to_owned()).into_iter().collect(),
            ..Worth::default()
        }
    }
}

/// Returns the last stage of this name.
pub(super) fn find(stages: &[Stage], name: &str) -> Option<usize> {
    stages.iter().rposition(|stage| {
        let own = stage.name.as_deref();
        own.is_some_and(|own| own.eq_ignore_ascii_case(name))
    })
}
