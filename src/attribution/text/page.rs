//! Parses the addresses of build pages: CI system, owner, project and run.

use crate::provenance::Pipeline;

/// Parses the URL of a build page; `None` for any other URL.
///
/// These are `https://buildkite.com/<org>/<slug>/builds/<n>`,
/// `https://<host>/<owner>/<repo>/actions/runs/<id>`, `https://<host>/<project>/-/pipelines/<id>`
/// and `/-/jobs/<id>`, `https://app.circleci.com/pipelines/<vcs>/<org>/<repo>/<n>`,
/// `https://circleci.com/gh/<org>/<repo>/<n>`, `https://dev.azure.com/<org>/<project>/_build/results?buildId=<n>`
/// and Jenkins' `https://<host>/job/<folder>/job/<name>/<n>/`.
pub(crate) fn parse_url(url: &str) -> Option<Pipeline> {
    let (scheme, rest) = url.trim().split_once("://")?;
    if !matches!(scheme, "https" | "http") {
        return None;
    }
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = path.split('#').next().unwrap_or_default();
    let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let (host, parts) = parts.split_first()?;
    let host = host.rsplit_once('@').map_or(*host, |(_, host)| host);
    let mut found = by_host(host, parts, query)?;
    found.url = Some(url.trim().to_owned());
    Some(found)
}

fn by_host(host: &str, parts: &[&str], query: &str) -> Option<Pipeline> {
    match parts {
        [org, slug, "builds", number, ..] if host == "buildkite.com" => {
            Some(run("buildkite", org, slug, None, number.parse().ok()))
        }
        [vcs, org, repo, number, ..] if host == "circleci.com" && matches!(*vcs, "gh" | "bb") => {
            Some(run("circleci", org, repo, None, number.parse().ok()))
        }
        ["pipelines", _, org, repo, number, ..] if host.ends_with("circleci.com") => {
            Some(run("circleci", org, repo, None, number.parse().ok()))
        }
        [org, project, "_build", ..] if host == "dev.azure.com" => {
            let mut pairs = query.split('&');
            let id = pairs.find_map(|pair| pair.strip_prefix("buildId="))?;
            Some(run("azure", org, project, Some(id), id.parse().ok()))
        }
        [owner, repo, "actions", "runs", id, ..] => {
            Some(run("github-actions", owner, repo, Some(id), None))
        }
        _ => gitlab(parts).or_else(|| jenkins(parts)),
    }
}

fn gitlab(parts: &[&str]) -> Option<Pipeline> {
    let dash = parts.iter().position(|part| *part == "-")?;
    let (project, page) = parts.split_at_checked(dash)?;
    let [_, "pipelines" | "jobs", id] = page else {
        return None;
    };
    let (slug, group) = project.split_last()?;
    (!group.is_empty()).then(|| run("gitlab", &group.join("/"), slug, Some(id), None))
}

fn jenkins(parts: &[&str]) -> Option<Pipeline> {
    let first = parts.iter().position(|part| *part == "job")?;
    let mut names = Vec::new();
    let mut rest = parts.get(first..)?;
    while let ["job", name, tail @ ..] = rest {
        names.push(*name);
        rest = tail;
    }
    let number = rest.first()?.parse().ok()?;
    let (slug, folders) = names.split_last()?;
    let organization = (!folders.is_empty()).then(|| folders.join("/"));
    Some(Pipeline {
        organization,
        ..run("jenkins", "", slug, None, Some(number))
    })
}

fn run(
    system: &str,
    organization: &str,
    slug: &str,
    id: Option<&str>,
    build: Option<u64>,
) -> Pipeline {
    Pipeline {
        system: Some(system.to_owned()),
        organization: Some(organization.to_owned()),
        slug: Some(slug.to_owned()),
        id: id.map(str::to_owned),
        build,
        url: None,
    }
}

/// Returns true for `019d130e-464e-4ff7-b84b-492992c0c06b`.
pub(crate) fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let digits = |group: &&str| group.bytes().all(|b| b.is_ascii_hexdigit());
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(digits)
}

/// Returns the number in the URL of a pull or merge request, `https://gitlab.com/acme/app/-/merge_requests/57`.
pub(crate) fn pull_request_page(url: &str) -> Option<u64> {
    let (front, number) = url.trim_end_matches('/').rsplit_once('/')?;
    let mut pages = ["/merge_requests", "/pull", "/pull-requests"].into_iter();
    let number = number.parse().ok();
    number.filter(|_| pages.any(|page| front.ends_with(page)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ci_system_is_told_by_its_page() {
        for (url, expected) in [
            (
                "https://buildkite.com/vllm/release-v2/builds/6292",
                Some(("buildkite", "vllm", "release-v2", None, Some(6292))),
            ),
            (
                "https://github.com/sgl-project/sglang/actions/runs/28210048245",
                Some((
                    "github-actions",
                    "sgl-project",
                    "sglang",
                    Some("28210048245"),
                    None,
                )),
            ),
            (
                "https://github.com/a/b/actions/runs/12/attempts/2",
                Some(("github-actions", "a", "b", Some("12"), None)),
            ),
            (
                "https://gitlab.com/acme/app/-/pipelines/1234567890",
                Some(("gitlab", "acme", "app", Some("1234567890"), None)),
            ),
            (
                "https://gitlab.acme.example/a/b/c/-/jobs/7",
                Some(("gitlab", "a/b", "c", Some("7"), None)),
            ),
            (
                "https://app.circleci.com/pipelines/github/acme/app/42/workflows/x",
                Some(("circleci", "acme", "app", None, Some(42))),
            ),
            (
                "https://circleci.com/gh/acme/app/42",
                Some(("circleci", "acme", "app", None, Some(42))),
            ),
            (
                "https://dev.azure.com/acme/app/_build/results?buildId=99&view=results",
                Some(("azure", "acme", "app", Some("99"), Some(99))),
            ),
            (
                "https://ci.acme.example/jenkins/job/team/job/app/17/",
                Some(("jenkins", "team", "app", None, Some(17))),
            ),
            ("https://github.com/acme/server", None),
            ("https://www.nginx.com", None),
            ("javascript://buildkite.com/vllm/release/builds/1", None),
        ] {
            let found = parse_url(url);
            let flat = found.as_ref().map(|p| {
                (
                    p.system.as_deref().unwrap_or_default(),
                    p.organization.as_deref().unwrap_or_default(),
                    p.slug.as_deref().unwrap_or_default(),
                    p.id.as_deref(),
                    p.build,
                )
            });
            assert_eq!(flat, expected, "{url}");
        }
    }

    #[test]
    fn request_pages_have_a_number() {
        assert_eq!(
            pull_request_page("https://gitlab.com/acme/app/-/merge_requests/57"),
            Some(57)
        );
        assert_eq!(pull_request_page("https://github.com/a/b/pull/9"), Some(9));
        assert_eq!(
            pull_request_page("https://github.com/a/b/actions/runs/9"),
            None
        );
    }
}
