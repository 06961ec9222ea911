//! The lines that a recipe lacks.

use crate::contracts::Contracts;
use crate::lint::case::Case;
use crate::lint::document::Edit;
use crate::lint::source::{Built, is_yaml};
use crate::lint::survey::Form;

use super::keys::label_for;

/// What holds the commit in the lines that a finding prints.
const NAME: &str = "GIT_COMMIT";

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

/// A line with a variable in it in place of a text, and what declares that variable; nothing
/// where the text does not stand in the line as it is.
pub(super) fn with_variable(
    case: &Case,
    line: u32,
    text: &str,
    new: impl Fn(&str) -> String,
) -> Vec<Edit> {
    let form = case.survey.form;
    let variable = match form {
        Form::Compose => format!("${{{NAME}:?all digits of the commit}}"),
        Form::Workflow => "${{ github.sha }}".to_owned(),
        _ => format!("${{{NAME}}}"),
    };
    let plain = new(&variable);
    // In a flow mapping, {GIT_COMMIT: main}, braces end a value that has no quotes.
    let candidates = [plain.clone(), format!("\"{plain}\"")];
    let mut edits = candidates
        .iter()
        .filter_map(|candidate| line_with(case, line, text, candidate));
    let is_yaml = matches!(form, Form::Compose | Form::Workflow);
    let Some(replace) = edits.find(|edit| !is_yaml || is_yaml_after(case, edit)) else {
        return Vec::new();
    };
    let before = |line: u32, new: String| Edit {
        path: None,
        line,
        remove: 0,
        insert: vec![new],
    };
    let declared = |by: &str| case.survey.text.contains(&format!("{by}{NAME}"));
    match form {
        Form::Dockerfile if !declared("ARG ") => {
            vec![before(line, format!("ARG {NAME}")), replace]
        }
        Form::Bake if !declared("variable \"") => {
            vec![before(1, format!("variable \"{NAME}\" {{}}")), replace]
        }
        _ => vec![replace],
    }
}

/// Returns true if the file is still YAML after the change.
fn is_yaml_after(case: &Case, edit: &Edit) -> bool {
    let at = usize::try_from(edit.line).unwrap_or_default();
    let lines = case.survey.text.split('\n').enumerate();
    let changed = lines.map(|(number, line)| match number.saturating_add(1) == at {
        true => edit.insert.join("\n"),
        false => line.to_owned(),
    });
    is_yaml(&changed.collect::<Vec<_>>().join("\n"))
}

/// A line with one text in place of another, the last in it; `None` if that is not there.
pub(super) fn line_with(case: &Case, line: u32, old: &str, new: &str) -> Option<Edit> {
    let at = usize::try_from(line).ok()?.checked_sub(1)?;
    let text = case.survey.text.split('\n').nth(at)?;
    let (before, after) = text.rsplit_once(old)?;
    Some(Edit {
        path: None,
        line,
        remove: 1,
        insert: vec![format!("{before}{new}{after}")],
    })
}
