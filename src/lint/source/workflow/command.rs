//! The commands of a script that build images (docs.docker.com/reference/cli/docker/buildx).

use std::collections::BTreeSet;

use super::super::raw::{Entry, Value};
use super::super::script::{commands, entry, options, pushes, value};
use super::super::targets::{Ci, Merge, Target, annotation};
use super::super::yaml::Node;
use super::place::{Directory, Place};
use super::reader::Reader;

/// Returns a command that looks as if it builds an image, and is not read.
fn other(words: &[&str]) -> Option<String> {
    let begins = |known: &[&str]| words.windows(known.len()).any(|it| it == known);
    let known: [&[&str]; 6] = [
        &["docker", "buildx", "bake"],
        &["docker", "compose", "build"],
        &["docker-compose", "build"],
        &["buildctl", "build"],
        &["nerdctl", "build"],
        &["pack", "build"],
    ];
    if let Some(found) = known.into_iter().find(|it| begins(it)) {
        return Some(found.join(" "));
    }
    let first = words.first()?;
    if first.ends_with("kaniko/executor") {
        return Some((*first).to_owned());
    }
    let builds = |word: &&&str| {
        ["docker", "image", "container"]
            .iter()
            .any(|it| word.contains(it))
    };
    let target = words.iter().skip(1).find(builds)?;
    (*first == "make").then(|| format!("make {target}"))
}

impl Reader<'_> {
    /// Reads a script, whose commands may change the directory.
    pub fn script(&mut self, node: &Node, directory: &mut Directory) {
        let Some(script) = node.text() else { return };
        let lines: Vec<&str> = script.split('\n').collect();
        let mut from = node.line;
        for command in commands(script) {
            let text = lines.get(command.line).map_or("", |line| line.trim());
            let line = self.find(text, from);
            from = line;
            let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
            if !directory.follow(&words) {
                self.command(&words, line, &directory.now);
            }
        }
    }

    fn command(&mut self, words: &[&str], line: u32, directory: &Place) {
        if let Some(other) = other(words) {
            self.unread.push(format!("line {line}: {other}"));
        }
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
            | [_, "build" | "bud", rest @ ..] => self.build(rest, line, directory),
            _ => {}
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

    fn build(&mut self, words: &[&str], line: u32, directory: &Place) {
        let end = words.iter().position(|word| word.contains(['<', '>']));
        let words = words.get(..end.unwrap_or(words.len())).unwrap_or(words);
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
        // `-` is standard input.
        let context = options.others.iter().rfind(|word| !word.starts_with('$'));
        let context = context.copied().filter(|word| *word != "-");
        target.context = context.map(|context| entry("context", context, line));
        let is_known = file.as_deref() != Some("-")
            && !target.stage.as_ref().is_some_and(|it| it.contains('$'));
        let directory = directory.clone().filter(|_| is_known);
        self.add(target, ci, &directory, context, file.as_deref());
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
            "--target" => target.stage = Some(text),
            "--output" | "-o" => ci.pushes |= pushes(&text),
            "--build-context" => {
                let (key, text) = text.split_once('=').unwrap_or((&text, ""));
                target.contexts.push(entry(key, text, at));
            }
            _ => {}
        }
    }
}
