//! Variables and labels that an import changes or loses.

use crate::lint::case::Case;
use crate::lint::document::Finding;
use crate::lint::rules::{
    ENV_EXPANDS_ON_HOST, ENV_MULTI_LINE, LABEL_FORGES_PROVENANCE, LABEL_KEY_WITH_SPACE,
    LABEL_MULTI_LINE, LABEL_TOO_LONG, Rule,
};
use crate::lint::survey::{Image, Level};

/// The most bytes of a label's key and value together: `maxSize` in containerd's pkg/labels/validate.go.
const LONGEST_LABEL: usize = 4096;

pub(super) fn check(case: &Case, out: &mut Vec<Finding>) {
    for image in &case.survey.images {
        labels(image, out);
        environment(image, out);
        imported(image, out);
    }
}

fn labels(image: &Image, out: &mut Vec<Finding>) {
    for pair in image.pairs(Level::Label) {
        let key = pair.key.as_str();
        let mut push = |rule: &Rule, message: String| {
            out.push(image.finding(rule, message).at(Level::Label, key));
        };
        let bytes = pair.key.len().saturating_add(pair.value.len());
        if bytes > LONGEST_LABEL {
            let message = format!("the label {key} has {bytes} bytes, key and value together");
            push(&LABEL_TOO_LONG, message);
        }
        if breaks(&pair.value) {
            let lines = lines(&pair.value);
            push(&LABEL_MULTI_LINE, format!("the label {key} has {lines}"));
        }
        // enroot writes `# KEY VALUE`; its own line is `# enroot-provenance: URI`.
        if key.trim() == "enroot-provenance:" || key.starts_with("enroot-provenance: ") {
            let message = format!("after an import, the label {key} looks like a line of enroot");
            push(&LABEL_FORGES_PROVENANCE, message);
        } else if key.is_empty() || key.contains(char::is_whitespace) {
            let message = format!("the label \"{key}\" has white space in its key, or no key");
            push(&LABEL_KEY_WITH_SPACE, message);
        }
    }
}

fn environment(image: &Image, out: &mut Vec<Finding>) {
    for pair in image.pairs(Level::Env) {
        let key = pair.key.as_str();
        if breaks(&pair.value) || breaks(key) {
            let message = format!("the variable {key} has {}", lines(&pair.value));
            out.push(image.finding(&ENV_MULTI_LINE, message).at(Level::Env, key));
        }
        if let Some(name) = expands(&pair.value) {
            let message = format!("the variable {key} has ${{{name}}} in its value");
            let finding = image.finding(&ENV_EXPANDS_ON_HOST, message);
            out.push(finding.at(Level::Env, key));
        }
    }
}

/// Reports lines that an import made from values with line breaks.
fn imported(image: &Image, out: &mut Vec<Finding>) {
    let facts = &image.facts;
    let labels = facts.import.iter().flat_map(|import| &import.spilled_lines);
    let variables = facts.stray_environment_lines.iter();
    for (rule, level, file, line) in [
        (&LABEL_MULTI_LINE, Level::Label, "/etc/rc", labels.min()),
        (
            &ENV_MULTI_LINE,
            Level::Env,
            "/etc/environment",
            variables.min(),
        ),
    ] {
        if let Some(line) = line {
            let message = format!(
                "{file} has the rest of a {} with a line break at line {line}",
                level.noun()
            );
            let mut finding = image.finding(rule, message);
            finding.level = Some(level);
            out.push(finding);
        }
    }
}

/// Returns true if some reader sees a line break in the text.
fn breaks(text: &str) -> bool {
    text.contains([
        '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
    ])
}

fn lines(value: &str) -> String {
    match value.split('\n').count() {
        1 => "a control character that some readers take for a line break".to_owned(),
        count => format!("{count} lines"),
    }
}

/// Returns the name in the first `${NAME}` of a value.
fn expands(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("${")?;
    let (name, after) = rest.split_once('}')?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if !name.is_empty() && name.bytes().all(plain) {
        Some(name)
    } else {
        expands(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_host_would_replace_counts() {
        assert_eq!(expands("a${HOME}/b"), Some("HOME"));
        assert_eq!(expands("${a b}${C}"), Some("C"));
        for text in ["", "$HOME", "${}", "${", "{HOME}", "${A:-b}"] {
            assert_eq!(expands(text), None, "{text}");
        }
    }
}
