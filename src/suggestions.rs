//! Suggestions for a name that is not known.

/// The most edits between a name and a misspelling of it.
pub(crate) const SLIPS: usize = 2;

/// Returns the known name that is closest to a text; `None` if none is close.
pub(crate) fn closest<'n>(names: impl IntoIterator<Item = &'n str>, text: &str) -> Option<&'n str> {
    names
        .into_iter()
        .map(|name| (distance(name, text), name))
        .min()
        .filter(|(changes, name)| *changes <= name.len().max(text.len()) / 2)
        .map(|(_, name)| name)
}

/// Returns the end of an error message: `; the closest known name is 'vllm'`, or nothing.
pub(crate) fn hint(near: Option<&str>) -> String {
    near.map(|name| format!("; the closest known name is '{name}'"))
        .unwrap_or_default()
}

/// Returns the edit distance of two texts, in characters. Two that changed places are one edit. Only the first
/// 128 characters count: no name is longer.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let start = |text: &str| text.chars().take(128).collect::<String>();
    strsim::osa_distance(&start(a), &start(b))
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn the_nearest_name_is_near() {
        let names = ["vllm", "sglang", "vllm-omni"];
        for (text, near) in [
            ("vlm", Some("vllm")),
            ("vllm-omny", Some("vllm-omni")),
            ("sg-lang", Some("sglang")),
            ("pytorch", None),
            ("", None),
        ] {
            assert_eq!(closest(names, text), near, "{text}");
        }
        assert_eq!(closest([], "vllm"), None);
    }
}
