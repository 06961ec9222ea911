//! Placeholders: texts that mean "not set".

use crate::contracts::Field;

use super::commit::CommitText;

/// Returns true for a text that means "not set".
pub(crate) fn is_placeholder(field: Field, text: &str) -> bool {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    if lower.is_empty() || lower.starts_with('$') || lower.contains("${") {
        return true;
    }
    let is_local = matches!(lower.as_str(), "dev" | "local" | "devel");
    match (lower.as_str(), field) {
        ("unknown" | "<unknown>" | "unknown-commit" | "none" | "n/a" | "null", _) => true,
        (_, Field::Commit) => CommitText::parse(text).is_none(),
        (_, Field::Created) => ["1970-01-01", "0001-01-01", "1980-01-01"]
            .iter()
            .any(|epoch| lower.starts_with(epoch)),
        (_, Field::Reference) => is_local || lower.starts_with("local/"),
        (_, Field::PullRequest) => matches!(lower.as_str(), "false" | "0"),
        (_, Field::Ref | Field::Channel) => false,
        _ => is_local,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_no_values() {
        for (field, text, expected) in [
            (Field::Commit, "unknown", true),
            (Field::Commit, "HEAD", true),
            (Field::Commit, "${GIT_SHA}", true),
            (Field::Commit, "98dff2a81", false),
            (Field::Pipeline, "local", true),
            (Field::Pipeline, "$CI_PIPELINE", true),
            (Field::BuildId, "<unknown>", true),
            (Field::Reference, "local/vllm-openai:dev", true),
            (Field::Reference, "vllm/vllm-openai:v0.29.0", false),
            (Field::Created, "1970-01-01T00:00:01Z", true),
            (Field::Created, "1980-01-01T00:00:01Z", true),
            (Field::Ref, "main", false),
            (Field::Channel, "dev", false),
            (Field::PullRequest, "false", true),
            (Field::PullRequest, "57", false),
            (Field::Url, "", true),
        ] {
            assert_eq!(is_placeholder(field, text), expected, "{field:?} {text}");
        }
    }
}
