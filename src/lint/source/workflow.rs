//! Workflows of GitHub Actions and GitLab CI, and composite actions. Reads the steps that build images, with
//! docker's actions or in a script, and the steps that join platforms.
//!
//! docs.github.com/actions/reference/workflow-syntax, docs.gitlab.com/ci/yaml,
//! github.com/docker/build-push-action (inputs), docs.docker.com/reference/cli/docker/buildx.

use std::collections::BTreeSet;

use super::raw::{Entry, Value};
use super::script::{Command, commands, entry, options, value};
use super::targets::{Ci, Merge, Target, Targets, annotation};
use super::text::SourceError;
use super::yaml::{self, Node, Yaml};

/// What a workflow is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    GitHub,
    GitLab,
}

impl Targets {
    /// Reads the builds of a workflow; `None` for other YAML.
    ///
    /// # Errors
    /// If it is not YAML, or has too many steps that build.
    pub fn of_workflow(text: &str) -> Result<Option<Self>, SourceError> {
        let root = yaml::parse(text)?;
        let mut reader = Reader {
            lines: text.split('\n').collect(),
            found: Self::default(),
            system: System::GitHub,
            job: String::new(),
            pushes: false,
        };
        let jobs = root.get("jobs").map(Node::entries).unwrap_or_default();
        let is_job = |node: &Node| node.get("steps").is_some() || node.get("uses").is_some();
        let composite = root.get("runs").and_then(|runs| runs.get("steps"));
        let scripts = |node: &Node| {
            let script = node.get("script");
            script.is_some_and(|it| it.text().is_some() || !it.items().is_empty())
        };
        if jobs.iter().any(|(_, _, job)| is_job(job)) {
            for (name, _, job) in jobs {
                reader.job.clone_from(name);
                reader.steps(job.get("steps"));
            }
        } else if let Some(steps) = composite {
            "action".clone_into(&mut reader.job);
            reader.steps(Some(steps));
        } else if root.entries().iter().any(|(_, _, job)| scripts(job)) {
            reader.system = System::GitLab;
            for (name, _, job) in root.entries() {
                reader.job.clone_from(name);
                for key in ["before_script", "script", "after_script"] {
                    reader.gitlab(job.get(key));
                }
                reader.end_job();
            }
        } else {
            return Ok(None);
        }
        Self::counted(reader.found.all.len())?;
        Ok(Some(reader.found))
    }
}

/// Returns an input of an action as an entry.
fn named(with: Option<&Node>, key: &str) -> Option<Entry> {
    let node = with?.get(key)?;
    Some(entry(key, node.text()?, node.line))
}

struct Reader<'t> {
    lines: Vec<&'t str>,
    found: Targets,
    system: System,
    job: String,
    /// True if the current job pushes with a command of its own.
    pushes: bool,
}

