//! `diff`: what two images differ in, for a person and as JSON.

use anstyle::{AnsiColor, Style};

use crate::audit::diff::{Diff, SECTIONS};
use crate::report::{escape, json, words};

const NAME: Style = Style::new().bold();
const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const ASIDE: Style = Style::new().dimmed();

/// For a person: what the first has with `-`, what the second has with `+`.
#[must_use]
pub fn human(diff: &Diff, colour: bool) -> String {
    let paint = |style: Style, text: &str| {
        if colour {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    };
    let mut text = String::new();
    let mut push = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    push(paint(OLD, &format!("- {}", escape::text(&diff.a))));
    push(paint(NEW, &format!("+ {}", escape::text(&diff.b))));
    let mut section = "";
    for change in &diff.changes {
        if change.section != section {
            section = &change.section;
            push(String::new());
            push(paint(NAME, section));
        }
        let name = words::compared(section, &change.name);
        push(format!("  {}", escape::text(&name)));
        for (sign, style, value) in [("-", OLD, &change.a), ("+", NEW, &change.b)] {
            for value in shown(section, &change.name, value.as_deref()) {
                push(paint(
                    style,
                    &format!("    {sign} {}", escape::text(&value)),
                ));
            }
        }
    }
    if diff.equal {
        push(String::new());
        let compared = SECTIONS.iter().filter(|name| {
            let mut others = diff.not_compared.iter();
            !others.any(|other| other == *name)
        });
        let compared: Vec<&str> = compared.copied().collect();
        push(format!("They do not differ in: {}.", compared.join(", ")));
    }
    push(String::new());
    push("The content of files is not compared; `sqsh-prov show --deep` looks for files that were edited.".to_owned());
    if !diff.not_compared.is_empty() {
        push(String::new());
        let names = diff.not_compared.join(", ");
        push(paint(
            ASIDE,
            &format!("not compared, since it is not known of both: {names}"),
        ));
    }
    text
}

/// A value for a person; nothing where there is none.
fn shown(section: &str, name: &str, value: Option<&str>) -> Vec<String> {
    let words = value.map(|value| words::compared_value(section, name, value));
    words.unwrap_or_default()
}

/// As JSON, indented.
///
/// # Errors
/// If it cannot be serialised; none of its types does that.
pub fn document(diff: &Diff) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(diff)?;
    text.push('\n');
    Ok(json::escape(text))
}
