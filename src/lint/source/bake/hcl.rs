//! A bake file in HCL, with the line of each expression.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression as Hcl, ForExpr, ObjectKey, TraversalOperator};
use hcl_edit::structure::{Block, Body};
use hcl_edit::template::{Directive, Element, Template};

use super::expr::{Each, Expr, Kind, Made, Part, Step};
use super::file::{Block as Raw, File, Section};
use super::known::Val;
use crate::lint::source::text::SourceError;

/// Reads a file whose lines come after `before` others.
pub(super) fn file(text: &str, before: u32) -> Result<File, SourceError> {
    let body: Body = text
        .parse()
        .map_err(|error: hcl_edit::parser::Error| refused(&error))?;
    let reader = Reader::of(text, before);
    let mut file = File::default();
    for attribute in body.attributes() {
        let value = reader.expr(&attribute.value);
        file.attributes
            .insert(attribute.key.as_str().to_owned(), value);
    }
    for block in body.blocks() {
        if let Some((section, label)) = Section::of(block.ident.as_str()).zip(block.labels.first())
        {
            file.add(section, label.as_str(), reader.block(block));
        }
    }
    Ok(file)
}

/// Parses a template inside of another syntax, on one line.
pub(super) fn template(text: &str, line: u32) -> Result<Expr, String> {
    let template: Template = text
        .parse()
        .map_err(|error: hcl_edit::parser::Error| error.message().to_owned())?;
    let reader = Reader::of("", line.saturating_sub(1));
    Ok(reader.template(&template, line))
}

/// Returns the error with its line and the place of a caret.
fn refused(error: &hcl_edit::parser::Error) -> SourceError {
    let place = error.location();
    let caret = place
        .column()
        .min(error.line().chars().count().saturating_add(1));
    SourceError::Hcl {
        line: place.line(),
        reason: error.message().to_owned(),
        text: error.line().to_owned(),
        caret,
    }
}

struct Reader {
    /// The offset of each line. Every expression asks for its line, so they are found once.
    starts: Vec<usize>,
    before: u32,
}

