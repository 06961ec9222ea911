//! The lines that a Dockerfile lacks.

use crate::contracts::Contracts;
use crate::lint::document::Edit;
use crate::lint::source::Built;

use super::keys::label_for;

/// Where an argument is to be written to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lacks {
    pub variable: bool,
    pub label: bool,
}

/// The lines that hand an argument to the image of a stage, at the stage's end.
pub(super) fn hand_over(
    contracts: &Contracts,
    name: &str,
    image: &Built,
    lacks: Lacks,
    path: Option<&str>,
) -> Edit {
    let mut insert = Vec::new();
    if !image.declared.contains(name) || image.hidden.contains(name) {
        insert.push(format!("ARG {name}"));
    }
    if lacks.variable {
        insert.push(format!("ENV {name}=\"${{{name}}}\""));
    }
    if lacks.label {
        let label = label_for(contracts, name, image);
        insert.push(format!("LABEL {label}=\"${{{name}}}\""));
    }
    Edit {
        path: path.map(str::to_owned),
        line: image.end.saturating_add(1),
        remove: 0,
        insert,
    }
}
