//! What is stamped, for each environment.

mod decisions;
mod systems;
mod vllm;

use super::*;
use crate::contracts::Contracts;

const COMMIT: &str = "98dff2a81d747d1dba01a47f939f48c3526d4206";

fn stamp_of(contract: &str, variant: &str, pairs: &[(&str, &str)], event: Option<&str>) -> Stamp {
    let contracts = Contracts::built_in().unwrap();
    let environment = Environment::of(pairs);
    stamp(&Request {
        variant,
        contract: contracts.get(contract).unwrap(),
        environment: &environment,
        build: build(&environment, event),
        machine: "x86_64",
        date: "20261121",
        agent_version: None,
    })
}

fn generic(pairs: &[(&str, &str)]) -> Stamp {
    stamp_of(GENERIC, "", pairs, None)
}

/// A build of GitHub Actions, with more variables.
fn github_with(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut all = vec![
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_SHA", COMMIT),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "acme/tool"),
        ("GITHUB_RUN_ID", "28210048245"),
        ("GITHUB_WORKFLOW", "release"),
    ];
    all.extend(more);
    all
}
