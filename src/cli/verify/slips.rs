//! Names of publishers that nobody has, and that nearly are somebody's.

use sqsh_prov::policy::Policy;
use sqsh_prov::{Attesting, Inspector};

use crate::cli::attesting;

/// What to say of the names that were given, of those in a policy and of those in trust data.
pub(super) fn slips(
    given: &[String],
    policy: Option<&Policy>,
    attesting: &Attesting,
    inspector: &Inspector,
) -> Vec<String> {
    let contracts = inspector.contracts();
    let given = given.iter().map(|name| ("--publisher", name.as_str()));
    let said =
        given.filter_map(|(place, name)| Some(format!("{place}: {}", contracts.slip(name)?)));
    let mut told: Vec<String> = said.collect();
    told.extend(slips_of_policy(policy, inspector));
    told.extend(attesting::slips(attesting, contracts));
    told
}

/// What to say of the publishers in a policy.
pub(in crate::cli) fn slips_of_policy(
    policy: Option<&Policy>,
    inspector: &Inspector,
) -> Vec<String> {
    let slips = policy.into_iter().flat_map(|policy| {
        let slips = policy.publishers();
        let slips = slips.filter_map(|name| inspector.contracts().slip(name));
        slips.map(|slip| format!("policy {}: publishers: {slip}", policy.name))
    });
    slips.collect()
}
