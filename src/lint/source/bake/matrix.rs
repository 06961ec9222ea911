//! Expands a target with a matrix to several targets (docs.docker.com/build/bake/matrices).

use std::collections::BTreeSet;

use super::eval::{Evaluator, Wrong};
use super::file::Block;
use super::known::{Known, Val};

/// The most targets of one matrix. Real ones have fewer.
const MOST: usize = 256;

/// The values of the matrix's names for one target.
pub(super) type Cell = Vec<(String, Known)>;

/// Returns all combinations. The first name changes slowest. Returns `None` if there is no matrix, or it is not
/// known.
pub(super) fn cells(
    block: &Block,
    evaluator: &mut Evaluator,
    wrong: &mut Vec<Wrong>,
) -> Option<Vec<Cell>> {
    let matrix = block.get("matrix")?;
    let known = match evaluator.eval(matrix) {
        Ok(known) => known,
        Err(error) => {
            wrong.push(error);
            return None;
        }
    };
    let mut refuse = |reason: &str| {
        wrong.push(Wrong {
            line: matrix.line,
            reason: reason.to_owned(),
        });
        None
    };
    let Val::Map(axes) = known.val else {
        return refuse("the matrix is not a map of lists");
    };
    let mut cells: Vec<Cell> = vec![Vec::new()];
    for (name, axis) in axes {
        let Val::List(values) = axis.val else {
            return refuse("the matrix is not a map of lists");
        };
        if cells.len().saturating_mul(values.len()) > MOST {
            return refuse("the matrix has more than 256 targets");
        }
        let names: BTreeSet<String> = known.names.union(&axis.names).cloned().collect();
        let longer = |cell: Cell| {
            let (name, names) = (name.clone(), names.clone());
            let values = values.iter().cloned().map(move |it| it.with(&names));
            values.map(move |value| {
                let mut cell = cell.clone();
                cell.push((name.clone(), value));
                cell
            })
        };
        cells = cells.into_iter().flat_map(longer).collect();
    }
    Some(cells)
}
