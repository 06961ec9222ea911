//! Workflows of GitHub Actions and GitLab CI, and composite actions. Reads the steps that build images, with
//! docker's actions or in a script, and the steps that join platforms.
//!
//! docs.github.com/actions/reference/workflow-syntax, docs.gitlab.com/ci/yaml,
//! github.com/docker/build-push-action (inputs), docs.docker.com/reference/cli/docker/buildx.

mod action;
mod command;
mod place;
mod reader;

use super::targets::Targets;
use super::text::SourceError;
use super::yaml::{self, Node, Yaml};
use place::{Directory, Place, joined};
use reader::{Reader, System};

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
            unread: Vec::new(),
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
                if let Some(uses) = job.get("uses") {
                    reader.uses(uses.text().unwrap_or_default(), None, uses.line);
                }
                let directory = defaults(job).or_else(|| defaults(&root));
                reader.steps(job.get("steps"), directory);
            }
        } else if let Some(steps) = composite {
            "action".clone_into(&mut reader.job);
            reader.steps(Some(steps), None);
        } else if root.entries().iter().any(|(_, _, job)| scripts(job)) {
            reader.system = System::GitLab;
            for (name, _, job) in root.entries() {
                reader.job.clone_from(name);
                // One shell runs both; another one runs the script behind them.
                let mut directory = Directory::new(Some(String::new()));
                reader.gitlab(job.get("before_script"), &mut directory);
                reader.gitlab(job.get("script"), &mut directory);
                let mut directory = Directory::new(Some(String::new()));
                reader.gitlab(job.get("after_script"), &mut directory);
                reader.end_job();
            }
        } else {
            return Ok(None);
        }
        Self::counted(reader.found.all.len())?;
        if reader.found.all.is_empty() && reader.found.merges.is_empty() {
            let note = match reader.unread.first() {
                Some(first) => format!(
                    "it has no build step that lint knows; {first} looks like one, and is not checked"
                ),
                None => "it has no build step that lint knows".to_owned(),
            };
            reader.found.notes.push(("nothing-is-built", note));
        }
        Ok(Some(reader.found))
    }
}

/// Returns the directory that a workflow or job sets for all commands.
fn defaults(node: &Node) -> Option<&Node> {
    node.get("defaults")?.get("run")?.get("working-directory")
}

/// Returns the directory of a step's commands. Those of actions run in the checkout.
fn directory(step: &Node, defaults: Option<&Node>) -> Place {
    let own = step.get("working-directory").or(defaults);
    joined("", own.and_then(Node::text).unwrap_or_default())
}

impl Reader<'_> {
    fn steps(&mut self, steps: Option<&Node>, defaults: Option<&Node>) {
        for step in steps.map(Node::items).unwrap_or_default() {
            if let (Some(uses), with) = (step.get("uses").and_then(Node::text), step.get("with")) {
                let line = step.get("uses").map_or(step.line, |it| it.line);
                self.uses(uses, with, line);
            }
            if let Some(run) = step.get("run") {
                self.script(run, &mut Directory::new(directory(step, defaults)));
            }
        }
        self.end_job();
    }

    fn gitlab(&mut self, script: Option<&Node>, directory: &mut Directory) {
        let Some(script) = script else { return };
        match &script.value {
            Yaml::List(items) => items.iter().for_each(|item| self.script(item, directory)),
            _ => self.script(script, directory),
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
}
