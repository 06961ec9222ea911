//! Reads the Git checkout that the build runs in. It reads `.git`, and starts no `git`.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::ci::Build;
use super::environment::is_word;
use crate::carriers::checkout_above;
use crate::carriers::git_context::GitContext;
use crate::given;
use crate::image::rootfs::Rootfs;
use crate::limits::Limits;

/// Returns the facts of the checkout around a directory; `None` without a checkout.
#[must_use]
pub fn checkout(directory: &Path) -> Option<Build> {
    let directory = std::fs::canonicalize(directory).ok()?;
    let limits = Limits::default();
    let root = Rootfs::open(Path::new("/"), &limits).ok()?;
    let found = checkout_above(&root, directory.as_os_str().as_bytes(), &limits)?;
    let stampable = |value: &String| is_word(value);
    let reference = found.reference.as_deref();
    let branch = reference.and_then(|name| name.strip_prefix("refs/heads/"));
    let uncommitted =
        super::changes::remark(Path::new(&found.path), Path::new(&found.git_directory));
    let build = Build {
        uncommitted,
        unread: found.has_reftable.then(|| REFTABLE.to_owned()),
        commit: found.commit.map(|pair| pair.value).filter(stampable),
        source: found.remote.map(|pair| pair.value).filter(stampable),
        branch: branch.map(str::to_owned).filter(stampable),
        ..Build::default()
    };
    Some(build.hosted())
}

/// git-scm.com/docs/git-refs, `migrate`.
const REFTABLE: &str = "the checkout keeps its references in a reftable, which is not read: run it in CI, whose variables name the commit, or run git refs migrate --ref-format=files";

/// Returns true for a context that is a path and does not exist. `-`, a URL and `target:NAME` are no paths.
#[must_use]
pub fn is_missing(context: &str) -> bool {
    let is_path = context != "-" && !context.contains(':') && GitContext::parse(context).is_none();
    is_path && !Path::new(context).exists()
}

/// Returns the text of the file that `GITHUB_EVENT_PATH` names; `None` if it cannot be read or is too long.
#[must_use]
pub fn event(path: &Path) -> Option<String> {
    given::read_text(path, Limits::default().json_file).ok()
}

impl Build {
    /// Adds the facts of the checkout that CI does not say.
    #[must_use]
    pub fn or_checkout(mut self, checkout: Option<Self>) -> Self {
        let Some(checkout) = checkout else {
            return self;
        };
        if self.source.is_none() {
            self.notes.extend(checkout.notes);
        }
        if self.commit.is_none() {
            self.notes.extend(checkout.unread.clone());
            self.unread = checkout.unread;
        }
        if self.commit.is_none() && checkout.commit.is_some() {
            self.notes.extend(checkout.uncommitted.clone());
            self.uncommitted = checkout.uncommitted;
            self.commit = checkout.commit;
            self.of_checkout.push("commit");
        }
        if self.source.is_none() && checkout.source.is_some() {
            self.source = checkout.source;
            self.of_checkout.push("source");
        }
        if self.tag.is_none() && self.branch.is_none() && checkout.branch.is_some() {
            self.branch = checkout.branch;
            self.of_checkout.extend(["branch", "ref"]);
        }
        self
    }
}
