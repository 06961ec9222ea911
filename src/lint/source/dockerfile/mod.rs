//! A Dockerfile: the variables and labels of its images, and the build arguments that reach them.

mod built;
mod documents;
mod state;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use super::text::SourceError;
use super::words::plain;
use built::Stage;
use state::{States, find, states};
use steps::{Step, Steps};

pub use built::{Built, Fetched, Set, Undeclared};

pub(in crate::lint) use state::Given;

/// More stages than any Dockerfile has.
const MAX_STAGES: usize = 128;

/// An evaluated Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dockerfile {
    steps: Steps,
    stages: Vec<Stage>,
    /// Each argument: the line of its first declaration, and its default.
    pub arguments: BTreeMap<String, (u32, Option<String>)>,
    /// Arguments that FROM lines take: they choose a base, and are no stamps.
    pub in_from: BTreeSet<String>,
    /// Uses of an argument that its stage does not declare.
    pub undeclared: Vec<Undeclared>,
    /// What ADD fetches.
    pub fetched: Vec<Fetched>,
}

impl Dockerfile {
    /// Reads a Dockerfile.
    ///
    /// # Errors
    /// If its syntax is none, or it has too many stages.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        let steps = steps::read(text)?;
        if steps.ends.len() > MAX_STAGES {
            let text = format!("it has more than {MAX_STAGES} stages");
            return Err(SourceError::Dockerfile(text));
        }
        let mut arguments: BTreeMap<String, (u32, Option<String>)> = BTreeMap::new();
        for step in &steps.steps {
            if let Step::Argument {
                name,
                default,
                line,
            } = step
            {
                let known = arguments.entry(name.clone()).or_insert((*line, None));
                let default = default.as_deref();
                known.1 = known
                    .1
                    .take()
                    .or(default.map(|text| plain(text, steps.escape)));
            }
        }
        let found = states(&steps, &Given::new());
        Ok(Self {
            in_from: found.in_from,
            stages: found.stages,
            undeclared: found.undeclared,
            fetched: found.fetched,
            arguments,
            steps,
        })
    }

    /// Returns the Dockerfile as built with these arguments. `None` is a value that is not known.
    #[must_use]
    pub fn given(&self, given: &BTreeMap<String, Option<String>>) -> Self {
        let States {
            stages,
            undeclared,
            fetched,
            in_from,
        } = states(&self.steps, given);
        Self {
            steps: self.steps.clone(),
            arguments: self.arguments.clone(),
            stages,
            in_from,
            undeclared,
            fetched,
        }
    }

    /// Returns the image of a stage, or of the last stage if none is named.
    #[must_use]
    pub fn image(&self, stage: Option<&str>) -> Built {
        let found = match stage {
            Some(name) => find(&self.stages, name).or_else(|| name.parse().ok()),
            None => self.stages.len().checked_sub(1),
        };
        let found = found.and_then(|at| self.stages.get(at));
        found.map(|stage| stage.built.clone()).unwrap_or_default()
    }

    /// Returns true if it has this stage, by its name or number.
    #[must_use]
    pub fn has_stage(&self, name: &str) -> bool {
        let number = name.parse().is_ok_and(|at: usize| at < self.stages.len());
        number || find(&self.stages, name).is_some()
    }

    /// Returns the images that somebody may want to build: the last one, and each stage that no other stage
    /// uses.
    #[must_use]
    pub fn images(&self) -> Vec<&Built> {
        let last = self.stages.len().saturating_sub(1);
        let is_base = |at: usize| self.stages.iter().any(|stage| stage.base == Some(at));
        let ends = self.stages.iter().enumerate().rev();
        ends.filter(|(at, stage)| *at == last || !(stage.copied || is_base(*at)))
            .map(|(_, stage)| &stage.built)
            .collect()
    }

    /// Returns true if a command asks git for a commit or a version.
    #[must_use]
    pub fn asks_git(&self) -> bool {
        self.steps.steps.iter().any(|step| {
            let Step::Command(words) = step else {
                return false;
            };
            let has = |word: &str| words.contains(word);
            has("git") && (has("describe") || (has("rev") && has("parse")))
        })
    }

    /// Returns the images from which stages start, each with its line. Other stages of the file are left out.
    pub fn bases(&self) -> impl Iterator<Item = (&str, u32)> {
        let stages = self.stages.iter().filter(|stage| stage.base.is_none());
        stages.filter_map(|stage| Some((stage.image.as_deref()?, stage.line)))
    }
}
