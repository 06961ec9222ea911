//! `KEY=value` lines.

use crate::emit::Stamp;
use crate::report::escape::shell_quote;

/// Returns the variables as they will be in the image, one per line, for `. FILE` in a shell and for
/// `docker --env-file`. A plain value is printed as it is. Any other is quoted for the shell;
/// `--env-file` would keep the quotes.
#[must_use]
pub fn env(stamp: &Stamp) -> String {
    let mut out = String::new();
    for (key, value) in &stamp.env {
        if stamp.unprinted.contains(&stamp.argument_of(key)) {
            continue;
        }
        out.push_str(key);
        out.push('=');
        if !value.is_empty() {
            out.push_str(&shell_quote(value));
        }
        out.push('\n');
    }
    out
}
