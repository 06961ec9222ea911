//! Names of publishers that are not known, but are close to a known one.

use sqsh_prov::policy::Policy;
use sqsh_prov::{Attesting, Inspector};

use crate::cli::attesting;

/// Returns hints for the names that were given, those in a policy and those in trust data.
pub(super) fn slips(
    given: &[String],
    policy: Option<&Policy>,
    attesting: &Attesting,
    inspector: &Inspector,
) -> Vec<String> {
    let contracts = inspector.contracts();
    let slips = given.iter().filter_map(|name| contracts.slip(name));
    let mut told: Vec<String> = slips.map(|slip| format!("--publisher: {slip}")).collect();
    told.extend(slips_of_policy(policy, inspector));
    told.extend(attesting::slips(attesting, contracts));
    told
}

/// Returns hints for the publishers in a policy.
pub(in crate::cli) fn slips_of_policy(
    policy: Option<&Policy>,
    inspector: &Inspector,
) -> Vec<String> {
    let slips = policy.into_iter().flat_map(|policy| {
        let slips = policy.publishers();
        slips.filter_map(|name| {
            let slip = inspector.contracts().slip(name)?;
            let said = policy.at_publisher(name, &slip);
            Some(format!("policy {}: {said}", policy.name))
        })
    });
    slips.collect()
}
