//! The instructions of a Dockerfile that set variables and labels, unevaluated.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use parse_dockerfile::{Command, Flag, Instruction, Source, parse};

use super::super::text::{SourceError, line_of};
use super::super::words::{assignments, plain};
use super::documents::hidden;

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// FROM: the image as written, and the stage's name.
    From {
        image: String,
        name: Option<String>,
        line: u32,
    },
    /// One name of an ARG; the default as written.
    Argument {
        name: String,
        default: Option<String>,
        line: u32,
    },
    /// ENV or LABEL.
    Set {
        is_environment: bool,
        pairs: Vec<Pair>,
        /// Where the instruction begins.
        start: u32,
    },
    /// RUN: the words in it.
    Command(BTreeSet<String>),
    /// `--from=` and `--mount=from=`: names of stages and images.
    Takes(Vec<String>),
    /// ADD of something that has to be fetched, as written.
    Fetched { from: String, line: u32 },
    /// ONBUILD: the instructions of a stage that starts from this one.
    OnBuild(Vec<Step>),
}

/// One key of ENV or LABEL, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub key: String,
    pub value: String,
    pub line: u32,
}

/// A parsed Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Steps {
    pub escape: char,
    pub steps: Vec<Step>,
    /// For each FROM the last line of its stage that is no comment.
    pub ends: Vec<u32>,
    /// True if the last line goes on in the next one, which is not there.
    pub is_open: bool,
}

/// Reads the instructions.
pub(super) fn read(text: &str) -> Result<Steps, SourceError> {
    let hidden = hidden(text)?;
    let readable = without_resets(&hidden.text);
    let parsed = parse(&readable).map_err(|error| SourceError::Dockerfile(error.to_string()))?;
    let escape = parsed.parser_directives.escape.as_ref();
    let reader = Reader {
        text,
        escape: escape.map_or('\\', |directive| directive.value.value),
        documented: &hidden.instructions,
    };
    let mut steps = Vec::new();
    let mut starts = Vec::new();
    for instruction in &parsed.instructions {
        if let Instruction::From(from) = instruction {
            starts.push(from.from.span.start);
        }
        reader.steps(instruction, &mut steps);
    }
    let after = starts.iter().skip(1).copied().chain([text.len()]);
    Ok(Steps {
        escape: reader.escape,
        is_open: text.trim_end().ends_with(reader.escape),
        steps,
        ends: after.map(|end| reader.last_line(end)).collect(),
    })
}

/// Replaces the brackets of an empty `ENTRYPOINT []` or `CMD []`, which resets the base's, by letters. The
/// parser refuses an empty list. No offset changes.
fn without_resets(text: &str) -> Cow<'_, str> {
    let is_reset = |line: &str| {
        let line = line.trim();
        let list = line.find('[').map(|at| line.split_at(at));
        list.is_some_and(|(name, list)| {
            let name = name.trim_end();
            let empty = list.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
            empty.is_some_and(|inside| inside.trim().is_empty())
                && (name.eq_ignore_ascii_case("ENTRYPOINT") || name.eq_ignore_ascii_case("CMD"))
        })
    };
    if !text.split('\n').any(is_reset) {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(|line| match is_reset(line) {
        true => Cow::Owned(line.replace(['[', ']'], "x")),
        false => Cow::Borrowed(line),
    });
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

struct Reader<'t> {
    text: &'t str,
    escape: char,
    /// The instructions with here-documents.
    documented: &'t [Range<usize>],
}

