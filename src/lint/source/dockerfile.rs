//! A Dockerfile: which build arguments reach which variables and labels of which stage.
//!
//! Scopes as in docs.docker.com/build/building/variables: an ARG before the first FROM is
//! seen by FROM lines only, until a stage declares it again; a stage that starts from
//! another has its arguments, variables and labels; a variable hides an argument.

use std::collections::{BTreeMap, BTreeSet};

use parse_dockerfile::{Instruction, parse};

use super::text::{SourceError, line_of};
use super::words::{assignments, plain, variables};

/// More stages than any Dockerfile has.
const MAX_STAGES: usize = 128;

/// A Dockerfile, worked through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dockerfile {
    stages: Vec<Stage>,
    /// Each argument: the line of its first declaration, and its default.
    pub arguments: BTreeMap<String, (u32, Option<String>)>,
    /// Arguments that FROM lines take: they choose a base, and are no stamps.
    pub in_from: BTreeSet<String>,
    /// Uses of an argument that its stage does not declare.
    pub undeclared: Vec<Undeclared>,
}

/// A use of an argument that was declared before the first FROM only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undeclared {
    /// The argument.
    pub name: String,
    /// The variable or label that takes it.
    pub by: String,
    /// Where.
    pub line: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Stage {
    name: Option<String>,
    base: Option<usize>,
    /// Arguments by name, with what each is made of.
    arguments: BTreeMap<String, BTreeSet<String>>,
    built: Built,
    /// True when another stage takes files from it.
    copied: bool,
}

/// What an image that is built has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Built {
    /// Variables.
    pub environment: BTreeMap<String, Set>,
    /// Labels.
    pub labels: BTreeMap<String, Set>,
    /// Arguments that its stages declare.
    pub declared: BTreeSet<String>,
    /// Arguments that commands take, which may put them into files.
    pub in_commands: BTreeSet<String>,
}

/// How a variable or label is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    /// The build arguments that its value is made of.
    pub arguments: BTreeSet<String>,
    /// Its value, where it is made of nothing.
    pub literal: Option<String>,
    /// Where.
    pub line: u32,
}

impl Built {
    /// True when the argument reaches a variable.
    #[must_use]
    pub fn in_environment(&self, argument: &str) -> bool {
        self.environment
            .values()
            .any(|set| set.arguments.contains(argument))
    }

    /// True when the argument reaches a label.
    #[must_use]
    pub fn in_labels(&self, argument: &str) -> bool {
        self.labels
            .values()
            .any(|set| set.arguments.contains(argument))
    }
}

impl Dockerfile {
    /// Reads a Dockerfile.
    ///
    /// # Errors
    /// Where its syntax is none, or it has too many stages.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        let parsed = parse(text).map_err(|error| SourceError::Dockerfile(error.to_string()))?;
        let escape = parsed.parser_directives.escape.as_ref();
        let mut reader = Reader {
            text,
            escape: escape.map_or('\\', |directive| directive.value.value),
            file: Self::default(),
            globals: BTreeMap::new(),
        };
        for instruction in &parsed.instructions {
            reader.instruction(instruction)?;
        }
        if reader.file.stages.is_empty() {
            return Err(SourceError::Dockerfile("it has no FROM".to_owned()));
        }
        Ok(reader.file)
    }

    /// What the image of a stage has; of the last one without a name.
    #[must_use]
    pub fn image(&self, stage: Option<&str>) -> Built {
        let found = match stage {
            Some(name) => self.find(name),
            None => self.stages.len().checked_sub(1),
        };
        let found = found.and_then(|at| self.stages.get(at));
        found.map(|stage| stage.built.clone()).unwrap_or_default()
    }

    /// What each image has that may be meant to be built: the last one first, then every
    /// stage that no other is made from.
    #[must_use]
    pub fn images(&self) -> Vec<&Built> {
        let last = self.stages.len().saturating_sub(1);
        let is_base = |at: usize| self.stages.iter().any(|stage| stage.base == Some(at));
        let ends = self.stages.iter().enumerate().rev();
        ends.filter(|(at, stage)| *at == last || !(stage.copied || is_base(*at)))
            .map(|(_, stage)| &stage.built)
            .collect()
    }

    fn find(&self, name: &str) -> Option<usize> {
        let by_name = self.stages.iter().rposition(|stage| {
            let own = stage.name.as_deref();
            own.is_some_and(|own| own.eq_ignore_ascii_case(name))
        });
        let by_number = || name.parse().ok().filter(|at| *at < self.stages.len());
        by_name.or_else(by_number)
    }
}

struct Reader<'t> {
    text: &'t str,
    escape: char,
    file: Dockerfile,
    /// Arguments before the first FROM, with what each is made of.
    globals: BTreeMap<String, BTreeSet<String>>,
}

