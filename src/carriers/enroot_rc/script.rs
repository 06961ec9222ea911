//! Lines of the script that the importer writes behind the labels.

pub(super) const SOURCE_IF: &str = "if [ -s /etc/rc.local ]; then";
pub(super) const SOURCE: &str = "    . /etc/rc.local";
pub(super) const ARGUMENTS_IF: &str = "if [ $# -gt 0 ]; then";

pub(super) fn working_directory(line: &str) -> Option<&str> {
    line.strip_prefix("cd \"")?
        .strip_suffix("\" && unset OLDPWD || exit 1")
}

/// True where these lines are the script that the importer has written since 1.0 (NVIDIA/enroot
/// `src/docker.sh`, `docker::configure`), with any command in it. Each word of a command is quoted
/// (`${word@Q}`), so that a command takes one line.
pub(super) fn is_importers(lines: &[&str]) -> bool {
    let [
        "",
        SOURCE_IF,
        SOURCE,
        "fi",
        "",
        ARGUMENTS_IF,
        with,
        "else",
        without,
        "fi",
        "",
    ] = lines
    else {
        return false;
    };
    let entrypoint = command(with).and_then(|words| words.strip_suffix("\"$@\""));
    entrypoint.is_some_and(is_quoted) && command(without).is_some_and(is_quoted)
}

/// The words behind `exec`.
fn command(line: &str) -> Option<&str> {
    line.strip_prefix("    exec ")
}

/// True where each word stands in quotes of its own: `'serve' $'a\n'`. Then no word is anything but a word.
fn is_quoted(words: &str) -> bool {
    let mut rest = words.trim_matches(' ');
    while !rest.is_empty() {
        let Some(end) = quoted(rest) else {
            return false;
        };
        let Some(behind) = rest.get(end..) else {
            return false;
        };
        if !behind.is_empty() && !behind.starts_with(' ') {
            return false;
        }
        rest = behind.trim_start_matches(' ');
    }
    true
}

/// The length of the word that the text starts with: quoted pieces behind each other, as in `'it'\''s'`.
fn quoted(text: &str) -> Option<usize> {
    let mut at = 0_usize;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let length = if let Some(inner) = rest.strip_prefix("$'") {
            let mut escaped = false;
            let end = inner.bytes().position(|byte| {
                let ends = byte == b'\'' && !escaped;
                escaped = byte == b'\\' && !escaped;
                ends
            })?;
            end.saturating_add(3)
        } else if let Some(inner) = rest.strip_prefix('\'') {
            inner.find('\'')?.saturating_add(2)
        } else if rest.starts_with("\\'") {
            2
        } else {
            break;
        };
        at = at.saturating_add(length);
    }
    (at > 0).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(with: &str, without: &str) -> String {
        format!(
            "\n{SOURCE_IF}\n{SOURCE}\nfi\n\n{ARGUMENTS_IF}\n    exec {with}\nelse\n    exec {without}\nfi\n"
        )
    }

    #[test]
    fn only_the_importers_own_script_is_its_own() {
        for (with, without, is_own) in [
            ("'vllm' 'serve' \"$@\"", "'vllm' 'serve' ", true),
            (" \"$@\"", " '/bin/sh'", true),
            (
                "'it'\\''s' $'a\\nb\\'' \"$@\"",
                "'it'\\''s' $'a\\nb\\'' 'x'",
                true,
            ),
            ("'vllm' \"$@\"", "'vllm'; curl evil", false),
            ("'vllm' \"$@\"", "'vllm' $(id)", false),
            ("env LD_PRELOAD=/x.so 'vllm' \"$@\"", "'vllm'", false),
            ("'vllm'", "'vllm'", false),
        ] {
            let text = script(with, without);
            let lines: Vec<&str> = text.split('\n').collect();
            assert_eq!(is_importers(&lines), is_own, "{with} {without}");
        }
        let text = script(" \"$@\"", " '/bin/sh'");
        for edited in [
            format!("{text}export A=b\n"),
            format!("export A=b{text}"),
            text.replace("\nif [ $#", "\nexport LD_PRELOAD=/x.so\nif [ $#"),
        ] {
            let lines: Vec<&str> = edited.split('\n').collect();
            assert!(!is_importers(&lines), "{edited}");
        }
    }
}
