//! How the process of an image runs.

use super::page::Item;
use crate::provenance::Runtime;

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
