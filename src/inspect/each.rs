//! Answers for all images of one file: for several platforms, or for the targets of a bake file.

use std::path::Path;

use super::error::{Error, FormError};
use super::input::Input;
use super::opened::{Context, Reads};
use super::{Inspector, archive, json, layout};
use crate::image::detect::Form;
use crate::image::oci::{Platform, Store, is_layout, walk};
use crate::provenance::Provenance;

impl Inspector {
    /// Returns the provenance of each image in a file. A metadata file with several targets has one
    /// for each target, unless the options name one; with `platforms`, also one for each platform.
    /// A file with one image has one answer.
    ///
    /// # Errors
    /// As [`Self::inspect`].
    pub fn inspect_each(
        &self,
        path: &Path,
        platforms: bool,
    ) -> Result<Vec<(Provenance, Reads)>, Error> {
        let input = Input::open(path, &self.options.limits)?;
        let context = self.context();
        let parts = parts(&input, &context, platforms)?;
        let answers = parts.into_iter().map(|(target, platform)| {
            let context = Context {
                target: target.or(context.target.clone()),
                platform: platform.or(context.platform.clone()),
                ..context.clone()
            };
            self.answer(path, &input, &context)
        });
        answers.collect()
    }
}

/// The most images of one file that are answered together: each answer reads the file again.
const MOST: usize = 128;

/// The target and the platform of an image, if the file has several.
type Part = (Option<String>, Option<Platform>);

/// Returns the images of a file. A single image has neither a target nor a platform.
fn parts(input: &Input, context: &Context, platforms: bool) -> Result<Vec<Part>, Error> {
    let mut parts = match input.form {
        Form::Json => targets(input, context, platforms)?,
        Form::OciLayout if platforms => each(input, &input.root(&context.limits)?, context)?,
        Form::SkopeoDirectory if platforms => {
            each(input, &layout::directory(input, &context.limits)?, context)?
        }
        Form::Tar(_) if platforms => each(input, &archive::store(input, context)?, context)?,
        _ => Vec::new(),
    };
    if parts.len() > MOST {
        let count = parts.len();
        let text = format!(
            "it has {count} images; up to {MOST} are answered at once: name one with --platform or --target"
        );
        return Err(input.error(FormError::Other(text)));
    }
    if parts.is_empty() {
        parts.push(Part::default());
    }
    Ok(parts)
}

fn targets(input: &Input, context: &Context, platforms: bool) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    let wanted = context.target.as_ref();
    for target in json::targets(input, &context.limits)? {
        if wanted.is_some() && wanted != target.name.as_ref() {
            continue;
        }
        let known = match platforms {
            true => target.platforms(),
            false => Vec::new(),
        };
        let name = &target.name;
        let of_platforms = known
            .iter()
            .map(|&known| (name.clone(), Some(known.clone())));
        parts.extend(of_platforms);
        if known.is_empty() {
            parts.push((name.clone(), None));
        }
    }
    Ok(parts)
}

/// Returns a part for each platform of a layout.
fn each(input: &Input, store: &dyn Store, context: &Context) -> Result<Vec<Part>, Error> {
    if !is_layout(store) {
        return Ok(Vec::new());
    }
    let walked = walk(store, &context.limits).map_err(|error| input.error(error))?;
    let parts = walked.platforms().into_iter();
    Ok(parts.map(|platform| (None, Some(platform))).collect())
}
