//! The actions that build images: github.com/docker/build-push-action (inputs), github.com/docker/bake-action.

use super::super::raw::{Entry, Value};
use super::super::script::{entry, pushes, value};
use super::super::targets::{Ci, annotation};
use super::super::yaml::Node;
use super::reader::Reader;

/// Parts of the names of actions and reusable workflows that build images, and are not read.
const OTHERS: [&str; 5] = [
    "buildah-build",
    "kaniko",
    "docker/github-builder",
    "docker-build",
    "build-and-push",
];

/// Returns an input of an action as an entry.
fn named(with: Option<&Node>, key: &str) -> Option<Entry> {
    let node = with?.get(key)?;
    Some(entry(key, node.text()?, node.line))
}

/// Returns an entry of an input. No shell replaces `$NAME` in it.
fn input(name: &str, text: &str, line: u32) -> Entry {
    match text.contains("${{") {
        true => entry(name, text, line),
        false => Entry::new(name, Value::Literal(text.to_owned()), line),
    }
}

impl Reader<'_> {
    /// Reads a step, or a job, that uses an action or a workflow.
    pub fn uses(&mut self, name: &str, with: Option<&Node>, line: u32) {
        let name = name.split('@').next().unwrap_or_default();
        match name {
            "docker/build-push-action" => self.action(with, line),
            "docker/bake-action" => self.bake_action(with, line),
            _ if OTHERS.iter().any(|it| name.contains(it)) => {
                self.unread.push(format!("line {line}: {name}"));
            }
            _ => {}
        }
    }

    /// docker/build-push-action.
    fn action(&mut self, with: Option<&Node>, line: u32) {
        let mut target = self.target(line);
        let field = |key: &str| with.and_then(|with| with.get(key));
        let list = |key: &str| field(key).map(|node| self.list(node)).unwrap_or_default();
        let first = with.and_then(|with| with.entries().first());
        // Nothing can be put before the first input of `with: {…}`.
        let begins = |key: &str, line: u32| self.line(line).trim_start().starts_with(key);
        let first = first.filter(|(key, line, _)| begins(key, *line));
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
                        entries.push(input(name, text, line));
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
        ci.pushes =
            text("push").is_some_and(|push| push != "false") || text("outputs").is_some_and(pushes);
        target.context = named(with, "context");
        target.stage = text("target").map(str::to_owned);
        let context = text("context").unwrap_or(".");
        // The inputs of an action are paths from the checkout.
        let place =
            Some(String::new()).filter(|_| !text("target").is_some_and(|it| it.contains("${{")));
        self.add(target, ci, &place, Some(context), text("file"));
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
        target.ci = Some(ci);
        self.found.all.push(target);
    }
}
