//! Reads all levels of an input, for `lint`.

mod json;
mod layout;
mod parts;
mod text;

use std::path::Path;

use super::error::{Error, FormError};
use super::input::Input;
use super::opened::Opened;
use super::{Inspector, reader};

use crate::carriers::Facts;
use crate::image::detect::Form;
use crate::lint::survey::{Image, Known, Survey};
use crate::lint::{self, Document, Expected};

use self::parts::losses;

/// The most variables, labels and annotations of all images together; no real image has more.
const MAX_PAIRS: usize = 20_000;

impl Inspector {
    /// Reads all levels of the input at this path: an image of any form, an index or manifest
    /// alone, a build's metadata file, a Dockerfile or a bake file. `-` is standard input.
    ///
    /// # Errors
    /// If it cannot be read, is none of these, or is over a limit.
    pub fn survey(&self, path: &Path) -> Result<Survey, Error> {
        let context = self.context();
        let input = Input::open_any(path, &self.options.limits)?;
        let mut survey = match input.form {
            Form::OciLayout => layout::of_directory(&input, &context)?,
            Form::SkopeoDirectory => layout::of_skopeo(&input, &context)?,
            Form::Tar(_) => layout::of_archive(&input, &context)?,
            Form::Json => json::survey(&input, &context)?,
            Form::Squashfs => match text::survey(&input, &context)? {
                Some(survey) => survey,
                None => self.one(&input)?,
            },
            Form::Sif | Form::Rootfs => self.one(&input)?,
        };
        survey.path = path.into();
        let images = survey.images.iter();
        let pairs: usize = images.map(|image| count(&image.facts)).sum();
        if pairs > MAX_PAIRS {
            return Err(input.error(FormError::Other(format!(
                "it has {pairs} variables, labels and annotations; up to {MAX_PAIRS} are judged"
            ))));
        }
        Ok(survey)
    }

    /// Returns the findings about the input at this path.
    ///
    /// # Errors
    /// As [`Self::survey`].
    pub fn lint(&self, path: &Path, expected: Option<&Expected>) -> Result<Document, Error> {
        let survey = self.survey(path)?;
        let mirrors = &self.options.mirrors;
        Ok(lint::lint(&survey, &self.contracts, mirrors, expected))
    }

    /// Reads a form that has one image.
    fn one(&self, input: &Input) -> Result<Survey, Error> {
        let Opened {
            file, mut facts, ..
        } = reader(input.form)(input, &self.context())?;
        facts.image_uri = input.image_uri();
        let mut survey = Survey {
            form: file.format.into(),
            ..Survey::default()
        };
        push(&mut survey, facts, None, 0);
        Ok(survey)
    }
}

fn count(facts: &Facts) -> usize {
    let pairs = [&facts.environment, &facts.labels, &facts.annotations];
    pairs.into_iter().map(Vec::len).sum()
}

/// Adds an image with a known configuration, and the losses of reading it.
fn push(survey: &mut Survey, mut facts: Facts, name: Option<String>, group: usize) {
    losses(survey, &mut facts);
    survey.images.push(Image {
        name,
        group,
        facts,
        known: Known {
            configuration: true,
            ..Known::default()
        },
        ..Image::default()
    });
}
