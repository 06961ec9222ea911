//! How long functions are.

use crate::source::{Token, item_end};

/// A function, and how many lines it has from `fn` to its last bracket.
#[derive(Debug, PartialEq)]
pub struct Function {
    pub name: String,
    pub lines: usize,
}

/// Every function that has a body.
pub fn functions(tokens: &[Token]) -> Vec<Function> {
    let named = tokens.windows(2).enumerate().filter(|(_, pair)| {
        // `fn(` is a type.
        pair[0].text == "fn" && pair[1].text != "("
    });
    named
        .filter_map(|(at, pair)| {
            let last = &tokens[item_end(tokens, at) - 1];
            (last.text == "}").then(|| Function {
                name: pair[1].text.clone(),
                lines: last.line - pair[0].line + 1,
            })
        })
        .collect()
}
