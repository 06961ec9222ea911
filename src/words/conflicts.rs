//! The words for conflicts.

/// Every code of a [`Conflict`](crate::provenance::Conflict), `code: words` on each line.
pub(super) const CONFLICTS: &str = "\
annotation-differs: an annotation has another value than the label of its key
architecture-conflict: sources disagree on the architecture
attestation-differs: a signed statement says something else than the image
base-labels-differ: its labels differ from those of its base
build-record-differs: its build record names another source than its stamp or labels
build-records-differ: two records of build tools name different commits
built-from-published-image: it was built from an image that the publisher publishes
built-on-by-packer: somebody built on it after it was pulled
checkout-differs: it contains a checkout of the publisher's repository at another commit
command-changed: its default arguments are not the publisher's
container-committed: it was committed from a container: it has a container's variables
duplicate-environment-key: a variable is set more than once, with different values
duplicate-label: a label is set more than once, with different values
duplicate-stamp: a variable of the stamp is set twice, with different values
entrypoint-changed: its entrypoint is not the publisher's
environment-after-contract: variables were added after the publisher's stamp
environment-label-conflict: the variables and the labels of its stamp disagree
foreign-labels: it has labels that the publisher does not write
image-uri-differs: the attribute user.image_uri names another image; sqsh-prov believes the image
inherited-record-mismatch: files of a package in its base differ from that package's RECORD
labels-and-variables-differ: its labels and its CI variables name different sources
labels-of-another-image: labels or variables of it are those of a base image
later-files: files were added later than the publisher's package
later-steps: build steps are hours later than the stamp
owner-differs: it is below another account of the registry than its source repository
package-added: it holds a package that the publisher adds in another image only
package-commit-differs: the package was built from another commit than the stamp names
package-missing: the publisher's package is not in it
package-rebuilt: its package is another build than the publisher's
package-source-differs: its package was built from another repository than the publisher's
package-version-differs: the package has another version than the stamp names
pull-differs: the stamp and the import name different references
recognised-differs: its content differs from the known image of that name
record-absent: its package has no RECORD to compare its files with
record-extra: its package's directory holds files that no RECORD lists
record-mismatch: files of its package were changed after it was installed
repository-differs: it was imported from another repository than its stamp names
revision-differs: its labels name another commit than its stamp
second-provenance-line: a second line claims to be the importer's
sidecar-differs: the metadata file names another commit or reference
sidecar-of-another-image: the metadata file is about another image
source-differs: its labels name another source repository than the publisher's
staging-reference-in-stamp: its stamp names a staging repository
stamp-set-in-one-place: the stamp has a value in one place (variables or labels) and none in the other
tag-commit-differs: its tag names another commit than its stamp
tag-differs: it was imported under another tag than its stamp names
tag-variable-differs: the tag contradicts a variable of the image
unlisted-code: it contains code that no RECORD lists, and that may run before its package or in its place
url-label-differs: its URL label names another build page than its stamp
version-label-differs: its version label names another reference than its stamp
versions-differ: parts of the image name different versions of the same thing
workdir-changed: its working directory is not the publisher's
";