impl Reader {
    fn of(text: &str, before: u32) -> Self {
        let next = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            starts: std::iter::once(0).chain(next).collect(),
            before,
        }
    }

    fn line(&self, offset: Option<usize>) -> u32 {
        let offset = offset.unwrap_or(0);
        let line = self.starts.partition_point(|start| *start <= offset);
        u32::try_from(line)
            .unwrap_or(u32::MAX)
            .saturating_add(self.before)
    }

    fn block(&self, block: &Block) -> Raw {
        let fields = block.body.attributes().map(|attribute| {
            let value = self.expr(&attribute.value);
            (attribute.key.as_str().to_owned(), value)
        });
        let inner = block.body.blocks();
        Raw {
            line: self.line(block.span().map(|span| span.start)),
            fields: fields.collect(),
            validations: inner
                .filter(|it| it.ident.as_str() == "validation")
                .map(|it| self.block(it))
                .collect(),
        }
    }

    fn expr(&self, value: &Hcl) -> Expr {
        let line = self.line(value.span().map(|span| span.start));
        let kind = match value {
            Hcl::Null(_) => Kind::Value(Val::Null),
            Hcl::Bool(it) => Kind::Value(Val::Bool(*it.value())),
            Hcl::Number(it) => Kind::Value(it.value().as_f64().map_or(Val::Unknown, Val::Number)),
            Hcl::String(it) => Kind::Value(Val::Text(it.value().clone())),
            Hcl::Array(list) => Kind::List(list.iter().map(|it| self.expr(it)).collect()),
            Hcl::Object(map) => {
                let pairs = map.iter().map(|(key, value)| {
                    let key = match key {
                        ObjectKey::Ident(name) => {
                            Expr::text(self.line(name.span().map(|it| it.start)), name.as_str())
                        }
                        ObjectKey::Expression(it) => self.expr(it),
                    };
                    (key, self.expr(value.expr()))
                });
                Kind::Map(pairs.collect())
            }
            Hcl::StringTemplate(it) => return self.elements(it.iter(), line),
            Hcl::HeredocTemplate(it) => {
                let mut heredoc = it.as_ref().clone();
                heredoc.dedent();
                return self.template(&heredoc.template, line);
            }
            Hcl::Parenthesis(it) => return self.expr(it.inner()),
            Hcl::Variable(it) => Kind::Variable(it.as_str().to_owned()),
            Hcl::Conditional(it) => Kind::If(Box::new([
                self.expr(&it.cond_expr),
                self.expr(&it.true_expr),
                self.expr(&it.false_expr),
            ])),
            Hcl::FuncCall(it) => Kind::Call {
                // No function of bake has a name with `::` in it.
                name: match it.name.is_namespaced() {
                    true => format!("…::{}", it.name.name.as_str()),
                    false => it.name.name.as_str().to_owned(),
                },
                arguments: it.args.iter().map(|it| self.expr(it)).collect(),
                spreads: it.args.expand_final(),
            },
            Hcl::Traversal(it) => {
                let steps = it.operators.iter().map(|it| self.step(it.value()));
                Kind::Get(Box::new(self.expr(&it.expr)), steps.collect())
            }
            Hcl::UnaryOp(it) => Kind::Unary(*it.operator.value(), Box::new(self.expr(&it.expr))),
            Hcl::BinaryOp(it) => {
                let both = [self.expr(&it.lhs_expr), self.expr(&it.rhs_expr)];
                Kind::Binary(*it.operator.value(), Box::new(both))
            }
            Hcl::ForExpr(it) => self.each(it),
        };
        Expr::new(line, kind)
    }

    fn each(&self, it: &ForExpr) -> Kind {
        let each = Each {
            key: it.intro.key_var.as_ref().map(|it| it.as_str().to_owned()),
            value: it.intro.value_var.as_str().to_owned(),
            of: self.expr(&it.intro.collection_expr),
            only: it.cond.as_ref().map(|it| self.expr(&it.expr)),
        };
        let made = Made {
            key: it.key_expr.as_ref().map(|it| self.expr(it)),
            value: self.expr(&it.value_expr),
            grouped: it.grouping,
        };
        Kind::For(Box::new(each), Box::new(made))
    }

    fn step(&self, operator: &TraversalOperator) -> Step {
        match operator {
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => Step::Splat,
            TraversalOperator::GetAttr(name) => Step::Field(name.as_str().to_owned()),
            TraversalOperator::Index(it) => Step::Index(self.expr(it)),
            TraversalOperator::LegacyIndex(it) => {
                let index = u32::try_from(*it.value())
                    .map_or(Val::Unknown, |it| Val::Number(f64::from(it)));
                Step::Index(Expr::new(0, Kind::Value(index)))
            }
        }
    }

    fn template(&self, template: &Template, line: u32) -> Expr {
        self.elements(template.iter(), line)
    }

    /// Returns a template. A template of one value is that value, and no text.
    fn elements<'e>(&self, elements: impl Iterator<Item = &'e Element>, line: u32) -> Expr {
        let mut parts = self.parts(elements, false, false);
        match parts.as_slice() {
            [] => Expr::text(line, ""),
            [Part::Text(text)] => Expr::text(line, text.clone()),
            [Part::Value(_)] => match parts.pop() {
                Some(Part::Value(it)) => it,
                _ => Expr::text(line, ""),
            },
            _ => Expr::new(line, Kind::Template(parts)),
        }
    }

    /// Returns the parts. A `~` removes the white space beside it.
    fn parts<'e>(
        &self,
        elements: impl Iterator<Item = &'e Element>,
        mut trims: bool,
        trims_end: bool,
    ) -> Vec<Part> {
        let elements: Vec<&Element> = elements.collect();
        let mut out = Vec::new();
        for (at, element) in elements.iter().enumerate() {
            let (part, after) = match element {
                Element::Literal(text) => {
                    let next = elements.get(at.saturating_add(1));
                    let before_next = next.map_or(trims_end, |it| strips(it).0);
                    let mut text = text.value().as_str();
                    text = if trims { text.trim_start() } else { text };
                    text = if before_next { text.trim_end() } else { text };
                    (Part::Text(text.to_owned()), false)
                }
                Element::Interpolation(it) => (Part::Value(self.expr(&it.expr)), strips(element).1),
                Element::Directive(it) => (self.directive(it), strips(element).1),
            };
            trims = after;
            out.push(part);
        }
        out
    }

    fn directive(&self, directive: &Directive) -> Part {
        match directive {
            Directive::If(it) => {
                let (start, end) = (
                    it.if_expr.strip.strip_end(),
                    it.endif_expr.strip.strip_start(),
                );
                let other = it.else_expr.as_ref();
                let middle = other.map_or(end, |it| it.strip.strip_start());
                let yes = self.parts(it.if_expr.template.iter(), start, middle);
                let no = other.map(|it| self.parts(it.template.iter(), it.strip.strip_end(), end));
                Part::If(
                    self.expr(&it.if_expr.cond_expr),
                    yes,
                    no.unwrap_or_default(),
                )
            }
            Directive::For(it) => {
                let (intro, end) = (&it.for_expr, it.endfor_expr.strip.strip_start());
                let each = Each {
                    key: intro.key_var.as_ref().map(|it| it.as_str().to_owned()),
                    value: intro.value_var.as_str().to_owned(),
                    of: self.expr(&intro.collection_expr),
                    only: None,
                };
                let parts = self.parts(intro.template.iter(), intro.strip.strip_end(), end);
                Part::For(Box::new(each), parts)
            }
        }
    }
}

/// Returns true for the white space before, and after, an element if the element removes it.
fn strips(element: &Element) -> (bool, bool) {
    match element {
        Element::Literal(_) => (false, false),
        Element::Interpolation(it) => (it.strip.strip_start(), it.strip.strip_end()),
        Element::Directive(it) => match it.as_ref() {
            Directive::If(it) => (
                it.if_expr.strip.strip_start(),
                it.endif_expr.strip.strip_end(),
            ),
            Directive::For(it) => (
                it.for_expr.strip.strip_start(),
                it.endfor_expr.strip.strip_end(),
            ),
        },
    }
}
