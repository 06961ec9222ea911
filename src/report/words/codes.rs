//! The words for each code.

/// Reasons, pull notes and what they say to a person. A code that is not here is
/// shown with spaces for its hyphens.
pub(super) const CODES: &[(&str, &str)] = &[
    (
        "architecture-conflict",
        "sources disagree on the architecture",
    ),
    (
        "base-labels-differ",
        "its labels are not those of the base that it stands on",
    ),
    (
        "built-on-another-image",
        "it was built on another image, and has no stamp of its own",
    ),
    ("built-on-by-packer", "it was built on after it was pulled"),
    (
        "by-package-version",
        "the kind is read from the version of the package",
    ),
    (
        "by-recipe",
        "the reference is made from the image's version, by the publisher's rule",
    ),
    (
        "by-reference-only",
        "nothing in the image is stamped; the kind is read from the reference it was pulled from",
    ),
    ("by-stamp-only", "only its own stamp names this reference"),
    ("channel-key", "a key of the image names the channel"),
    ("ci-build-page", "its stamp names a page of a CI build"),
    ("ci-reference", "its stamp names a repository for CI builds"),
    ("ci-repository", "it is from a repository for CI builds"),
    (
        "ci-stage",
        "it has the labels of the publisher's CI builds, and not the variables of a published one",
    ),
    ("ci-tag", "its tag is one of CI builds"),
    (
        "claims-nightly-unproven",
        "it claims to be a nightly build, but no pipeline of the publisher is named",
    ),
    (
        "claims-release-unproven",
        "it claims to be a release, but no pipeline of the publisher is named",
    ),
    (
        "command-changed",
        "its default arguments are not the publisher's",
    ),
    ("commit-as-tag", "its tag is a bare commit"),
    (
        "commit-internal",
        "the commit is in a repository that is not public",
    ),
    (
        "container-committed",
        "it was committed from a container: it has the variables of one",
    ),
    (
        "contents-do-not-fit",
        "what its import line names would be another image",
    ),
    (
        "contents-do-not-fit-import",
        "it was imported under a publisher's name, but nothing in it is that publisher's",
    ),
    (
        "contract-cannot-tell-changes",
        "this publisher's images do not show whether somebody built on them",
    ),
    (
        "contract-default",
        "the publisher's contract says so of an image with its stamp",
    ),
    (
        "derived",
        "it was built on another image: pulling the base does not give it",
    ),
    (
        "dirty-tree",
        "it was built from a tree with changes that are not in the commit",
    ),
    (
        "duplicate-environment-key",
        "a variable is set more than once, with different values",
    ),
    (
        "duplicate-label",
        "a label is set more than once, with different values",
    ),
    (
        "duplicate-stamp",
        "a variable of the stamp is set twice, with different values",
    ),
    (
        "entrypoint-changed",
        "its entrypoint is not the publisher's",
    ),
    (
        "entrypoint-unknown",
        "what runs when it starts is not known",
    ),
    (
        "environment-after-contract",
        "variables were added after the publisher's stamp",
    ),
    (
        "environment-label-conflict",
        "the variables and the labels of its stamp disagree",
    ),
    ("ephemeral", "images of this repository are deleted soon"),
    ("file-name-differs", "the file's name says another tag"),
    (
        "file-times-put-back",
        "its files have the very time of the import: a later change cannot be seen",
    ),
    (
        "files-newer-than-import",
        "files are later than the importer's last file: it was changed after the import",
    ),
    (
        "foreign-labels",
        "it has labels that the publisher does not write",
    ),
    (
        "git-tag-built",
        "its build tool recorded that a Git tag was built",
    ),
    (
        "git-tag-requested",
        "it was built from a tag of a Git repository",
    ),
    ("hand-built", "it was built by hand"),
    ("image-read-in-part", "part of the image could not be read"),
    (
        "image-uri-differs",
        "the attribute user.image_uri names another image; the image counts",
    ),
    (
        "import-line-may-be-a-label",
        "a label can make the line that says where it was pulled from; an attestation, or a label that sorts before it, would settle it",
    ),
    ("import-unproven", "where it was pulled from is not proven"),
    (
        "import-unreadable",
        "no importer writes such a line about where it was pulled from",
    ),
    (
        "imported-from-daemon",
        "it was imported from a local daemon, not from a registry",
    ),
    (
        "inherited-record-mismatch",
        "files of a package that it stands on are not what that package's RECORD says",
    ),
    (
        "inode-times-damaged",
        "the table of inodes is damaged: a later change cannot be seen",
    ),
    (
        "inode-times-over-limit",
        "it has more inodes than the limit: a later change cannot be seen",
    ),
    (
        "inode-times-unknown",
        "this form does not keep the times of files: a later change cannot be seen",
    ),
    ("kind-unknown", "what kind of build it is cannot be known"),
    (
        "labels-and-variables-differ",
        "its labels and its CI variables name different sources",
    ),
    (
        "later-files",
        "files were added later than the publisher's package",
    ),
    (
        "may-be-pruned",
        "old nightly images are deleted from the registry",
    ),
    (
        "modified-after-import",
        "it was changed after it was imported",
    ),
    (
        "moving-tag",
        "the tag is moved to new images, so that it may not give this one",
    ),
    (
        "no-contract-for-publisher",
        "no known publisher's contract matches",
    ),
    (
        "no-import-record",
        "where it was pulled from is not recorded",
    ),
    (
        "not-a-published-kind",
        "builds of this kind are not published",
    ),
    ("not-from-a-registry", "it was not pulled from a registry"),
    ("nothing-says", "nothing in it says what it is"),
    (
        "package-commit-differs",
        "the package was built from another commit than the stamp names",
    ),
    ("package-missing", "the publisher's package is not in it"),
    (
        "package-rebuilt",
        "its package is somebody's own build of the publisher's",
    ),
    (
        "package-source-differs",
        "its package was built from another repository than the publisher's",
    ),
    (
        "package-version-differs",
        "the package has another version than the stamp names",
    ),
    (
        "package-version-unconfirmed",
        "the files of the publisher's package do not all name its version",
    ),
    (
        "packages-unknown",
        "which packages are in it cannot be seen in this form",
    ),
    (
        "placeholder-stamp",
        "its stamp has placeholders in place of values",
    ),
    ("private-registry", "the registry is not public"),
    (
        "published-under-imported-tag",
        "it was imported under a published tag",
    ),
    (
        "publisher-build-page",
        "its build page and pipeline are the publisher's",
    ),
    (
        "publisher-changed-its-build",
        "the publisher's own repository has something that the contract does not know",
    ),
    (
        "pull-differs",
        "the stamp and the import name different references",
    ),
    ("pull-request", "images of pull requests go away"),
    (
        "pull-request-key",
        "a key of the image names a pull or merge request",
    ),
    (
        "pull-request-page",
        "its build page is one of a pull or merge request",
    ),
    (
        "pull-request-ref",
        "it was built from the ref of a pull or merge request",
    ),
    (
        "pull-request-repository",
        "it is from a repository for pull requests",
    ),
    (
        "pull-request-tag",
        "its tag is one of a pull or merge request",
    ),
    (
        "rc-local-edited",
        "/etc/rc.local was edited after the import",
    ),
    (
        "record-absent",
        "its package has no RECORD to compare its files with",
    ),
    (
        "record-extra",
        "there are files among its package's that no RECORD lists",
    ),
    (
        "record-mismatch",
        "files of its package were changed after it was installed",
    ),
    (
        "reference-irregular",
        "the reference is spelled as no registry accepts it",
    ),
    (
        "repacked",
        "another program than enroot packed it, or somebody packed it again",
    ),
    (
        "repository-differs",
        "it was imported from another repository than its stamp names",
    ),
    (
        "repository-not-official",
        "it was imported from a repository that is not the publisher's",
    ),
    (
        "reused-namespace",
        "keys of a publisher are in it, but its package is not: they are somebody else's",
    ),
    (
        "revision-differs",
        "its labels name another commit than its stamp",
    ),
    (
        "second-provenance-line",
        "a second line claims to be the importer's",
    ),
    (
        "several-package-versions",
        "the publisher's package is installed in several versions",
    ),
    (
        "signs-of-derivation",
        "there are signs that somebody built on the publisher's image",
    ),
    (
        "source-differs",
        "its labels name another source repository than the publisher's",
    ),
    (
        "spilled-environment-lines",
        "a value with newlines stands behind the publisher's stamp, and may have forged it",
    ),
    (
        "spilled-label-lines",
        "a label with newlines spills over lines of /etc/rc, and can forge others",
    ),
    (
        "staging-reference",
        "its stamp names a staging image, which is never published",
    ),
    (
        "staging-reference-in-stamp",
        "its stamp names a staging repository",
    ),
    (
        "staging-repository",
        "it is from a repository for builds that are not published",
    ),
    ("stamp-incomplete", "the publisher's stamp is not complete"),
    (
        "stamp-keys-apart",
        "the variables of the stamp do not stand as the publisher's build sets them",
    ),
    ("stamp-missing", "the publisher's stamp is missing"),
    (
        "stamp-set-in-one-place",
        "one part of its stamp has a value where the other has none",
    ),
    (
        "tag-commit-differs",
        "its tag names another commit than its stamp",
    ),
    (
        "tag-differs",
        "it was imported under another tag than its stamp names",
    ),
    (
        "tag-fits-nothing",
        "the tag means no published build in the publisher's naming scheme",
    ),
    ("tag-grammar", "its tag is one of the publisher's"),
    (
        "tag-is-another-version",
        "its tag is of another version than what is in it",
    ),
    (
        "tag-unknown",
        "the tag does not match the publisher's naming scheme",
    ),
    (
        "unlisted-pipeline",
        "its pipeline is not one that is known for the publisher",
    ),
    (
        "unmapped-mirror",
        "the registry may be a mirror; --mirror FROM=TO says which it mirrors",
    ),
    ("version-label", "its version label says so"),
    (
        "version-label-differs",
        "its version label names another reference than its stamp",
    ),
];
