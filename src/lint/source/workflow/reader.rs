//! What is known of a workflow while it is read.

use crate::carriers::git_context::GitContext;

use super::super::targets::{Ci, Target, Targets};
use super::super::yaml::{Node, Yaml};
use super::place::{Place, joined};

/// What a workflow is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    GitHub,
    GitLab,
}

pub(super) struct Reader<'t> {
    pub lines: Vec<&'t str>,
    pub found: Targets,
    pub system: System,
    pub job: String,
    /// True if the current job pushes with a command of its own.
    pub pushes: bool,
    /// What looks like a build, and is not read.
    pub unread: Vec<String>,
}

impl Reader<'_> {
    pub fn target(&self, line: u32) -> Target {
        Target {
            noun: "job",
            name: self.job.clone(),
            line,
            is_whole: true,
            ..Target::default()
        }
    }

    /// Adds a build of a Dockerfile at paths from a directory. A context that is not known is `None`.
    pub fn add(
        &mut self,
        mut target: Target,
        ci: Ci,
        directory: &Place,
        context: Option<&str>,
        file: Option<&str>,
    ) {
        let below = |path: &str| joined(directory.as_deref()?, path);
        let is_remote =
            context.is_some_and(|it| it.contains("://") || GitContext::parse(it).is_some());
        let known = match (context, file) {
            (Some(context), file) if is_remote => {
                let file = joined("", file.unwrap_or("Dockerfile"));
                file.map(|file| (context.to_owned(), file))
            }
            // The path of a named file is relative to the directory, not to the context.
            (_, Some(file)) => below(file).map(|file| (String::new(), file)),
            (Some(context), None) => below(context).map(|it| (it, "Dockerfile".to_owned())),
            (None, None) => None,
        };
        let said = match &known {
            Some((context, file)) => target.dockerfile(Some(None), Some(context), Some(file)),
            None => Err(
                "an expression or standard input decides which Dockerfile or target it builds"
                    .to_owned(),
            ),
        };
        if let Err(reason) = said {
            let (line, job) = (target.line, &target.name);
            let text = format!("line {line}, job {job}: {reason}; no Dockerfile is checked for it");
            self.found.notes.push(("dockerfile-not-read", text));
        }
        target.is_whole &= !ci.opaque;
        target.ci = Some(ci);
        self.found.all.push(target);
    }

    /// Returns the variable with the commit, for a script.
    pub fn commit(&self) -> &'static str {
        match self.system {
            System::GitHub => "${GITHUB_SHA}",
            System::GitLab => "${CI_COMMIT_SHA}",
        }
    }

    /// Returns the lines of a value, each with its line number.
    pub fn list(&self, node: &Node) -> Vec<(String, u32)> {
        let texts: Vec<(&str, u32)> = match &node.value {
            Yaml::Text(text) => text.split('\n').map(|line| (line, node.line)).collect(),
            Yaml::List(items) => items
                .iter()
                .filter_map(|it| Some((it.text()?, it.line)))
                .collect(),
            _ => Vec::new(),
        };
        let mut from = node.line;
        let mut out = Vec::new();
        for (text, line) in texts {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let line = self.find(text, from.max(line));
            from = line;
            out.push((text.to_owned(), line));
        }
        out
    }

    /// Returns a line of the file.
    pub fn line(&self, number: u32) -> &str {
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        self.lines
            .get(at.saturating_sub(1))
            .copied()
            .unwrap_or_default()
    }

    /// Returns the next line of the file that contains the text; the same line if none does.
    pub fn find(&self, text: &str, from: u32) -> u32 {
        let start = usize::try_from(from)
            .unwrap_or(usize::MAX)
            .saturating_sub(1);
        let lines = self.lines.iter().enumerate().skip(start);
        let found = lines.take(500).find(|(_, line)| line.contains(text));
        let at = found.and_then(|(at, _)| u32::try_from(at).ok());
        at.map_or(from, |at| at.saturating_add(1))
    }
}
