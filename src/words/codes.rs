//! The words for reasons, notes and warnings.

/// Reasons, notes of pulls and warnings, `code: words` on each line. A code that is not here is shown with
/// spaces for its hyphens.
pub(super) const CODES: &str = "\
attestation-damaged: a statement about it is damaged
attested: a signer whom you trust for this publisher signed a statement about it
built-on-another-image: it was built on another image, and has no stamp of its own
by-package-version: the kind is read from the version of the package
by-recipe: the reference was computed from the image's version, by the publisher's naming scheme
by-reference-only: the image has no stamp; its kind is read from the reference it was pulled from
by-stamp-only: only its own stamp says what to pull
changed-while-read: the file was changed while it was read
channel-key: a key of the image names the channel
ci: CI builds are not published
ci-build-page: its stamp names a page of a CI build
ci-reference: its stamp names a repository for CI builds
ci-repository: it is from a repository for CI builds
ci-stage: it has the labels of the publisher's CI builds, and lacks the variables of a published build
ci-tag: the tag belongs to a CI build
claims-nightly-unproven: it claims to be a nightly build, but names no build page of the publisher
claims-release-unproven: it claims to be a release, but names no build page of the publisher
commit-as-tag: its tag is a bare commit
commit-internal: the commit is in a repository that is not public
contents-do-not-fit: the import line names an image with other contents
contents-do-not-fit-import: it was imported under a publisher's name, but contains nothing of that publisher
contract-cannot-tell-changes: an image of this publisher does not show whether somebody built on it
contract-default: the publisher's contract gives this kind to every image with its stamp
control-character: a value has a control character: a damaged line break may hide the next line
damaged: part of it is damaged
derived: pulling the base does not give this image
dirty-tree: it was built from a tree with uncommitted changes
entrypoint-missing: it does not contain the program that its entrypoint names
entrypoint-unknown: its entrypoint is not known
ephemeral: images of this repository are deleted soon
file-name-differs: the file's name says another tag
file-times-put-back: its files have the time of the import: a later change would not show
files-newer-than-import: files are newer than the importer's last file
files-newer-than-packing: files have a time in the future: it cannot be told whether they were changed
git-tag-built: its build tool recorded that a Git tag was built
git-tag-requested: it was built from a tag of a Git repository
hand-built: it was built by hand
image-read-in-part: part of the image could not be read
import-line-may-be-a-label: the line about where it was pulled from may be a forged label; only a signed \
    statement would prove it
import-unproven: where it was pulled from is not proven
import-unreadable: the line about where it was pulled from has a form that no importer writes
imported-from-daemon: it was imported from a local daemon, not from a registry
importer-file-damaged: a file that the importer writes is damaged
importer-file-missing: it has no /etc/rc.local, which the importer writes
importer-file-unreadable: a file that the importer writes could not be read
importer-files-apart: the times of the importer's own files differ by minutes: one may have been edited
inode-times-damaged: the inode table is damaged: a later change would not show
inode-times-over-limit: it has more inodes than the limit: a later change would not show
inode-times-unknown: this form keeps no times of files: a later change would not show
kind-unknown: nothing says what kind of build it is
marker-missing: it lacks files that all images of the publisher have
may-be-pruned: a registry may delete old nightly images
may-give-another-image: pulling it may give another image: there are signs that somebody built on this one, or packed it again
modified-after-import: it was changed after it was imported
moving-tag: the publisher moves the tag to new images: it may pull another one
no-contract-for-publisher: no known publisher's contract matches
no-import-record: where it was pulled from is not recorded
not-a-published-kind: official images are releases and nightly builds, and this is neither
not-from-a-registry: it was not pulled from a registry
nothing-says: nothing that was read says what kind of build it is
over-limit: a limit was reached
package-added: it holds a package that the publisher adds in another image only: the publisher or somebody \
    else built it on the publisher's image
package-version-unconfirmed: the files of the publisher's package do not all name its version
packages-unknown: this form of image does not show which packages it contains
placeholder-stamp: its stamp has placeholders in place of values
private-registry: the registry is not public
published-under-imported-tag: it was imported under a published tag
publisher-build-page: its build page is the publisher's
publisher-changed-its-build: it comes from the publisher's own repository, but has something that the \
    contract does not know: the publisher probably changed its build
pull-request: pull request builds are not published
pull-request-key: a key of the image names a pull or merge request
pull-request-page: the build page belongs to a pull or merge request
pull-request-ref: it was built from the ref of a pull or merge request
pull-request-repository: it is from a repository for pull requests
pull-request-tag: the tag belongs to a pull or merge request
rc-edited: /etc/rc was edited after the import
rc-local-edited: /etc/rc.local was edited after the import
recognised-base: it contains a known image, and more files; nothing else says what it was built on
record-hash-not-checked: a RECORD of its packages lists files without a usable digest
reference-irregular: no registry accepts this spelling of the reference
repacked: enroot did not pack this file: another program did, or somebody packed it again
repository-not-official: it was imported from a repository that is not the publisher's
reused-namespace: it has a publisher's variables or labels, but not the publisher's package: somebody else \
    uses the same names
runs-from-unknown-source: the publisher's package runs from a directory that the publisher does not use
several-package-versions: several versions of the publisher's package are installed
signs-of-derivation: there are signs that somebody built on the publisher's image
spilled-environment-lines: a variable with line breaks is set after the publisher's stamp, and may have \
    forged it
spilled-label-lines: a label with line breaks takes several lines of /etc/rc, which can forge other labels
staging: staging builds are not published
staging-reference: its stamp names a staging image, which is never published
staging-repository: it is from a repository for builds that are not published
stamp-incomplete: the publisher's stamp is not complete
stamp-keys-apart: the variables of the stamp are not in the order in which the publisher's build sets them
stamp-missing: the publisher's stamp is missing
tag-fits-nothing: the tag does not name a published build in the publisher's naming scheme
tag-grammar: the tag follows the publisher's naming scheme
tag-is-another-version: the tag names another version than the image contains
tag-unknown: the tag does not match the publisher's naming scheme
timed-out: it took longer than the time limit
tree-unreadable: a directory could not be read
truncated: the file is shorter than the image in it
unlisted-pipeline: no contract of the publisher lists its pipeline
unmapped-mirror: the registry may be a mirror; name its original with --mirror FROM=TO
unreadable-file: a file in it could not be read
version-label: its version label names a version
versions-differ: parts of the image name different versions of the same thing
";
