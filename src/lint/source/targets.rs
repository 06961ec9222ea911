//! What a file builds: the targets of a bake file, the services of a Compose file, the jobs of a workflow.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::carriers::git_context::GitContext;

use super::dockerfile::Dockerfile;
use super::raw::{Entry, Value};
use super::text::SourceError;

/// The most targets of a file. Real files have fewer.
const MOST: usize = 256;

/// Everything that a file has built.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    /// Each of them.
    pub all: Vec<Target>,
    /// Indexes that a workflow puts together.
    pub merges: Vec<Merge>,
    /// What should be known of the reading: a code of a warning, and a sentence.
    pub notes: Vec<(&'static str, String)>,
}

/// One thing that is built.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// What such a thing is called: target, service.
    pub noun: &'static str,
    /// Its name.
    pub name: String,
    /// Its source.
    pub line: u32,
    /// False if a part of it is an expression that is not evaluated, or is in another file. What seems to be
    /// missing may be there.
    pub is_whole: bool,
    /// Build arguments.
    pub arguments: Vec<Entry>,
    /// Labels.
    pub labels: Vec<Entry>,
    /// Annotations.
    pub annotations: Vec<Annotation>,
    /// Its tags, of a bake file.
    pub tags: Vec<Entry>,
    /// What is attested, of a bake file.
    pub attests: Vec<Entry>,
    /// How many platforms it is built for, where that is known.
    pub platforms: Option<usize>,
    /// The stage of the Dockerfile.
    pub stage: Option<String>,
    /// What it is built from: a directory, or a Git repository.
    pub context: Option<Entry>,
    /// More of that, by names.
    pub contexts: Vec<Entry>,
    /// The Dockerfile's path from the file's directory, where it is known.
    pub path: Option<String>,
    /// Where that was found.
    pub found: Option<String>,
    /// The Dockerfile in the file itself, and after reading the one at `path`.
    pub file: Option<Rc<Dockerfile>>,
    /// What a workflow of CI does with it.
    pub ci: Option<Ci>,
}

/// What a workflow of CI does with an image.
#[derive(Clone, Debug, Default)]
pub struct Ci {
    /// True if it is, or may be, pushed.
    pub pushes: bool,
    /// The tags.
    pub tags: Vec<Entry>,
    /// The setting for the provenance attestation, if there is one.
    pub provenance: Option<Entry>,
    /// True if annotations are given, whatever they are.
    pub annotated: bool,
    /// True if an expression may give anything.
    pub opaque: bool,
    /// What holds the commit, in a script; `None` in an action.
    pub commit: Option<&'static str>,
    /// The line of an action's first input.
    pub first: Option<u32>,
}

/// An index that a workflow makes of several images.
#[derive(Clone, Debug)]
pub struct Merge {
    /// The job.
    pub job: String,
    /// Where.
    pub line: u32,
    /// The command: `imagetools create`.
    pub by: &'static str,
    /// True if it gives annotations.
    pub annotated: bool,
    /// What holds the commit.
    pub commit: &'static str,
}

/// An annotation: `index,manifest:KEY=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// `index`, `manifest`, `index-descriptor`, …, perhaps with `[PLATFORM]`; without any
    /// it is for the manifest.
    pub levels: Vec<String>,
    /// The annotation and its value.
    pub entry: Entry,
}

impl Targets {
    /// Checks how many there are.
    pub(super) fn counted(count: usize) -> Result<(), SourceError> {
        if count > MOST {
            let text = format!("it has {count} targets; up to {MOST} are judged");
            return Err(SourceError::TooMany(text));
        }
        Ok(())
    }
}

impl Target {
    /// The build arguments that it gives; `None` if a value is not known.
    #[must_use]
    pub fn given(&self) -> BTreeMap<String, Option<String>> {
        let value = |entry: &Entry| entry.value.literal().map(str::to_owned);
        let pairs = self.arguments.iter().map(|it| (it.key.clone(), value(it)));
        pairs.collect()
    }

    /// Determines where the Dockerfile is: in the file itself, or at a path below its directory. An argument is `None`
    /// if it is not known, and `Some(None)` if there is no inline Dockerfile.
    pub(super) fn dockerfile(
        &mut self,
        inline: Option<Option<(String, u32)>>,
        context: Option<&str>,
        file: Option<&str>,
    ) -> Result<(), String> {
        let Some(inline) = inline else { return Ok(()) };
        if let Some((text, line)) = inline {
            let parsed = Dockerfile::parse(&text);
            let file = parsed.map_err(|error| format!("line {line}: {error}"))?;
            self.file = Some(Rc::new(file));
            return Ok(());
        }
        let Some((context, file)) = context.zip(file) else {
            return Ok(());
        };
        self.path = inside(context, file);
        match &self.path {
            Some(_) => Ok(()),
            None if is_remote(context) => Err(format!(
                "its Dockerfile, {file}, is in its build context, which is not read"
            )),
            None => Err(format!(
                "its Dockerfile, {context}/{file}, is outside of the directories that are read"
            )),
        }
    }
}

/// Reads `index,manifest:KEY=VALUE`; `None` if the key is not written out.
pub(super) fn annotation((text, value, line): (String, Value, u32)) -> Option<Annotation> {
    let (front, literal) = text.split_once('=')?;
    // Levels come before a colon, and the colon before the key. Keys usually have no colon.
    let (levels, key) = match front.split_once(':') {
        Some((levels, key)) => (levels.split(',').map(str::to_owned).collect(), key),
        None => (Vec::new(), front),
    };
    let value = match value {
        Value::Literal(_) => Value::Literal(literal.to_owned()),
        Value::Default(_, names) => Value::Default(literal.to_owned(), names),
        made @ Value::Made(_) => made,
    };
    Some(Annotation {
        levels,
        entry: Entry::new(key, value, line),
    })
}

/// Returns a path below the file's own directory; `None` for any other path, and for a URL.
fn inside(context: &str, file: &str) -> Option<String> {
    // `cwd://` is the directory from which bake is called (docs.docker.com/build/bake/remote-definition).
    let context = context.strip_prefix("cwd://").unwrap_or(context);
    let parts = context.split('/').chain(file.split('/'));
    let parts: Vec<&str> = parts.filter(|part| !matches!(*part, "" | ".")).collect();
    let plain = !context.starts_with('/')
        && !file.starts_with('/')
        && !is_remote(context)
        && !parts.contains(&"..");
    plain.then(|| parts.join("/"))
}

fn is_remote(context: &str) -> bool {
    context.contains("://") || GitContext::parse(context).is_some()
}
