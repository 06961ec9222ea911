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
    let of_policy = policy.into_iter().flat_map(Policy::publishers);
    let of_policy = of_policy.map(|name| ("policy: publishers", name));
    let said = given
        .chain(of_policy)
        .filter_map(|(place, name)| Some(format!("{place}: {}", contracts.slip(name)?)));
    let mut told: Vec<String> = said.collect();
    told.extend(attesting::slips(attesting, contracts));
    told
}
