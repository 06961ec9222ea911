//! `diff`: what two images differ in, for a person.

use anstyle::Style;

use crate::audit::diff::{Diff, SECTIONS};
use crate::report::terminal::{ASIDE, BAD, GOOD, LEAST_WIDTH, PLAIN, STRONG, hang, paint};
use crate::report::{escape, words};

/// Returns the differences for a person: `-` marks the first image's values, `+` the second's. Lines are wrapped to
/// the width of a terminal, if there is one.
#[must_use]
pub fn human(diff: &Diff, colour: bool, width: Option<usize>) -> String {
    let width = width.unwrap_or(usize::MAX).max(LEAST_WIDTH);
    let mut text = String::new();
    let mut push = |style: Style, lead: &str, said: &str| {
        for line in hang(lead, &escape::text(said), width) {
            text.push_str(&paint(colour, style, &line));
            text.push('\n');
        }
    };
    push(BAD, "- ", &diff.a);
    push(GOOD, "+ ", &diff.b);
    let mut section = "";
    for change in &diff.changes {
        if change.section != section {
            section = &change.section;
            push(PLAIN, "", "");
            push(STRONG, "", section);
        }
        push(PLAIN, "  ", &words::compared(section, &change.name));
        for (lead, style, value) in [("    - ", BAD, &change.a), ("    + ", GOOD, &change.b)] {
            for value in shown(section, &change.name, value.as_deref()) {
                push(style, lead, &value);
            }
        }
    }
    if diff.equal {
        push(PLAIN, "", "");
        let mut compared = SECTIONS.to_vec();
        compared.retain(|name| !diff.not_compared.iter().any(|other| other == name));
        let said = format!("No difference in: {}.", compared.join(", "));
        push(PLAIN, "", &said);
    }
    push(PLAIN, "", "");
    let content = "The content of files is not compared; `sqsh-prov show --deep` looks for files that were edited.";
    push(PLAIN, "", content);
    if !diff.not_compared.is_empty() {
        push(PLAIN, "", "");
        let said = format!(
            "Not compared: {}. One of the two, or both, has no information about it.",
            diff.not_compared.join(", ")
        );
        push(ASIDE, "", &said);
    }
    text
}

fn shown(section: &str, name: &str, value: Option<&str>) -> Vec<String> {
    let words = value.map(|value| words::compared_value(section, name, value));
    words.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::diff::{Side, diff};
    use crate::report::samples;
    use crate::report::terminal::columns;

    #[test]
    fn on_a_narrow_terminal_lines_break_at_spaces_and_values_stay_beside_their_sign() {
        let side = |document| Side::of_document("model.sqsh".to_owned(), document);
        let mut other = samples::release();
        let flags = "7.5 8.0 8.6 8.9 9.0 10.0 12.0 and everything later";
        let flag = ("TORCH_CUDA_ARCH_LIST".to_owned(), flags.to_owned());
        other.origin.flags.extend([flag]);
        let found = diff(&side(&samples::release()), &side(&other));
        let text = human(&found, false, Some(40));
        assert!(text.lines().all(|line| columns(line) <= 40), "{text}");
        let wrapped = "    + 7.5 8.0 8.6 8.9 9.0 10.0 12.0 and\n      everything later\n";
        assert!(text.contains(wrapped), "{text}");
        assert!(human(&found, false, None).contains(flags));
    }
}
