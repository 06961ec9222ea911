//! Lines of the script that the importer writes behind the labels.

use crate::carriers::shell_words;

/// What follows the line that changes into the working directory, up to the first command.
pub(super) const START: &str = "\n\nif [ -s /etc/rc.local ]; then\n    . /etc/rc.local\nfi\n\n\
    if [ $# -gt 0 ]; then\n    exec ";
pub(super) const MIDDLE: &str = "\"$@\"\nelse\n    exec ";
pub(super) const END: &str = "\nfi\n";

pub(super) fn working_directory(line: &str) -> Option<&str> {
    line.strip_prefix("cd \"")?
        .strip_suffix("\" && unset OLDPWD || exit 1")
}

/// Returns true for the script that the importer has written since 1.0, with any command in it
/// (NVIDIA/enroot `src/docker.sh`, `docker::configure`). Each word of a command is quoted
/// (`${word@Q}`), so a command takes one line.
pub(super) fn is_importers(script: &[u8]) -> bool {
    let script = String::from_utf8_lossy(script);
    let commands = script
        .strip_prefix(START)
        .and_then(|rest| rest.strip_suffix(END));
    let commands = commands.and_then(|commands| commands.split_once(MIDDLE));
    commands.is_some_and(|(with, without)| {
        [with, without]
            .iter()
            .all(|words| !words.contains('\n') && shell_words::split_quoted(words).is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(with: &str, without: &str) -> String {
        format!("{START}{with}\nelse\n    exec {without}{END}")
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
            assert_eq!(is_importers(text.as_bytes()), is_own, "{with} {without}");
        }
        let text = script(" \"$@\"", " '/bin/sh'");
        for edited in [
            format!("{text}export A=b\n"),
            format!("\nexport A=b{text}"),
            text.replace("\nif [ $#", "\nexport LD_PRELOAD=/x.so\nif [ $#"),
        ] {
            assert!(!is_importers(edited.as_bytes()), "{edited}");
        }
    }
}
