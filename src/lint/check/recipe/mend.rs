//! The lines that a recipe lacks.

use crate::contracts::Contracts;
use crate::lint::case::Case;
use crate::lint::document::Edit;
use crate::lint::source::{Built, is_yaml};
use crate::lint::survey::Form;

use super::keys::label_for;

/// The name of the commit's argument in the lines that a finding prints.
const NAME: &str = "GIT_COMMIT";

/// Where an argument is missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lacks {
    pub variable: bool,
    pub label: bool,
}

impl Lacks {
    pub const BOTH: Self = Self {
        variable: true,
        label: true,
    };
}

/// Inserts at the end of a stage the lines that hand an argument to its image.
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
    at_end(image, insert, path)
}

/// Inserts lines at the end of a stage; none if the last line goes on in the next one.
pub(super) fn at_end(image: &Built, mut insert: Vec<String>, path: Option<&str>) -> Edit {
    if image.is_open {
        insert.clear();
    }
    Edit {
        path: path.map(str::to_owned),
        ..Edit::before(image.end.saturating_add(1), insert)
    }
}

/// Replaces a text in a line by a variable, and declares the variable; `commit` is the one of a script. Returns no edit if the line does not contain
/// the text.
pub(super) fn with_variable(
    case: &Case,
    line: u32,
    text: &str,
    commit: Option<&str>,
    new: impl Fn(&str) -> String,
) -> Vec<Edit> {
    let form = case.survey.form;
    // The shell replaces no variable in single quotes.
    if commit.is_some() && text_of(case, line).is_some_and(|line| line.contains('\'')) {
        return Vec::new();
    }
    let variable = match form {
        Form::Compose => format!("${{{NAME}:?all digits of the commit}}"),
        Form::Workflow => commit.unwrap_or("${{ github.sha }}").to_owned(),
        _ => format!("${{{NAME}}}"),
    };
    let plain = new(&variable);
    // In a flow mapping, {GIT_COMMIT: main}, braces end a value that has no quotes.
    let candidates = [plain.clone(), format!("\"{plain}\"")];
    let edits = candidates.iter();
    let mut edits = edits.filter_map(|new| line_with(case, line, text, new));
    let is_yaml = matches!(form, Form::Compose | Form::Workflow);
    let Some(replace) = edits.find(|edit| !is_yaml || is_yaml_after(case, edit)) else {
        return Vec::new();
    };
    let declared = |by: &str| case.survey.text.contains(&format!("{by}{NAME}"));
    let (line, declaration) = match form {
        Form::Dockerfile if !declared("ARG ") => (line, format!("ARG {NAME}")),
        Form::Bake if !declared("variable \"") => (1, format!("variable \"{NAME}\" {{}}")),
        _ => return vec![replace],
    };
    vec![Edit::before(line, vec![declaration]), replace]
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

/// Replaces a text in a line; `None` if the line contains it not once, or more than once. A part of a word does not
/// count.
pub(super) fn line_with(case: &Case, line: u32, old: &str, new: &str) -> Option<Edit> {
    let text = text_of(case, line)?;
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let ends = (
        is_part(old.chars().next()),
        is_part(old.chars().next_back()),
    );
    let mut places = text.match_indices(old).filter_map(|(at, _)| {
        let before = text.get(..at)?;
        let after = text.get(at.saturating_add(old.len())..)?;
        let cut = ends.0 && is_part(before.chars().next_back())
            || ends.1 && is_part(after.chars().next());
        (!cut).then_some((before, after))
    });
    let (before, after) = places.next()?;
    if places.next().is_some() {
        return None;
    }
    Some(Edit {
        remove: 1,
        ..Edit::before(line, vec![format!("{before}{new}{after}")])
    })
}

/// Returns a line of the input.
pub(super) fn text_of<'c>(case: &'c Case, line: u32) -> Option<&'c str> {
    let at = usize::try_from(line).ok()?.checked_sub(1)?;
    case.survey.text.split('\n').nth(at)
}
