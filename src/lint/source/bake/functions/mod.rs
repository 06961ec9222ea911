//! The standard functions of bake that recipes use
//! (github.com/docker/buildx, docs/bake-stdlib.md).

mod lists;
mod numbers;
mod texts;

use super::known::Known;

/// Functions with a different result in each build, or on each machine.
const CHANGING: [&str; 5] = ["timestamp", "uuidv4", "homedir", "bcrypt", "rsadecrypt"];

/// Calls a function. Its result is unknown if it depends on an unknown value.
pub(super) fn call(name: &str, arguments: &[Known]) -> Result<Known, String> {
    if CHANGING.contains(&name) {
        return Err(format!("{name}() has another value in each build"));
    }
    if let Some(answer) = lists::call(name, arguments) {
        return answer.map_err(|reason| format!("{name}: {reason}"));
    }
    let is_known = !arguments.iter().any(Known::has_unknown);
    let answer = texts::call(name, arguments).or_else(|| numbers::call(name, arguments));
    match answer {
        None => Err(format!("lint cannot evaluate the function {name}")),
        Some(_) if !is_known => Ok(Known::default()),
        Some(answer) => answer
            .map(Known::from)
            .map_err(|reason| format!("{name}: {reason}")),
    }
}