impl Reader<'_> {
    fn steps(&mut self, steps: Option<&Node>) {
        for step in steps.map(Node::items).unwrap_or_default() {
            if let (Some(uses), with) = (step.get("uses").and_then(Node::text), step.get("with")) {
                let name = uses.split('@').next().unwrap_or_default();
                let line = step.get("uses").map_or(step.line, |it| it.line);
                match name {
                    "docker/build-push-action" => self.action(with, line),
                    "docker/bake-action" => self.bake_action(with, line),
                    _ => {}
                }
            }
            if let Some(run) = step.get("run") {
                self.script(run);
            }
        }
        self.end_job();
    }

    fn gitlab(&mut self, script: Option<&Node>) {
        let Some(script) = script else { return };
        match &script.value {
            Yaml::List(items) => items.iter().for_each(|item| self.script(item)),
            _ => self.script(script),
        }
    }

    /// Marks the builds of a job as pushed if the job pushes with a command of its own.
    fn end_job(&mut self) {
        let job = std::mem::take(&mut self.job);
        let pushed = std::mem::take(&mut self.pushes);
        let of_job = self.found.all.iter_mut().filter(|it| it.name == job);
        for ci in of_job.filter_map(|target| target.ci.as_mut()) {
            ci.pushes |= pushed;
        }
    }

    fn target(&self, line: u32) -> Target {
        Target {
            noun: "job",
            name: self.job.clone(),
            line,
            is_whole: true,
            ..Target::default()
        }
    }

    /// docker/build-push-action.
    fn action(&mut self, with: Option<&Node>, line: u32) {
        let mut target = self.target(line);
        let field = |key: &str| with.and_then(|with| with.get(key));
        let list = |key: &str| field(key).map(|node| self.list(node)).unwrap_or_default();
        let first = with.and_then(|with| with.entries().first());
        let mut ci = Ci {
            first: first.map(|(_, line, _)| *line),
            provenance: named(with, "provenance"),
            ..Ci::default()
        };
        for (key, entries) in [
            ("build-args", &mut target.arguments),
            ("labels", &mut target.labels),
        ] {
            for (text, line) in list(key) {
                match text.split_once('=') {
                    Some((name, text)) if !name.contains(['$', '{', ' ']) => {
                        entries.push(entry(name, text, line))
                    }
                    _ => ci.opaque = true,
                }
            }
        }
        for (text, line) in list("annotations") {
            match annotation((text.clone(), value(&text), line)) {
                Some(found) if !text.starts_with("${{") => target.annotations.push(found),
                _ => ci.annotated = true,
            }
        }
        ci.annotated |= !target.annotations.is_empty();
        let platforms = list("platforms");
        let platforms = platforms.iter().flat_map(|(text, _)| text.split(','));
        let platforms: Vec<&str> = platforms.collect();
        target.platforms =
            Some(platforms.len()).filter(|count| *count > 0 && !platforms.concat().contains("${{"));
        let tags = list("tags").into_iter();
        ci.tags = tags.map(|(text, line)| entry("tag", &text, line)).collect();
        let text = |key: &str| field(key).and_then(Node::text);
        ci.pushes = text("push").is_some_and(|push| push != "false")
            || text("outputs").is_some_and(|outputs| outputs.contains("push"));
        target.context = named(with, "context");
        let stage = text("target").filter(|text| !text.contains("${{"));
        target.stage = stage.map(str::to_owned);
        self.add(target, ci, text("file"));
    }

    /// docker/bake-action. The bake file says what is built.
    fn bake_action(&mut self, with: Option<&Node>, line: u32) {
        let mut target = self.target(line);
        target.is_whole = false;
        let ci = Ci {
            provenance: named(with, "provenance"),
            opaque: true,
            pushes: with.and_then(|with| with.get("push")?.text()) == Some("true"),
            ..Ci::default()
        };
        self.add(target, ci, None);
    }

    fn add(&mut self, mut target: Target, ci: Ci, file: Option<&str>) {
        let context = match &target.context {
            None => Some("."),
            Some(entry) => entry.value.literal(),
        };
        // The path of a named file is relative to the checkout, not to the context.
        let file = file.filter(|file| !file.contains('$'));
        let (context, file) = match (context, file) {
            (Some(_), Some(file)) => (Some(String::new()), Some(file.to_owned())),
            (Some(context), None) => (Some(context.to_owned()), Some("Dockerfile".to_owned())),
            (None, _) => (None, None),
        };
        let _ = target.dockerfile(Some(None), context.as_deref(), file.as_deref());
        target.is_whole &= !ci.opaque;
        target.ci = Some(ci);
        self.found.all.push(target);
    }

    /// Returns the lines of a value, each with its line number.
    fn list(&self, node: &Node) -> Vec<(String, u32)> {
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

    /// Returns the next line of the file that contains the text; the same line if none does.
    fn find(&self, text: &str, from: u32) -> u32 {
        let start = usize::try_from(from)
            .unwrap_or(usize::MAX)
            .saturating_sub(1);
        let lines = self.lines.iter().enumerate().skip(start);
        let found = lines.take(500).find(|(_, line)| line.contains(text));
        let at = found.and_then(|(at, _)| u32::try_from(at).ok());
        at.map_or(from, |at| at.saturating_add(1))
    }

    fn script(&mut self, node: &Node) {
        let Some(script) = node.text() else { return };
        let lines: Vec<&str> = script.split('\n').collect();
        let mut from = node.line;
        for command in commands(script) {
            let text = lines.get(command.line).map_or("", |line| line.trim());
            let line = self.find(text, from);
            from = line;
            self.command(&command, line);
        }
    }

    fn command(&mut self, command: &Command, line: u32) {
        let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
        // Skips words before the command: sudo, env, NAME=value.
        let start = words
            .iter()
            .position(|word| matches!(*word, "docker" | "podman" | "buildah"));
        let words = start.and_then(|at| words.get(at..)).unwrap_or_default();
        match words {
            ["docker", "buildx", "imagetools", "create", rest @ ..] => {
                self.merge(rest, line, "imagetools create")
            }
            [_, "manifest", "create", rest @ ..] => self.merge(rest, line, "manifest create"),
            [_, "push", ..] => self.pushes = true,
            ["docker", "buildx" | "image", "build", rest @ ..]
            | [_, "build" | "bud", rest @ ..] => self.build(rest, line),
            _ => {}
        }
    }

    /// Returns the variable with the commit, for a script.
    fn commit(&self) -> &'static str {
        match self.system {
            System::GitHub => "${GITHUB_SHA}",
            System::GitLab => "${CI_COMMIT_SHA}",
        }
    }

    fn merge(&mut self, words: &[&str], line: u32, by: &'static str) {
        let sources = options(words).others;
        // A copy of one index keeps its annotations; the first name of a manifest is its own.
        let several = sources.len() > 1
            || sources
                .iter()
                .any(|it| it.contains("$(") || it.contains("[@]"));
        if several && !words.contains(&"--dry-run") {
            self.found.merges.push(Merge {
                job: self.job.clone(),
                line,
                by,
                annotated: words.iter().any(|word| word.contains("annotation")),
                commit: self.commit(),
            });
        }
    }

    fn build(&mut self, words: &[&str], line: u32) {
        let mut target = self.target(line);
        let options = options(words);
        let mut ci = Ci {
            commit: Some(self.commit()),
            // A bare variable or command may contain options.
            opaque: options.others.iter().any(|word| word.starts_with('$')),
            ..Ci::default()
        };
        let mut file = None;
        for (name, text) in options.given {
            self.option(name, text, line, &mut target, &mut ci, &mut file);
        }
        let context = options.others.iter().rfind(|word| !word.starts_with('$'));
        target.context = context.map(|context| entry("context", context, line));
        self.add(target, ci, file.as_deref());
    }

    fn option(
        &self,
        name: &str,
        text: Option<String>,
        line: u32,
        target: &mut Target,
        ci: &mut Ci,
        file: &mut Option<String>,
    ) {
        if name == "--push" {
            ci.pushes |= text.as_deref() != Some("false");
        }
        let Some(text) = text else { return };
        let at = self.find(&text, line);
        match name {
            "--build-arg" => match text.split_once('=') {
                Some((key, text)) => target.arguments.push(entry(key, text, at)),
                None => {
                    let value = Value::Made(BTreeSet::from([text.clone()]));
                    target.arguments.push(Entry::new(text, value, at));
                }
            },
            "--label" => {
                let (key, text) = text.split_once('=').unwrap_or((&text, ""));
                target.labels.push(entry(key, text, at));
            }
            "--annotation" => {
                let value = value(&text);
                target.annotations.extend(annotation((text, value, at)));
                ci.annotated = true;
            }
            "--tag" | "-t" => ci.tags.push(entry("tag", &text, at)),
            "--platform" => {
                target.platforms = Some(text.split(',').count()).filter(|_| !text.contains('$'));
            }
            "--provenance" => ci.provenance = Some(entry("provenance", &text, at)),
            "--file" | "-f" => *file = Some(text),
            "--target" => target.stage = Some(text).filter(|text| !text.contains('$')),
            "--output" | "-o" => ci.pushes |= text.contains("push"),
            "--build-context" => {
                let (key, text) = text.split_once('=').unwrap_or((&text, ""));
                target.contexts.push(entry(key, text, at));
            }
            _ => {}
        }
    }
}
