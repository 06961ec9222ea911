//! Globs: `*` matches any characters but `/`; everything else is literal.

/// Returns true if the whole text matches.
#[must_use]
pub fn glob_matches(glob: &str, text: &str) -> bool {
    let (glob, text) = (glob.as_bytes(), text.as_bytes());
    let (mut g, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match glob.get(g) {
            Some(b'*') => {
                star = Some((g, t));
                g += 1;
            }
            Some(wanted) if text.get(t) == Some(wanted) => {
                g += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) if text.get(from).is_some_and(|&b| b != b'/') => {
                    star = Some((at, from + 1));
                    g = at + 1;
                    t = from + 1;
                }
                _ => return false,
            },
        }
    }
    glob.get(g..)
        .is_some_and(|rest| rest.iter().all(|&b| b == b'*'))
}

#[cfg(test)]
mod tests {
    use super::glob_matches;

    #[test]
    fn a_star_stays_in_its_path_component() {
        for (glob, text, expected) in [
            (
                "docker.io/vllm/vllm-openai",
                "docker.io/vllm/vllm-openai",
                true,
            ),
            (
                "docker.io/vllm/vllm-openai",
                "docker.io/vllm/vllm-openai-rocm",
                false,
            ),
            (
                "ghcr.io/*/devbox/*",
                "ghcr.io/labring/devbox/go-1.23.0",
                true,
            ),
            ("ghcr.io/*/devbox/*", "ghcr.io/a/b/devbox/go", false),
            ("*-ci", "acme-ci", true),
            ("*-ci", "acme/app-ci", false),
            ("TORCH_*", "TORCH_CUDA_ARCH_LIST", true),
            ("TORCH_*", "XTORCH_A", false),
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
        ] {
            assert_eq!(glob_matches(glob, text), expected, "{glob} {text}");
        }
    }
}
