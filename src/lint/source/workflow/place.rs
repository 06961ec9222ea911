//! The directory in which a command of a workflow runs.

use super::super::script::DOLLAR;

/// Texts that mean the checkout (docs.github.com/actions/reference/variables-reference,
/// docs.gitlab.com/ci/variables/predefined_variables).
const CHECKOUT: [&str; 6] = [
    "${{ github.workspace }}",
    "$GITHUB_WORKSPACE",
    "${GITHUB_WORKSPACE}",
    "$CI_PROJECT_DIR",
    "${CI_PROJECT_DIR}",
    "$(git rev-parse --show-toplevel)",
];

/// A directory below the checkout; `None` if it is not known.
pub(super) type Place = Option<String>;

/// Returns a path as seen from a directory; `None` if an expression decides it.
pub(super) fn joined(directory: &str, path: &str) -> Place {
    let below = CHECKOUT.iter().find_map(|it| path.strip_prefix(it));
    let (directory, path) = match below {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            ("", rest.trim_start_matches('/'))
        }
        _ => (directory, path),
    };
    if path.contains(['$', '`', DOLLAR]) || path.contains("{{") || path.starts_with('~') {
        return None;
    }
    if path.starts_with('/') || path.contains("://") {
        return Some(path.to_owned());
    }
    let root = if directory.starts_with('/') { "/" } else { "" };
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(format!("{root}{}", parts.join("/")))
}

/// The directory of a script, which its commands change.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    pub now: Place,
    /// Those of `pushd`, and those around a subshell.
    pushed: Vec<Place>,
    outer: Vec<Place>,
}

impl Directory {
    pub fn new(now: Place) -> Self {
        Self {
            now,
            ..Self::default()
        }
    }

    /// Follows a command; returns false if it is none that changes the directory.
    pub fn follow(&mut self, words: &[&str]) -> bool {
        const BEFORE: [&str; 7] = ["then", "do", "else", "if", "!", "{", "builtin"];
        match words {
            [first, rest @ ..] if BEFORE.contains(first) => return self.follow(rest),
            ["("] => self.outer.push(self.now.clone()),
            [")"] => self.now = self.outer.pop().unwrap_or(self.now.take()),
            ["popd", ..] => self.now = self.pushed.pop().flatten(),
            [command @ ("cd" | "pushd"), rest @ ..] => {
                if *command == "pushd" {
                    self.pushed.push(self.now.clone());
                }
                let mut paths = rest
                    .iter()
                    .filter(|word| !matches!(**word, "--" | "-P" | "-L"));
                let path = paths.next().filter(|path| **path != "-");
                self.now = match (path, self.now.as_deref()) {
                    (Some(path), Some(now)) => joined(now, path),
                    (Some(path), None) if CHECKOUT.contains(path) => Some(String::new()),
                    _ => None,
                };
            }
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined() {
        for (directory, path, expected) in [
            ("", ".", Some("")),
            ("app", ".", Some("app")),
            ("app", "../docker/./x", Some("docker/x")),
            ("", "../x", Some("../x")),
            ("app", "/srv", Some("/srv")),
            ("app", "$DIR", None),
            ("app", "${{ matrix.dir }}/x", None),
            ("app", "${{ github.workspace }}/docker", Some("docker")),
            ("app", "$GITHUB_WORKSPACE", Some("")),
        ] {
            assert_eq!(joined(directory, path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn commands_change_the_directory() {
        let mut directory = Directory::new(Some(String::new()));
        for (words, now) in [
            (&["cd", "app"][..], Some("app")),
            (&["("], Some("app")),
            (&["cd", "web"], Some("app/web")),
            (&[")"], Some("app")),
            (&["pushd", "a"], Some("app/a")),
            (&["popd"], Some("app")),
            (&["then", "cd", ".."], Some("")),
            (&["cd", "$DIR"], None),
            (&["cd", ".."], None),
            (&["cd", "$CI_PROJECT_DIR"], Some("")),
            (&["cd", "/srv"], Some("/srv")),
            (&["cd", "a"], Some("/srv/a")),
        ] {
            assert!(directory.follow(words));
            assert_eq!(directory.now.as_deref(), now, "{words:?}");
        }
    }
}
