//! Reads text: a Dockerfile, a bake file, a Compose file or a workflow.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::parts::{as_given, bytes, warn};
use crate::given;
use crate::image::Image as _;
use crate::image::rootfs::Rootfs;
use crate::inspect::error::{Error, FormError};
use crate::inspect::input::{Input, Source as Bytes};
use crate::inspect::opened::Context;
use crate::lint::source::{Dockerfile, Kind, SourceError, Targets, detect};
use crate::lint::survey::{Form, Source, Survey};
use crate::squashfs::ReadAt as _;

/// The number of bytes that distinguish text from an image.
const HEAD: u64 = 512;

/// Reads a text file; `None` for other files, and for an empty one.
pub(super) fn survey(input: &Input, context: &Context) -> Result<Option<Survey>, Error> {
    let is_standard_input = matches!(input.source, Bytes::Bytes(_));
    if !is_standard_input && !starts_as_text(input)? {
        return Ok(None);
    }
    let bytes = bytes(input, context.limits.text_file, "text_file")?;
    let other = |text: String| input.error(FormError::Other(text));
    let wrong = |error: SourceError| input.error(error);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) if is_standard_input => {
            let text = "only JSON, Dockerfiles, bake and Compose files and workflows are read from standard input; give other forms as a file";
            return Err(other(text.to_owned()));
        }
        Err(_) => return Ok(None),
    };
    let mut survey;
    match detect(text) {
        Some(Kind::Dockerfile) => {
            survey = as_given(Form::Dockerfile);
            let file = Dockerfile::parse(text).map_err(wrong)?;
            on_build(&file, &mut survey);
            survey.source = Some(Source::Dockerfile(file));
        }
        Some(Kind::Hcl) => {
            return bake(text, input, context).map(Some);
        }
        None => {
            let found = yaml(text).map_err(wrong)?;
            let (form, targets) = found.ok_or_else(|| other(NEITHER.to_owned()))?;
            survey = as_given(form);
            let targets = with_files(targets, &mut survey, input, context);
            survey.source = Some(Source::Targets(targets));
        }
    }
    text.clone_into(&mut survey.text);
    Ok(Some(survey))
}

/// Reads a bake file, with the files merged over it.
pub(super) fn bake(text: &str, input: &Input, context: &Context) -> Result<Survey, Error> {
    let asked = &context.bake;
    let mut survey = as_given(Form::Bake);
    let mut texts = vec![text.to_owned()];
    text.clone_into(&mut survey.text);
    for path in &asked.files {
        let shown = path.display().to_string();
        let bytes = given::read(path, context.limits.text_file)
            .map_err(|error| input.error(FormError::Other(format!("with {shown}: {error}"))))?;
        survey.text.push('\n');
        let lines = survey.text.split('\n').count();
        survey
            .files
            .push((u32::try_from(lines).unwrap_or(u32::MAX), shown));
        let more = String::from_utf8_lossy(&bytes);
        survey.text.push_str(&more);
        texts.push(more.into_owned());
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let targets = Targets::of_bake(&texts, asked).map_err(|error| input.error(error))?;
    let targets = with_files(targets, &mut survey, input, context);
    survey.source = Some(Source::Targets(targets));
    Ok(survey)
}

const NEITHER: &str = "it is text, but neither a Dockerfile (FROM or ARG come first) nor a bake file (target \"NAME\" { … }) nor a Compose file (services: …) nor a workflow (jobs: …)";

/// Parses YAML, if the text looks like it.
fn yaml(text: &str) -> Result<Option<(Form, Targets)>, SourceError> {
    let is_key = |line: &str| line.starts_with(|c: char| c.is_alphabetic()) && line.contains(':');
    if !text.split('\n').any(is_key) {
        return Ok(None);
    }
    if let Some(found) = Targets::of_compose(text)? {
        return Ok(Some((Form::Compose, found)));
    }
    let found = Targets::of_workflow(text)?;
    Ok(found.map(|found| (Form::Workflow, found)))
}

/// Warns if the tag of a base says that it adds ONBUILD instructions to the build.
fn on_build(file: &Dockerfile, survey: &mut Survey) {
    for (base, line) in file.bases().filter(|(base, _)| base.contains("onbuild")) {
        let text = format!(
            "line {line}: {base} adds instructions to this build (ONBUILD) that cannot be seen here"
        );
        warn(survey, "onbuild-of-base", text);
    }
}

fn starts_as_text(input: &Input) -> Result<bool, Error> {
    let file = input.file()?;
    let size = file.size().map_err(|error| input.failed(error))?;
    let head = file
        .part(0, size.min(HEAD))
        .map_err(|error| input.failed(error))?;
    let readable = |byte: u8| byte >= b' ' || matches!(byte, b'\n' | b'\r' | b'\t' | 0x0c);
    Ok(!head.is_empty() && head.iter().all(|byte| readable(*byte)))
}

/// Reads the Dockerfiles of targets below the file's own directory, or below the working directory,
/// as bake does. No link leads out of either. For standard input, only the working directory is
/// searched.
fn with_files(
    mut targets: Targets,
    survey: &mut Survey,
    input: &Input,
    context: &Context,
) -> Targets {
    let said = targets
        .notes
        .iter()
        .any(|(code, _)| *code == "nothing-is-built");
    if targets.all.is_empty() && targets.merges.is_empty() && !said {
        let text = "nothing in it builds an image: there is nothing to check";
        warn(survey, "nothing-is-built", text.to_owned());
    }
    for (code, text) in std::mem::take(&mut targets.notes) {
        warn(survey, code, text);
    }
    let directory = match (&input.source, input.path.parent()) {
        (Bytes::File(_), Some(parent)) if !parent.as_os_str().is_empty() => Some(parent),
        _ => None,
    };
    let roots: Vec<(Option<&Path>, Rootfs)> = [directory, None]
        .into_iter()
        .filter_map(|at| {
            let root = Rootfs::open(at.unwrap_or(Path::new(".")), &context.limits).ok()?;
            Some((at, root))
        })
        .collect();
    let mut read: HashMap<String, Option<(String, Rc<Dockerfile>)>> = HashMap::new();
    for target in &mut targets.all {
        let Some(path) = target.path.clone().filter(|_| target.file.is_none()) else {
            continue;
        };
        let found = read.entry(path.clone()).or_insert_with(|| {
            let found = dockerfile(&path, &roots, context);
            found
                .map_err(|reason| warn(survey, "dockerfile-not-read", format!("{path}: {reason}")))
                .ok()
        });
        if let Some((place, file)) = found {
            target.found = Some(place.clone());
            target.file = Some(Rc::clone(file));
        }
    }
    targets
}

/// Returns the first Dockerfile for a path, and where it is.
fn dockerfile(
    path: &str,
    roots: &[(Option<&Path>, Rootfs)],
    context: &Context,
) -> Result<(String, Rc<Dockerfile>), String> {
    let inner = format!("/{path}");
    for (at, root) in roots {
        let bytes = match root.read(inner.as_bytes(), context.limits.text_file) {
            Ok(bytes) => bytes,
            Err(error) if error.is_not_found() => continue,
            Err(error) => return Err(error.of_limit("text_file").to_string()),
        };
        let file = Dockerfile::parse(&String::from_utf8_lossy(&bytes));
        let file = file.map_err(|error| error.to_string())?;
        let place = at.map_or_else(|| PathBuf::from(path), |at| at.join(path));
        return Ok((place.display().to_string(), Rc::new(file)));
    }
    let text = "there is no such Dockerfile below the directory of the file, nor below this one";
    Err(text.to_owned())
}
