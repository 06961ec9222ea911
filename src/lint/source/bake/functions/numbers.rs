//! Functions of numbers and truth values.

use hcl_edit::expr::{BinaryOperator as Op, UnaryOperator};

use crate::lint::source::bake::known::{Known, Val};
use crate::lint::source::bake::operators::{binary, exactly, number, unary};

type Answer = Result<Val, String>;

/// Calls a function; `None` if there is none of this name.
pub(super) fn call(name: &str, arguments: &[Known]) -> Option<Answer> {
    let operator = match name {
        "add" => Some(Op::Plus),
        "subtract" => Some(Op::Minus),
        "multiply" => Some(Op::Mul),
        "divide" => Some(Op::Div),
        "modulo" => Some(Op::Mod),
        "and" => Some(Op::And),
        "or" => Some(Op::Or),
        "equal" => Some(Op::Eq),
        "notequal" => Some(Op::NotEq),
        "greaterthan" => Some(Op::Greater),
        "greaterthanorequalto" => Some(Op::GreaterEq),
        "lessthan" => Some(Op::Less),
        "lessthanorequalto" => Some(Op::LessEq),
        _ => None,
    };
    if let Some(operator) = operator {
        let answer = exactly(arguments).and_then(|[a, b]| binary(operator, a, b));
        return Some(answer.map(|it| it.val));
    }
    let one = |change: fn(f64) -> f64| -> Answer {
        let [of] = exactly(arguments)?;
        number(change(of.as_number()?))
    };
    let most = |better: fn(f64, f64) -> f64| -> Answer {
        let numbers: Result<Vec<f64>, String> = arguments.iter().map(Known::as_number).collect();
        let found = numbers?.into_iter().reduce(better);
        number(found.ok_or("it takes numbers")?)
    };
    let of = |operator| -> Answer {
        let [of] = exactly(arguments)?;
        unary(operator, of).map(|it| it.val)
    };
    Some(match name {
        "absolute" => one(f64::abs),
        "ceil" => one(f64::ceil),
        "floor" => one(f64::floor),
        "int" => one(f64::trunc),
        "signum" => one(|it| if it == 0.0 { 0.0 } else { it.signum() }),
        "negate" => of(UnaryOperator::Neg),
        "not" => of(UnaryOperator::Not),
        "max" => most(f64::max),
        "min" => most(f64::min),
        "pow" => exactly(arguments).and_then(|[a, b]| number(a.as_number()?.powf(b.as_number()?))),
        "parseint" => exactly(arguments).and_then(|[text, base]| {
            let base = base.as_index()?;
            let base = u32::try_from(base).ok().filter(|it| (2..=36).contains(it));
            let parsed =
                i32::from_str_radix(&text.as_text()?, base.ok_or("the base is not valid")?);
            Ok(Val::Number(f64::from(
                parsed.map_err(|_| "it is not a number")?,
            )))
        }),
        _ => return None,
    })
}
