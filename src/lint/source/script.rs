//! The commands of a shell script in a workflow, as far as they build images.

use std::collections::BTreeSet;

use super::raw::{Entry, Value};

/// One command: its words as written, without quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    pub words: Vec<String>,
    /// The script's line, from 0.
    pub line: usize,
}

/// Stands for a dollar sign that the shell does not replace: in single quotes, and behind a backslash.
pub(super) const DOLLAR: char = '\0';

/// Options of builds and of imagetools that take the next word.
const TAKING: [&str; 32] = [
    "--add-host",
    "--annotation",
    "--attest",
    "--authfile",
    "--build-arg",
    "--build-context",
    "--builder",
    "--cache-from",
    "--cache-to",
    "--file",
    "--format",
    "--iidfile",
    "--isolation",
    "--label",
    "--memory",
    "--metadata-file",
    "--network",
    "--output",
    "--platform",
    "--progress",
    "--provenance",
    "--secret",
    "--shm-size",
    "--ssh",
    "--tag",
    "--target",
    "--ulimit",
    "-f",
    "-m",
    "-p",
    "-o",
    "-t",
];

/// The options of a command, and its other words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options<'w> {
    pub given: Vec<(&'w str, Option<String>)>,
    pub others: Vec<&'w str>,
}

/// Takes the words of a command apart: `--name=text`, `--name text`, `-t text`.
pub(super) fn options<'w>(words: &[&'w str]) -> Options<'w> {
    let mut out = Options::default();
    let mut rest = words.iter().copied();
    while let Some(word) = rest.next() {
        if !word.starts_with('-') {
            out.others.push(word);
            continue;
        }
        // `-fFILE` and `-f=FILE`.
        let short = word
            .get(..2)
            .filter(|it| word.len() > 2 && TAKING.contains(it));
        out.given.push(match (word.split_once('='), short) {
            (Some((name, text)), _) if name.starts_with("--") => (name, Some(text.to_owned())),
            (_, Some(name)) => {
                let text = word.get(2..).unwrap_or_default();
                (
                    name,
                    Some(text.strip_prefix('=').unwrap_or(text).to_owned()),
                )
            }
            _ if TAKING.contains(&word) => (word, rest.next().map(str::to_owned)),
            _ => (word, None),
        });
    }
    out
}

/// Returns true if an output pushes the image (docs.docker.com/reference/cli/docker/buildx/build, --output).
pub(super) fn pushes(output: &str) -> bool {
    if output.contains('$') {
        return output.contains("push") || output.contains("type=registry");
    }
    output.split([',', '\n']).map(str::trim).any(|part| {
        let pushed = part.strip_prefix("push=");
        part == "type=registry" || pushed.is_some_and(|value| value != "false")
    })
}

/// Longest script that is looked at, in bytes.
const LONGEST: usize = 256 * 1024;

/// Returns the commands of a script. A backslash at the end joins lines. `$(…)` and `${…}` are parts of a word.
pub(super) fn commands(script: &str) -> Vec<Command> {
    let mut reader = Reader::default();
    let mut chars = script.chars().take(LONGEST).peekable();
    while let Some(c) = chars.next() {
        if c == '\n' {
            reader.at = reader.at.saturating_add(1);
        }
        match c {
            '\\' if reader.quote != Some('\'') => match chars.next() {
                Some('\n') => reader.at = reader.at.saturating_add(1),
                Some('$') => reader.push(DOLLAR),
                Some(next) => reader.push(next),
                None => {}
            },
            '\'' | '"' if reader.quote == Some(c) => reader.quote = None,
            '\'' | '"' if reader.quote.is_none() && reader.depth == 0 => {
                reader.quote = Some(c);
                reader.begin_word();
            }
            // CI itself fills `${{ … }}` in, also between these quotes.
            '$' if reader.quote == Some('\'') && !chars.clone().take(2).eq("{{".chars()) => {
                reader.push(DOLLAR);
            }
            '(' | '{' if reader.last == Some('$') || reader.depth > 0 => {
                reader.depth = reader.depth.saturating_add(1);
                reader.push(c);
            }
            ')' | '}' if reader.depth > 0 => {
                reader.depth = reader.depth.saturating_sub(1);
                reader.push(c);
            }
            c if reader.quote.is_some() || reader.depth > 0 => reader.push(c),
            '(' if !reader.in_word => reader.mark("("),
            ')' => reader.mark(")"),
            '#' if !reader.in_word => while chars.next_if(|c| *c != '\n').is_some() {},
            '\n' | ';' | '&' | '|' => reader.end_command(),
            c if c.is_whitespace() => reader.end_word(),
            c => reader.push(c),
        }
    }
    reader.end_command();
    reader.out
}

