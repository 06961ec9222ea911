//! Functions that all readers of a survey share.

use crate::carriers::{Build, Facts, Loss};
use crate::inspect::error::{Error, shown};
use crate::inspect::input::Input;
use crate::lint::survey::{Form, Image, Survey};
use crate::provenance::Warning;

/// Moves the losses of reading an image to the survey.
pub(super) fn losses(survey: &mut Survey, facts: &mut Facts) {
    for Loss {
        code,
        message,
        partial,
    } in std::mem::take(&mut facts.losses)
    {
        survey.partial |= partial;
        let warning = Warning {
            code: code.to_owned(),
            message,
        };
        if !survey.warnings.contains(&warning) {
            survey.warnings.push(warning);
        }
    }
}

/// Adds a warning about a part that could not be read.
pub(super) fn warn(survey: &mut Survey, code: &str, message: String) {
    let code = code.to_owned();
    survey.warnings.push(Warning { code, message });
}

/// Returns the name of the input, for places in it.
pub(super) fn name(input: &Input) -> String {
    shown(&input.path)
}

/// Returns a survey without images.
pub(super) fn as_given(form: Form) -> Survey {
    Survey {
        form,
        ..Survey::default()
    }
}

/// Reads an input that is not a directory, up to a limit.
pub(super) fn bytes<'i>(input: &'i Input, limit: u64, limit_name: &str) -> Result<&'i [u8], Error> {
    input.bytes(limit, |size| {
        format!("its {size} bytes are over the limit {limit_name} of {limit} bytes")
    })
}

/// Adds the arguments of a build to the known build arguments of the image.
pub(super) fn arguments(image: &mut Image, build: &Build) {
    for argument in &build.arguments {
        let mut pair = argument.clone();
        if let Some(name) = argument.key.strip_prefix("build-arg:") {
            name.clone_into(&mut pair.key);
        }
        let mut known = image.arguments.iter();
        if !known.any(|known| known.key == pair.key && known.value == pair.value) {
            image.arguments.push(pair);
        }
    }
}