impl Reader<'_> {
    fn instruction(&mut self, instruction: &Instruction<'_>) -> Result<(), SourceError> {
        match instruction {
            Instruction::From(from) => {
                if self.file.stages.len() >= MAX_STAGES {
                    let text = format!("it has more than {MAX_STAGES} stages");
                    return Err(SourceError::Dockerfile(text));
                }
                let image = from.image.value.as_ref();
                self.file.in_from.extend(variables(image, self.escape));
                let base = self.file.find(&plain(image, self.escape));
                let above = base.and_then(|at| self.file.stages.get(at)).cloned();
                self.file.stages.push(Stage {
                    name: from.as_.as_ref().map(|(_, name)| name.value.to_string()),
                    base,
                    copied: false,
                    ..above.unwrap_or_default()
                });
            }
            Instruction::Arg(arg) => {
                self.argument(&arg.arguments.value, &arg.arguments.span);
            }
            Instruction::Env(env) => self.set(&env.arguments.value, &env.arguments.span, true),
            Instruction::Label(label) => {
                self.set(&label.arguments.value, &label.arguments.span, false);
            }
            Instruction::Copy(copy) => self.source(&copy.options),
            Instruction::Run(run) => {
                let end = run.here_docs.iter().map(|doc| doc.span.end).max();
                let end = end.unwrap_or_default().max(match &run.arguments {
                    parse_dockerfile::Command::Exec(it) => it.span.end,
                    parse_dockerfile::Command::Shell(it) => it.span.end,
                    _ => 0,
                });
                self.command(run.run.span.start, end);
                self.source(&run.options);
            }
            _ => {}
        }
        Ok(())
    }

    fn argument(&mut self, value: &str, span: &std::ops::Range<usize>) {
        for assignment in assignments(value, self.escape, false) {
            let line = self.line(span, &assignment.key);
            let default = assignment.value.as_deref();
            let name = assignment.key;
            let known = self
                .file
                .arguments
                .entry(name.clone())
                .or_insert((line, None));
            if known.1.is_none() {
                known.1 = default.map(|value| plain(value, self.escape));
            }
            let taken = variables(default.unwrap_or_default(), self.escape);
            let mut made = BTreeSet::from([name.clone()]);
            let Some(stage) = self.file.stages.last_mut() else {
                for other in &taken {
                    made.extend(self.globals.get(other).cloned().unwrap_or_default());
                }
                self.globals.insert(name, made);
                continue;
            };
            for other in &taken {
                made.extend(stage.origins(other).unwrap_or_default());
            }
            if default.is_none() {
                made.extend(self.globals.get(&name).cloned().unwrap_or_default());
            }
            stage.built.declared.insert(name.clone());
            stage.arguments.insert(name, made);
        }
    }

    fn set(&mut self, value: &str, span: &std::ops::Range<usize>, is_environment: bool) {
        for assignment in assignments(value, self.escape, true) {
            let line = self.line(span, &assignment.key);
            let raw = assignment.value.unwrap_or_default();
            let taken = variables(&raw, self.escape);
            let Some(stage) = self.file.stages.last_mut() else {
                return;
            };
            let mut set = Set {
                literal: taken.is_empty().then(|| plain(&raw, self.escape)),
                line,
                ..Set::default()
            };
            for name in taken {
                match stage.origins(&name) {
                    Some(origins) => set.arguments.extend(origins),
                    None if self.globals.contains_key(&name) => {
                        self.file.undeclared.push(Undeclared {
                            name,
                            by: assignment.key.clone(),
                            line,
                        });
                    }
                    None => {}
                }
            }
            let values = if is_environment {
                &mut stage.built.environment
            } else {
                &mut stage.built.labels
            };
            values.insert(assignment.key, set);
        }
    }

    /// Which arguments a command takes: all that it names.
    fn command(&mut self, start: usize, end: usize) {
        let text = self.text.get(start..end).unwrap_or_default();
        let Some(stage) = self.file.stages.last_mut() else {
            return;
        };
        let is_part = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        let words: BTreeSet<&str> = text.split(is_part).collect();
        let named = stage
            .arguments
            .keys()
            .filter(|name| words.contains(name.as_str()));
        let named: Vec<String> = named.cloned().collect();
        stage.built.in_commands.extend(named);
    }

    /// `--from=STAGE`, also within `--mount=type=bind,from=STAGE`.
    fn source(&mut self, options: &[parse_dockerfile::Flag<'_>]) {
        for option in options {
            let value = option
                .value
                .as_ref()
                .map_or("", |value| value.value.as_ref());
            let named: Vec<&str> = match option.name.value.as_ref() {
                "from" => vec![value],
                "mount" => value
                    .split(',')
                    .filter_map(|part| part.strip_prefix("from="))
                    .collect(),
                _ => continue,
            };
            for name in named {
                if let Some(at) = self.file.find(name)
                    && let Some(stage) = self.file.stages.get_mut(at)
                {
                    stage.copied = true;
                }
            }
        }
    }

    /// The line that a key stands on within its instruction.
    fn line(&self, span: &std::ops::Range<usize>, key: &str) -> u32 {
        let text = self.text.get(span.clone()).unwrap_or_default();
        let bounded = |at: usize| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            before.is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '\''))
        };
        let mut places = text.match_indices(key).map(|(at, _)| at);
        let at = places.find(|at| bounded(*at)).unwrap_or(0);
        line_of(self.text, span.start.saturating_add(at))
    }
}

impl Stage {
    /// What a name is made of here; `None` where nothing here has it.
    fn origins(&self, name: &str) -> Option<BTreeSet<String>> {
        let variable = self.built.environment.get(name).map(|set| &set.arguments);
        variable.or_else(|| self.arguments.get(name)).cloned()
    }
}