#[derive(Default)]
struct Reader {
    out: Vec<Command>,
    command: Command,
    word: String,
    in_word: bool,
    quote: Option<char>,
    depth: usize,
    last: Option<char>,
    at: usize,
    start: usize,
}

impl Reader {
    fn begin_word(&mut self) {
        if !self.in_word {
            self.start = self.at;
        }
        self.in_word = true;
    }

    fn push(&mut self, c: char) {
        self.begin_word();
        self.word.push(c);
        self.last = Some(c);
    }

    fn end_word(&mut self) {
        self.last = None;
        if !self.in_word {
            return;
        }
        self.in_word = false;
        if self.command.words.is_empty() {
            self.command.line = self.start;
        }
        self.command.words.push(std::mem::take(&mut self.word));
    }

    /// Adds the beginning or the end of a subshell as a command.
    fn mark(&mut self, sign: &str) {
        self.end_command();
        self.out.push(Command {
            words: vec![sign.to_owned()],
            line: self.at,
        });
    }

    fn end_command(&mut self) {
        self.end_word();
        let command = std::mem::take(&mut self.command);
        if !command.words.is_empty() {
            self.out.push(command);
        }
        (self.quote, self.depth) = (None, 0);
    }
}

/// Returns an entry of a workflow: a key and its value.
pub(super) fn entry(key: &str, text: &str, line: u32) -> Entry {
    Entry::new(key, value(text), line)
}

/// Returns the names in the text of an expression: variables, functions and words of literals.
fn identifiers(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let names =
        words.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
    names.map(str::to_owned).collect()
}

/// Returns the value of a text. It is not known if it contains an expression or a variable of the shell.
pub(super) fn value(text: &str) -> Value {
    if text.contains(DOLLAR) {
        return Value::Literal(text.replace(DOLLAR, "$"));
    }
    match text.contains('$') || text.contains('`') || text.contains("{{") {
        true => Value::Made(identifiers(text)),
        false => Value::Literal(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(script: &str) -> Vec<Vec<String>> {
        commands(script)
            .into_iter()
            .map(|command| command.words)
            .collect()
    }

    #[test]
    fn commands_and_their_words() {
        assert_eq!(
            words(
                "set -e # why\ndocker build -t a:b \\\n  --build-arg X=\"$(git rev-parse HEAD)\" . && docker push a:b"
            ),
            [
                vec!["set", "-e"],
                vec![
                    "docker",
                    "build",
                    "-t",
                    "a:b",
                    "--build-arg",
                    "X=$(git rev-parse HEAD)",
                    "."
                ],
                vec!["docker", "push", "a:b"],
            ]
        );
        assert_eq!(
            words("a $(jq '.x | .y' <<< \"$J\") ${{ github.sha }}b"),
            [["a", "$(jq '.x | .y' <<< \"$J\")", "${{ github.sha }}b"]]
        );
        assert_eq!(words("x ''"), [["x", ""]]);
        assert!(words("\n# only\n").is_empty());
    }

    #[test]
    fn a_dollar_sign_in_single_quotes_is_no_variable() {
        let found = words("a '$X' \\$X \"$X\" '${{ github.sha }}'");
        assert_eq!(found, [["a", "\0X", "\0X", "$X", "${{ github.sha }}"]]);
    }

    #[test]
    fn a_subshell_begins_and_ends() {
        let found = words("(cd x && make) || y $(z)");
        let expected = [
            vec!["("],
            vec!["cd", "x"],
            vec!["make"],
            vec![")"],
            vec!["y", "$(z)"],
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_command_knows_its_line() {
        let lines: Vec<usize> = commands("a\n\nb \\\n c\nd")
            .iter()
            .map(|it| it.line)
            .collect();
        assert_eq!(lines, [0, 2, 4]);
    }
}
