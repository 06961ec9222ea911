//! Text: a Dockerfile or a bake file.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use super::parts::{as_given, bytes, warn};
use crate::image::Image as _;
use crate::image::rootfs::Rootfs;
use crate::inspect::error::{Error, FormError};
use crate::inspect::input::{Input, Source as Bytes};
use crate::inspect::opened::Context;
use crate::lint::source::{Bake, Dockerfile, Kind, SourceError, detect};
use crate::lint::survey::{Form, Source, Survey};
use crate::squashfs::ReadAt as _;

/// Bytes that suffice to tell text from an image.
const HEAD: u64 = 512;

/// Reads it; `None` for what is no text, and for an empty file.
pub(super) fn survey(input: &Input, context: &Context) -> Result<Option<Survey>, Error> {
    let is_standard_input = matches!(input.source, Bytes::Bytes(_));
    if !is_standard_input && !starts_as_text(input)? {
        return Ok(None);
    }
    let bytes = bytes(input, context.limits.text_file, "text_file")?;
    let other = |text: String| input.error(FormError::Other(text));
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(_) if is_standard_input => {
            let text = "only JSON, Dockerfiles and bake files are read from standard input; give other forms as a file";
            return Err(other(text.to_owned()));
        }
        Err(_) => return Ok(None),
    };
    let wrong = |error: SourceError| other(error.to_string());
    let Some(kind) = detect(text) else {
        let text = "it is text, but neither a Dockerfile (FROM or ARG come first) nor a bake file (target \"NAME\" { … })";
        return Err(other(text.to_owned()));
    };
    let mut survey;
    match kind {
        Kind::Dockerfile => {
            survey = as_given(Form::Dockerfile);
            let file = Dockerfile::parse(text).map_err(wrong)?;
            on_build(&file, &mut survey);
            survey.source = Some(Source::Dockerfile(file));
        }
        Kind::Hcl => {
            survey = as_given(Form::Bake);
            let bake = Bake::parse_hcl(text).map_err(wrong)?;
            if bake.targets.is_empty() {
                return Err(other(
                    "it is HCL, but has no target that bake could build".to_owned(),
                ));
            }
            survey.source = Some(Source::Bake(with_files(bake, &mut survey, input, context)));
        }
    }
    Ok(Some(survey))
}

/// Says where a base does things of its own in the image that is built: a tag says so.
fn on_build(file: &Dockerfile, survey: &mut Survey) {
    for (base, line) in file.bases().filter(|(base, _)| base.contains("onbuild")) {
        let text = format!(
            "line {line}: {base} runs instructions of its own in this image (ONBUILD), which are not seen here"
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

/// Reads the Dockerfiles of a bake file's targets that lie below its own directory; no
/// link leads out of it. From standard input there is no directory.
pub(super) fn with_files(
    mut bake: Bake,
    survey: &mut Survey,
    input: &Input,
    context: &Context,
) -> Bake {
    let directory = match (&input.source, input.path.parent()) {
        (Bytes::File(_), Some(parent)) if parent.as_os_str().is_empty() => Path::new("."),
        (Bytes::File(_), Some(parent)) => parent,
        _ => return bake,
    };
    let Ok(root) = Rootfs::open(directory, &context.limits) else {
        return bake;
    };
    let mut read: HashMap<String, Option<Rc<Dockerfile>>> = HashMap::new();
    for target in &mut bake.targets {
        let Some(path) = target.path.clone().filter(|_| target.file.is_none()) else {
            continue;
        };
        let found = read.entry(path.clone()).or_insert_with(|| {
            let inner = format!("/{path}");
            let bytes = match root.read(inner.as_bytes(), context.limits.text_file) {
                Ok(bytes) => bytes,
                Err(error) if error.is_not_found() => return None,
                Err(error) => {
                    warn(survey, "dockerfile-not-read", error.to_string());
                    return None;
                }
            };
            match Dockerfile::parse(&String::from_utf8_lossy(&bytes)) {
                Ok(file) => Some(Rc::new(file)),
                Err(error) => {
                    warn(survey, "dockerfile-not-read", format!("{path}: {error}"));
                    None
                }
            }
        });
        target.file.clone_from(found);
    }
    bake
}
