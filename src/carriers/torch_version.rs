//! `torch/version.py`: the commit and the toolkit that torch was built with.

use super::{Pair, python_source};
use crate::provenance::Source;

/// `git_version`, `cuda` and `hip`, where they are given, in the order of the file.
#[must_use]
pub fn parse(bytes: &[u8], path: &str) -> Vec<Pair> {
    let text = String::from_utf8_lossy(bytes);
    let mut pairs: Vec<Pair> = Vec::new();
    for constant in python_source::constants(&text) {
        let Some(value) = constant.value else {
            continue;
        };
        let wanted = matches!(constant.name, "git_version" | "cuda" | "hip");
        if wanted && pairs.iter().all(|pair| pair.key != constant.name) {
            pairs.push(Pair {
                key: constant.name.to_owned(),
                value: value.to_owned(),
                source: Source {
                    carrier: "python".to_owned(),
                    path: Some(path.to_owned()),
                    line: Some(constant.line),
                    key: Some(constant.name.to_owned()),
                },
            });
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_torch_says_is_read() {
        let text = b"from typing import Optional\n\n__all__ = ['__version__', 'debug', 'cuda']\n\
            __version__ = '2.8.0+cu129'\ndebug = False\ncuda: Optional[str] = '12.9'\n\
            git_version = 'ba56102387ef21a3b04b357e5b183d48f0afefc7'\nhip: Optional[str] = None\n";
        let pairs = parse(text, "/t/torch/version.py");
        let found: Vec<_> = pairs
            .iter()
            .map(|p| (p.key.as_str(), p.value.as_str(), p.source.line))
            .collect();
        assert_eq!(
            found,
            [
                ("cuda", "12.9", Some(6)),
                (
                    "git_version",
                    "ba56102387ef21a3b04b357e5b183d48f0afefc7",
                    Some(7)
                ),
            ]
        );
    }
}
