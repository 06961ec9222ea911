//! What somebody meant who wrote a name that there is not.

/// The name that comes nearest; `None` where none is near.
pub(crate) fn nearest<'n>(names: impl IntoIterator<Item = &'n str>, text: &str) -> Option<&'n str> {
    names
        .into_iter()
        .map(|name| (distance(name, text), name))
        .min()
        .filter(|(changes, name)| *changes <= name.len().max(text.len()) / 2)
        .map(|(_, name)| name)
}

/// What an error says of it, behind what is wrong: `; the nearest is 'vllm'`, or nothing.
pub(crate) fn hint(near: Option<&str>) -> String {
    near.map(|name| format!("; the nearest is '{name}'"))
        .unwrap_or_default()
}

/// How many characters to change, add or remove to make one text the other. Only the start of a long
/// text counts: no name is that long.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let start = |text: &str| text.chars().take(128).collect::<String>();
    strsim::levenshtein(&start(a), &start(b))
}

#[cfg(test)]
mod tests {
    use super::nearest;

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
            assert_eq!(nearest(names, text), near, "{text}");
        }
        assert_eq!(nearest([], "vllm"), None);
    }
}
