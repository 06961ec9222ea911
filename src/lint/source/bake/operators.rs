//! The operators of HCL.

use hcl_edit::expr::{BinaryOperator, UnaryOperator};

use super::known::{Known, Val};

/// `-a`, `!a`.
pub(super) fn unary(operator: UnaryOperator, of: &Known) -> Result<Known, String> {
    let val = match operator {
        _ if of.is_unknown() => Val::Unknown,
        UnaryOperator::Neg => Val::Number(-of.as_number()?),
        UnaryOperator::Not => Val::Bool(!of.as_bool()?),
    };
    Ok(Known::from(val).with(&of.names))
}

/// `a + b` and the others.
pub(super) fn binary(operator: BinaryOperator, a: &Known, b: &Known) -> Result<Known, String> {
    let names = a.all_names().into_iter().chain(b.all_names()).collect();
    let val = match operator {
        _ if a.has_unknown() || b.has_unknown() => Val::Unknown,
        BinaryOperator::Eq => Val::Bool(same(a, b)),
        BinaryOperator::NotEq => Val::Bool(!same(a, b)),
        BinaryOperator::And => Val::Bool(a.as_bool()? & b.as_bool()?),
        BinaryOperator::Or => Val::Bool(a.as_bool()? | b.as_bool()?),
        BinaryOperator::Less => Val::Bool(a.as_number()? < b.as_number()?),
        BinaryOperator::LessEq => Val::Bool(a.as_number()? <= b.as_number()?),
        BinaryOperator::Greater => Val::Bool(a.as_number()? > b.as_number()?),
        BinaryOperator::GreaterEq => Val::Bool(a.as_number()? >= b.as_number()?),
        BinaryOperator::Plus => number(a.as_number()? + b.as_number()?)?,
        BinaryOperator::Minus => number(a.as_number()? - b.as_number()?)?,
        BinaryOperator::Mul => number(a.as_number()? * b.as_number()?)?,
        BinaryOperator::Div => number(a.as_number()? / b.as_number()?)?,
        BinaryOperator::Mod => number(a.as_number()? % b.as_number()?)?,
    };
    Ok(Known::from(val).with(&names))
}

/// Returns a finite number as a value.
pub(super) fn number(number: f64) -> Result<Val, String> {
    match number.is_finite() {
        true => Ok(Val::Number(number)),
        false => Err("a number is divided by zero, or too large".to_owned()),
    }
}

pub(super) fn counted(count: usize) -> Result<Val, String> {
    let count = u32::try_from(count).map_err(|_| "it is too long".to_owned())?;
    Ok(Val::Number(f64::from(count)))
}

/// Returns true for equal values of one type. Ignores the names on which they depend.
pub(super) fn same(a: &Known, b: &Known) -> bool {
    match (&a.val, &b.val) {
        (Val::List(a), Val::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Val::Map(a), Val::Map(b)) => {
            let mut pairs = a.iter().zip(b);
            a.len() == b.len() && pairs.all(|((k, a), (l, b))| k == l && same(a, b))
        }
        (a, b) => a == b,
    }
}

/// Returns an element of a list, or a field of a map.
pub(super) fn element(of: &Known, at: &Known) -> Result<Known, String> {
    if of.is_unknown() || at.is_unknown() {
        return Ok(Known::default().with(&of.names).with(&at.names));
    }
    let found = match &of.val {
        Val::List(items) => items.get(at.as_index()?),
        Val::Map(pairs) => {
            let key = at.as_text()?;
            pairs.iter().find(|(own, _)| *own == key).map(|(_, it)| it)
        }
        other => return Err(format!("{} has no elements", other.noun())),
    };
    let found = found.cloned().map(|it| it.with(&at.names));
    found.ok_or_else(|| format!("there is no element {}", at.as_text().unwrap_or_default()))
}

/// Returns the arguments if their number is right.
pub(super) fn exactly<const N: usize>(arguments: &[Known]) -> Result<&[Known; N], String> {
    arguments
        .try_into()
        .map_err(|_| format!("it takes {N} arguments, not {}", arguments.len()))
}
