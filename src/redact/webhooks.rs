//! Finds webhooks. Anybody who has such a URL may write there, so its path is a secret.

use std::ops::Range;

use super::scan::{alphanumeric_or, run};

pub(super) const HOSTS: [&str; 5] = [
    "webhook.office.com/webhookb2/",
    "hooks.slack.com/",
    "hooks.slack-gov.com/",
    "discord.com/api/",
    "discordapp.com/api/",
];

/// The first part of a path, perhaps after a version.
const KINDS: [&str; 4] = ["services", "workflows", "triggers", "webhooks"];

/// The least length of a secret, and of the identifier of a workspace or webhook.
const LEAST_ID: usize = 6;
const LEAST_SECRET: usize = 12;
const LEAST_TEAMS: usize = 60;

/// Finds the secret part of a path after a host: `services/T…/B…/SECRET`, `v10/webhooks/ID/SECRET`.
pub(super) fn path(text: &str, start: usize, found: &mut Vec<Range<usize>>) {
    let end = start + run(text, start, alphanumeric_or(b"_-/@"));
    let host = text.get(..start).unwrap_or_default();
    // Teams: the identifiers of a group and a tenant, then a secret.
    if host.ends_with("/webhookb2/") {
        if end - start >= LEAST_TEAMS {
            found.push(start..end);
        }
        return;
    }
    let mut rest = text.get(start..end).unwrap_or_default();
    if let Some((version, after)) = rest.split_once('/')
        && is_version(version)
    {
        rest = after;
    }
    let Some((kind, rest)) = rest.split_once('/') else {
        return;
    };
    let mut parts = rest.split('/');
    let in_id = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let has_id = parts
        .next()
        .is_some_and(|id| id.len() >= LEAST_ID && id.bytes().all(in_id));
    if KINDS.contains(&kind) && has_id && parts.any(|part| part.len() >= LEAST_SECRET) {
        found.push(end - rest.len()..end);
    }
}

/// Returns true for a version, such as `v10`.
fn is_version(part: &str) -> bool {
    part.strip_prefix('v')
        .is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use crate::redact::{is_secret, text};

    #[test]
    fn the_path_of_a_webhook_is_masked() {
        let secret = "abcDEFghiJKLmnoPQRstuVWX";
        let hex = "0123456789abcdef0123456789abcdef";
        for (host, path) in [
            (
                "https://hooks.slack.com/services/",
                format!("T0000000/B0000000/{secret}"),
            ),
            (
                "http://hooks.slack.com/services/",
                format!("TABCDEFGH/BABCDEFGH/{secret}"),
            ),
            (
                "hooks.slack.com/workflows/",
                format!("T01AB23CD/A01AB23CD/123456789012345678/{secret}"),
            ),
            (
                "https://hooks.slack.com/triggers/",
                format!("E01AB23CD/1234567890123/{hex}"),
            ),
            (
                "https://hooks.slack-gov.com/services/",
                format!("T0000000/B0000000/{secret}/"),
            ),
            (
                "https://discord.com/api/webhooks/",
                format!("123456789012345678/{secret}-_{hex}"),
            ),
            (
                "https://discordapp.com/api/webhooks/",
                format!("123456789012345678/{secret}-_{hex}"),
            ),
            (
                "https://ptb.discord.com/api/v10/webhooks/",
                format!("123456789012345678/{secret}{hex}/slack"),
            ),
        ] {
            assert_eq!(text(&format!("{host}{path}")), format!("{host}***"));
            assert_eq!(
                text(&format!("curl -d x '{host}{path}', then")),
                format!("curl -d x '{host}***', then")
            );
            assert!(is_secret("HOOK", &format!("{host}{path}")), "{path}");
            assert!(!is_secret("HOOK", &format!("{host}***")), "{host}");
        }
        for raw in [
            "https://hooks.slack.com/services/",
            "https://hooks.slack.com/services/T/B/SECRET",
            "https://hooks.slack.com/services/T0000000/B0000000",
            "https://api.slack.com/messaging/webhooks",
            "https://myhooks.slack.com/T0000000/B0000000/abc",
            "https://discord.com/api/webhooks/ID/TOKEN",
            "https://discord.com/api/v10/channels/123456789012345678/messages-of-a-day",
            "https://discord.com/developers/docs/resources/webhook",
            "https://discord.com/invite/abcDEFghiJKLmnoPQRstuVWX",
        ] {
            assert_eq!(text(raw), raw);
            assert!(!is_secret("HOOK", raw), "{raw}");
        }
    }
}
