//! The known images of a run.

use std::path::PathBuf;
use std::sync::Arc;

use sqsh_prov::recognise::{Known, SAMPLE};

use super::exit::Usage;
use super::output;

/// Loads them: those that are given, else the site's; `None` where there are none.
pub(super) fn known(given: &[PathBuf], verbose: bool) -> anyhow::Result<Option<Arc<Known>>> {
    let paths = Known::paths(given);
    if paths.is_empty() {
        return Ok(None);
    }
    let known = Known::load(&paths).map_err(|error| Usage(error.to_string()))?;
    if verbose {
        let (images, bytes) = (known.len(), known.bytes());
        output::complain(&format!("{images} known images, {bytes} bytes of memory"));
        let kept = known.kept_of_each();
        if kept < SAMPLE {
            output::complain(&format!(
                "{kept} entries of each are looked up, not {SAMPLE}, because there are so many images: one that shares little may be missed"
            ));
        }
    }
    Ok((!known.is_empty()).then(|| Arc::new(known)))
}
