//! Evaluates expressions (github.com/hashicorp/hcl, hclsyntax/spec.md).
//!
//! Whatever is made of an unknown value is unknown too. An expression that HCL refuses is an error with its
//! line.

use std::collections::{BTreeMap, BTreeSet};

use super::expr::{Expr, Kind, Step};
use super::file::{Block, File};
use super::functions;
use super::known::{Known, LONGEST, MOST, Val};
use super::operators::{binary, element, unary};
use super::types;

/// The most expressions that are evaluated for one file.
const MOST_STEPS: usize = 200_000;
/// The deepest nesting of functions and variables.
const DEEPEST: usize = 48;

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub line: u32,
    pub reason: String,
}

pub(super) type Answer = Result<Known, Wrong>;

/// A variable during its evaluation, and after it.
enum State {
    Working,
    Done(Known),
}

/// Evaluates the expressions of one file, or of several files as one.
pub(super) struct Evaluator<'f> {
    file: &'f File,
    /// Variables that are set from outside.
    given: &'f BTreeMap<String, String>,
    variables: BTreeMap<String, State>,
    /// Names in scope: parameters, the element of a `for`, and the values of a matrix.
    pub locals: Vec<(String, Known)>,
    steps: usize,
    depth: usize,
}

pub(super) fn at<T>(line: u32, result: Result<T, String>) -> Result<T, Wrong> {
    result.map_err(|reason| Wrong { line, reason })
}

impl<'f> Evaluator<'f> {
    pub fn new(file: &'f File, given: &'f BTreeMap<String, String>) -> Self {
        Self {
            file,
            given,
            variables: BTreeMap::new(),
            locals: Vec::new(),
            steps: 0,
            depth: 0,
        }
    }

    /// Evaluates an expression.
    ///
    /// # Errors
    /// If HCL would refuse it, or it is over a limit.
    pub fn eval(&mut self, expr: &Expr) -> Answer {
        self.steps = self.steps.saturating_add(1);
        if self.steps > MOST_STEPS || self.depth > DEEPEST {
            return at(expr.line, Err("it is too complex to evaluate".to_owned()));
        }
        self.depth = self.depth.saturating_add(1);
        let answer = self.inner(expr);
        self.depth = self.depth.saturating_sub(1);
        answer
    }

    fn inner(&mut self, expr: &Expr) -> Answer {
        let line = expr.line;
        match &expr.kind {
            Kind::Value(val) => Ok(val.clone().into()),
            Kind::List(items) => {
                let items: Result<Vec<Known>, Wrong> =
                    items.iter().map(|it| self.eval(it)).collect();
                Ok(Val::List(items?).into())
            }
            Kind::Map(pairs) => self.map(pairs),
            Kind::Template(parts) => self.template(parts, line),
            Kind::Variable(name) => self.named(name, line),
            Kind::Get(of, steps) => self.get(of, steps),
            Kind::If(parts) => {
                let [condition, yes, no] = parts.as_ref();
                let condition = self.eval(condition)?;
                if condition.is_unknown() {
                    return Ok(unknown(&[yes, no]).with(&condition.names));
                }
                let taken = at(line, condition.as_bool())?;
                let taken = self.eval(if taken { yes } else { no })?;
                Ok(taken.with(&condition.names))
            }
            Kind::Call {
                name,
                arguments,
                spreads,
            } => self.call(name, arguments, *spreads, line),
            Kind::Unary(operator, of) => {
                let of = self.eval(of)?;
                at(line, unary(*operator, &of))
            }
            Kind::Binary(operator, both) => {
                let [a, b] = both.as_ref();
                let (a, b) = (self.eval(a)?, self.eval(b)?);
                at(line, binary(*operator, &a, &b))
            }
            Kind::For(each, made) => self.collection(each, made, line),
        }
    }