impl Reader<'_> {
    fn steps(&self, instruction: &Instruction<'_>, out: &mut Vec<Step>) {
        match instruction {
            Instruction::From(from) => out.push(Step::From {
                image: from.image.value.to_string(),
                name: from.as_.as_ref().map(|(_, name)| name.value.to_string()),
                line: line_of(self.text, from.from.span.start),
            }),
            Instruction::Arg(arg) => {
                let (text, span) = (&arg.arguments.value, &arg.arguments.span);
                for assignment in assignments(text, self.escape, false) {
                    let name = plain(&assignment.key, self.escape);
                    out.push(Step::Argument {
                        line: self.line(span, &name),
                        name,
                        default: assignment.value,
                    });
                }
            }
            Instruction::Env(env) => {
                let (text, span) = (&env.arguments.value, &env.arguments.span);
                out.push(self.set(text, span, env.env.span.start, true));
            }
            Instruction::Label(label) => {
                let (text, span) = (&label.arguments.value, &label.arguments.span);
                out.push(self.set(text, span, label.label.span.start, false));
            }
            Instruction::Copy(copy) => out.push(takes(&copy.options)),
            Instruction::Add(add) => {
                for source in &add.src {
                    let Source::Path(path) = source else { continue };
                    out.push(Step::Fetched {
                        from: path.value.to_string(),
                        line: line_of(self.text, add.add.span.start),
                    });
                }
            }
            Instruction::Run(run) => {
                let start = run.run.span.start;
                let end = match &run.arguments {
                    Command::Exec(it) => it.span.end,
                    Command::Shell(it) => it.span.end,
                    _ => 0,
                };
                let at = self.documented.partition_point(|it| it.end <= start);
                let with_documents = self.documented.get(at).filter(|it| it.contains(&start));
                let end = with_documents.map_or(end, |it| it.end);
                out.push(Step::Command(self.words(start..end)));
                out.push(takes(&run.options));
            }
            Instruction::Onbuild(onbuild) => {
                let mut inner = Vec::new();
                self.steps(&onbuild.instruction, &mut inner);
                out.push(Step::OnBuild(inner));
            }
            _ => {}
        }
    }

    fn set(&self, text: &str, span: &Range<usize>, start: usize, is_environment: bool) -> Step {
        let pairs = assignments(text, self.escape, true).into_iter();
        Step::Set {
            is_environment,
            pairs: pairs
                .map(|assignment| Pair {
                    line: self.line(span, &plain(&assignment.key, self.escape)),
                    key: assignment.key,
                    value: assignment.value.unwrap_or_default(),
                })
                .collect(),
            start: line_of(self.text, start),
        }
    }

    fn words(&self, span: Range<usize>) -> BTreeSet<String> {
        let text = self.text.get(span).unwrap_or_default();
        let is_part = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        text.split(is_part).map(str::to_owned).collect()
    }

    /// Returns the line of a key within its instruction.
    fn line(&self, span: &Range<usize>, key: &str) -> u32 {
        let text = self.text.get(span.clone()).unwrap_or_default();
        let bounded = |at: usize| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            before.is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '\''))
        };
        let mut places = text.match_indices(key).map(|(at, _)| at);
        let at = places.find(|at| bounded(*at)).unwrap_or(0);
        line_of(self.text, span.start.saturating_add(at))
    }

    /// Returns the last line before an offset that is neither empty nor a comment.
    fn last_line(&self, end: usize) -> u32 {
        let before = self.text.get(..end).unwrap_or(self.text);
        let lines = before.split('\n').enumerate();
        let lines = lines.filter(|(_, line)| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#')
        });
        let last = lines.last().map_or(0, |(at, _)| at);
        u32::try_from(last).unwrap_or(u32::MAX).saturating_add(1)
    }
}

/// Returns the names in `--from=STAGE` and `--mount=type=bind,from=STAGE`.
fn takes(options: &[Flag<'_>]) -> Step {
    let mut names = Vec::new();
    for option in options {
        let value = option
            .value
            .as_ref()
            .map_or("", |value| value.value.as_ref());
        match option.name.value.as_ref() {
            "from" => names.push(value.to_owned()),
            "mount" => {
                let parts = value.split(',');
                names
                    .extend(parts.filter_map(|part| part.strip_prefix("from=").map(str::to_owned)));
            }
            _ => {}
        }
    }
    Step::Takes(names)
}
