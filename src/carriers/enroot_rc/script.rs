//! The script that the importer writes below the labels.

use crate::carriers::shell_words;

/// The script from the line that changes into the working directory to the first command.
pub(super) const START: &str = "\n\nif [ -s /etc/rc.local ]; then\n    . /etc/rc.local\nfi\n\n\
    if [ $# -gt 0 ]; then\n    exec ";
pub(super) const MIDDLE: &str = "\"$@\"\nelse\n    exec ";
pub(super) const END: &str = "\nfi\n";

pub(super) fn working_directory(line: &str) -> Option<&str> {
    line.strip_prefix("cd \"")?
        .strip_suffix("\" && unset OLDPWD || exit 1")
}

/// Returns the two commands in the script that the importer has written since 1.0 (NVIDIA/enroot
/// `src/docker.sh`, `docker::configure`): the entrypoint with the caller's arguments, and the entrypoint with
/// the image's own arguments. Returns `None` for any other script.
pub(super) fn commands(script: &[u8]) -> Option<(&[u8], &[u8])> {
    let commands = script
        .strip_prefix(START.as_bytes())?
        .strip_suffix(END.as_bytes())?;
    let middle = MIDDLE.as_bytes();
    let mut places = commands.windows(middle.len());
    let at = places.position(|found| found == middle)?;
    let (with, rest) = commands.split_at_checked(at)?;
    Some((with, rest.get(middle.len()..)?))
}

/// Returns true if these two commands are as the importer writes them. Each word is quoted (`${word@Q}`), so
/// a command takes one line, and the second begins with the first.
pub(super) fn are_importers((with, without): (&[u8], &[u8])) -> bool {
    without.starts_with(with) && is_quoted(with) && is_quoted(without)
}

/// Returns true if these are words that bash quoted.
pub(super) fn is_quoted(words: &[u8]) -> bool {
    !words.contains(&b'\n') && shell_words::split_quoted(&String::from_utf8_lossy(words)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(with: &str, without: &str) -> String {
        format!("{START}{with}\nelse\n    exec {without}{END}")
    }

    fn is_importers(script: &str) -> bool {
        commands(script.as_bytes()).is_some_and(are_importers)
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
            ("'vllm' \"$@\"", "'vlln' 'serve' ", false),
            ("'vllm' 'serve' \"$@\"", "'vllm' ", false),
        ] {
            let text = script(with, without);
            assert_eq!(is_importers(&text), is_own, "{with} {without}");
        }
        let text = script(" \"$@\"", " '/bin/sh'");
        for edited in [
            format!("{text}export A=b\n"),
            format!("\nexport A=b{text}"),
            text.replace("\nif [ $#", "\nexport LD_PRELOAD=/x.so\nif [ $#"),
        ] {
            assert!(!is_importers(&edited), "{edited}");
        }
    }
}