    fn map(&mut self, pairs: &[(Expr, Expr)]) -> Answer {
        let mut out: BTreeMap<String, Known> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for (key, value) in pairs {
            let line = key.line;
            let key = self.eval(key)?;
            names.extend(key.names.iter().cloned());
            if key.is_unknown() {
                return Ok(Known::default().with(&names));
            }
            out.insert(at(line, key.as_text())?, self.eval(value)?);
        }
        Ok(Known::from(Val::Map(out.into_iter().collect())).with(&names))
    }

    fn get(&mut self, of: &Expr, steps: &[Step]) -> Answer {
        let is_target = matches!(&of.kind, Kind::Variable(name) if name == "target");
        if is_target && !self.is_local("target") {
            return self.of_target(steps, of.line);
        }
        let known = self.eval(of)?;
        self.steps(known, steps, of.line)
    }

    fn steps(&mut self, of: Known, steps: &[Step], line: u32) -> Answer {
        let Some((step, rest)) = steps.split_first() else {
            return Ok(of);
        };
        if of.is_unknown() {
            return Ok(of);
        }
        let names = of.names.clone();
        let next = match step {
            Step::Splat => {
                // A splat takes a single value for a list of one, and null for an empty list.
                let items = match of.val {
                    Val::List(items) => items,
                    Val::Null => Vec::new(),
                    val => vec![val.into()],
                };
                let items: Result<Vec<Known>, Wrong> = items
                    .into_iter()
                    .map(|it| self.steps(it, rest, line))
                    .collect();
                return Ok(Known::from(Val::List(items?)).with(&names));
            }
            Step::Field(name) => at(line, element(&of, &Known::text(name.clone())))?,
            Step::Index(index) => {
                let index = self.eval(index)?;
                at(line, element(&of, &index))?
            }
        };
        self.steps(next.with(&names), rest, line)
    }

    /// Evaluates `target.NAME.FIELD`: the field of that block.
    fn of_target(&mut self, steps: &[Step], line: u32) -> Answer {
        let file = self.file;
        let (Some(Step::Field(name)), Some(Step::Field(field))) = (steps.first(), steps.get(1))
        else {
            return at(line, Err("target is not a variable".to_owned()));
        };
        let blocks = file.targets.iter().rev().filter(|(own, _)| own == name);
        let mut fields = blocks.filter(|(_, it)| it.get("matrix").is_none());
        let found = fields.find_map(|(_, block)| block.get(field));
        let Some(expr) = found else {
            return at(line, Err(format!("there is no target.{name}.{field}")));
        };
        let value = self.eval(expr)?;
        self.steps(value, steps.get(2..).unwrap_or_default(), line)
    }

    fn is_local(&self, name: &str) -> bool {
        self.locals.iter().any(|(own, _)| own == name)
    }

    fn named(&mut self, name: &str, line: u32) -> Answer {
        if let Some((_, value)) = self.locals.iter().rfind(|(own, _)| own == name) {
            self.steps = self.steps.saturating_add(value.size());
            return Ok(value.clone());
        }
        match self.variables.get(name) {
            Some(State::Done(value)) => {
                self.steps = self.steps.saturating_add(value.size());
                return Ok(value.clone());
            }
            Some(State::Working) => {
                return at(line, Err(format!("{name} depends on itself")));
            }
            None => {}
        }
        // These depend on the machine of the build.
        match name {
            "BAKE_CMD_CONTEXT" => return Ok(Known::text("cwd://")),
            "BAKE_LOCAL_PLATFORM" => return Ok(Known::default()),
            _ => {}
        }
        self.variables.insert(name.to_owned(), State::Working);
        let locals = std::mem::take(&mut self.locals);
        let file = self.file;
        let answer = match (file.attributes.get(name), file.variables.get(name)) {
            (Some(expr), None) => self.eval(expr),
            (Some(expr), Some(block)) => self.variable(name, Some(expr), block),
            (None, Some(block)) => self.variable(name, block.get("default"), block),
            (None, None) => at(line, Err(format!("there is no variable {name}"))),
        };
        self.locals = locals;
        match &answer {
            Ok(value) => {
                self.variables
                    .insert(name.to_owned(), State::Done(value.clone()));
            }
            // Values that depend on it are unknown; the reason is reported once, at its place.
            Err(_) => {
                let unknown = Known::default().with(&BTreeSet::from([name.to_owned()]));
                self.variables.insert(name.to_owned(), State::Done(unknown));
            }
        }
        answer
    }

