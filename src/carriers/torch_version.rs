//! Reads `torch/version.py`: the commit of torch, and the toolkit that it was built with.

use super::{Pair, python_source};

/// Returns `git_version`, `cuda` and `hip`, in the order of the file.
#[must_use]
pub fn parse(bytes: &[u8], path: &str) -> Vec<Pair> {
    let text = String::from_utf8_lossy(bytes);
    let mut pairs: Vec<Pair> = Vec::new();
    for constant in python_source::constants(&text) {
        let wanted = matches!(constant.name, "git_version" | "cuda" | "hip");
        if wanted && pairs.iter().all(|pair| pair.key != constant.name) {
            pairs.extend(constant.pair(path));
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
