//! What an audit says before it reads: what is missing, has no effect, or is probably a mistake.

use std::io::ErrorKind;
use std::path::Path;

use sqsh_prov::Inspector;
use sqsh_prov::audit::walk::Scope;
use sqsh_prov::audit::{Earlier, paths};
use sqsh_prov::policy::Policy;

use super::Audit;
use crate::cli::exit::usage;
use crate::cli::output;
use crate::cli::verify::slips_of_policy;

const UNRECOGNISED: &str =
    "--where recognised: there are no known images, so nothing is recognised; give --known";
const NO_TIME: &str = "--shard without --now: give all shards the same --now TIME, so that their ages are counted to one time";

impl Audit {
    /// Says which paths do not exist. Refuses an earlier report about other paths.
    pub(super) fn check_paths(&self, scope: &Scope, earlier: &Earlier) -> anyhow::Result<()> {
        if let Some(baseline) = &earlier.baseline {
            let roots = scope.distinct_roots().into_iter();
            let roots = roots.filter(|root| !root.is_file());
            let roots: Vec<_> = roots.map(|root| paths::to_text(&root)).collect();
            baseline.check(&roots).map_err(usage)?;
        }
        for root in scope.roots.iter().filter(|root| !is_there(root)) {
            let ways = ["digest", "near"];
            let meant = ways.iter().find(|word| root == Path::new(word));
            let advice = match meant.filter(|_| self.attested.is_some()) {
                Some(word) => format!("to look so, write --attested={word} with the = sign"),
                None => "check the path".to_owned(),
            };
            let root = root.display();
            output::complain(&format!(
                "{root}: there is no such file or directory; {advice}"
            ));
        }
        Ok(())
    }

    /// Returns warnings about flags that are probably a mistake.
    pub(super) fn surprises(
        &self,
        policy: Option<&Policy>,
        inspector: &Inspector,
        knows_images: bool,
    ) -> Vec<String> {
        let named = self.report.publishers();
        let slips = named.filter_map(|name| inspector.contracts().slip(name));
        let mut told: Vec<String> = slips.collect();
        told.extend(slips_of_policy(policy, inspector));
        if self.report.asks_what_is_recognised() && !knows_images {
            told.push(UNRECOGNISED.to_owned());
        }
        for (column, flag, is_there) in [
            (
                "attested",
                "--attested",
                self.attested.is_some() || policy.is_some_and(Policy::asks_for_statements),
            ),
            ("recognised", "--known", knows_images),
            ("tree_id", "--tree-id", self.tree_id),
            ("same_as", "--lineage", self.report.lineage()),
            ("parent", "--lineage", self.report.lineage()),
        ] {
            if !is_there && self.report.columns.iter().any(|name| name == column) {
                told.push(format!("the column '{column}' is empty without {flag}"));
            }
        }
        if self.shard.is_some() && self.now.is_none() {
            told.push(NO_TIME.to_owned());
        }
        told
    }
}

fn is_there(path: &Path) -> bool {
    let gone = std::fs::metadata(path).map_err(|error| error.kind());
    gone.err() != Some(ErrorKind::NotFound)
}
