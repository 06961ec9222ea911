//! Which of the images in a file it is, and how its process runs.

use super::page::Item;
use crate::provenance::{Part, Runtime};

pub(super) fn part(part: &Part) -> impl Iterator<Item = String> {
    let target = part.target.iter().map(|name| format!("target {name}"));
    target.chain(part.platform.clone())
}

/// Returns what the configuration says about the process, except its command.
pub(super) fn items(runtime: &Runtime) -> Vec<Item> {
    let user = runtime.user.iter().map(|user| format!("as {user}"));
    let signal = runtime.stop_signal.iter();
    let signal = signal.map(|signal| format!("stopped by {signal}"));
    let check = runtime.healthcheck.iter().map(|check| {
        let test = check.test.join(" ");
        match &check.interval {
            Some(interval) => format!("health check every {interval}: {test}"),
            None => format!("health check: {test}"),
        }
    });
    let all = user.chain(runtime.ports.clone()).chain(signal).chain(check);
    Item::joined(&all.collect::<Vec<_>>())
}
