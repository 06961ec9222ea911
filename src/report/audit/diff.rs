//! `diff`: what two images differ in, for a person.

use anstyle::Style;

use crate::audit::diff::{Diff, SECTIONS};
use crate::report::terminal::{ASIDE, BAD, GOOD, STRONG, paint};
use crate::report::{escape, words};

/// Returns the differences for a person: `-` marks the first image's values, `+` the second's.
#[must_use]
pub fn human(diff: &Diff, colour: bool) -> String {
    let paint = |style: Style, text: &str| paint(colour, style, text);
    let mut text = String::new();
    let mut push = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    push(paint(BAD, &format!("- {}", escape::text(&diff.a))));
    push(paint(GOOD, &format!("+ {}", escape::text(&diff.b))));
    let mut section = "";
    for change in &diff.changes {
        if change.section != section {
            section = &change.section;
            push(String::new());
            push(paint(STRONG, section));
        }
        let name = words::compared(section, &change.name);
        push(format!("  {}", escape::text(&name)));
        for (sign, style, value) in [("-", BAD, &change.a), ("+", GOOD, &change.b)] {
            for value in shown(section, &change.name, value.as_deref()) {
                let line = format!("    {sign} {}", escape::text(&value));
                push(paint(style, &line));
            }
        }
    }
    if diff.equal {
        push(String::new());
        let mut compared = SECTIONS.to_vec();
        compared.retain(|name| !diff.not_compared.iter().any(|other| other == name));
        push(format!("They do not differ in: {}.", compared.join(", ")));
    }
    push(String::new());
    push("The content of files is not compared; `sqsh-prov show --deep` looks for files that were edited.".to_owned());
    if !diff.not_compared.is_empty() {
        push(String::new());
        let names = diff.not_compared.join(", ");
        let line = format!("not compared, since it is not known of both: {names}");
        push(paint(ASIDE, &line));
    }
    text
}

fn shown(section: &str, name: &str, value: Option<&str>) -> Vec<String> {
    let words = value.map(|value| words::compared_value(section, name, value));
    words.unwrap_or_default()
}