    /// Evaluates a variable: the value from outside, else its default.
    fn variable(&mut self, name: &str, default: Option<&Expr>, block: &Block) -> Answer {
        let kind = block.get("type").map(types::Type::of);
        let (line, default) = match default {
            Some(expr) => (expr.line, self.eval(expr)?),
            None if kind.is_some() => (block.line, Val::Null.into()),
            None => (block.line, Known::text("")),
        };
        if let Some(text) = self.given.get(name) {
            let kind = kind.unwrap_or_else(|| types::Type::like(&default.val));
            return at(
                block.line,
                kind.parse(text).map_err(|it| format!("{name}: {it}")),
            );
        }
        let fits = match kind {
            Some(kind) => at(
                line,
                kind.convert(default).map_err(|it| format!("{name}: {it}")),
            )?,
            None => default,
        };
        Ok(fits.with(&BTreeSet::from([name.to_owned()])))
    }

    fn call(&mut self, name: &str, arguments: &[Expr], spreads: bool, line: u32) -> Answer {
        match (name, arguments) {
            ("can", [expr]) => return Ok(Val::Bool(self.eval(expr).is_ok()).into()),
            ("try", all) => {
                for expr in all {
                    if let Ok(value) = self.eval(expr) {
                        return Ok(value);
                    }
                }
                return at(line, Err("try: no argument can be evaluated".to_owned()));
            }
            _ => {}
        }
        let mut values = Vec::new();
        for expr in arguments {
            values.push(self.eval(expr)?);
        }
        if let Some(last) = spreads.then(|| values.pop()).flatten() {
            values.extend(at(line, last.as_list())?.iter().cloned());
        }
        let names: BTreeSet<String> = values.iter().flat_map(Known::all_names).collect();
        let file = self.file;
        if let Some(function) = file.functions.get(name) {
            return self
                .own(name, function, values, line)
                .map(|it| it.with(&names));
        }
        let answer = at(line, functions::call(name, &values))?;
        let too_long = match &answer.val {
            Val::Text(text) => text.len() > LONGEST,
            Val::List(items) => items.len() > MOST,
            _ => false,
        };
        match too_long {
            true => at(line, Err(format!("{name}: the result is too long"))),
            false => Ok(answer.with(&names)),
        }
    }

    /// Calls a function of the file.
    fn own(&mut self, name: &str, function: &Block, values: Vec<Known>, line: u32) -> Answer {
        let parameter = |expr: &Expr| expr.keyword().map(str::to_owned);
        let parameters: Vec<String> = match function.get("params").map(|it| &it.kind) {
            Some(Kind::List(items)) => items.iter().filter_map(parameter).collect(),
            _ => Vec::new(),
        };
        let rest = function.get("variadic_params").and_then(parameter);
        let fits = match rest {
            Some(_) => values.len() >= parameters.len(),
            None => values.len() == parameters.len(),
        };
        let Some(result) = function.get("result").filter(|_| fits) else {
            let reason = format!("{name} takes {} arguments", parameters.len());
            return at(line, Err(reason));
        };
        let outer = std::mem::take(&mut self.locals);
        let mut values = values.into_iter();
        self.locals = parameters.into_iter().zip(values.by_ref()).collect();
        if let Some(rest) = rest {
            self.locals.push((rest, Val::List(values.collect()).into()));
        }
        let answer = self.eval(result);
        self.locals = outer;
        answer
    }
}

/// Returns an unknown value that depends on all variables of these expressions.
fn unknown(of: &[&Expr]) -> Known {
    let names = of.iter().flat_map(|expr| expr.names()).collect();
    Known::default().with(&names)
}
