//! The words for what a policy finds.

/// Every code of a finding of a policy, `code: words` on each line.
pub(super) const POLICY: &str = "\
policy-age: it is older than the policy allows
policy-age-unknown: nothing says how old it is
policy-attestation-invalid: a statement about it does not hold
policy-attestation-missing: no signer that the policy accepts signed a statement about it
policy-attestation-old: the statement about it is older than the policy allows
policy-conflict: it has a conflict that the policy forbids
policy-dirty-tree: it was built from a tree with uncommitted changes
policy-dirty-tree-unknown: nothing says whether it was built from the commit alone
policy-field-missing: a field that the policy requires is not known
policy-framework-missing: a package that the policy requires is not installed
policy-framework-missing-unknown: whether a package that the policy requires is installed is not known
policy-framework-version: a package is not in the range that the policy requires
policy-framework-version-unknown: whether a package is in the range that the policy requires is not known
policy-import-elsewhere: it was imported from neither the publisher's registry nor a named mirror
policy-import-unknown: nothing proves which registry it was imported from
policy-import-unreadable: the line that says where it was imported from is not an importer's
policy-kind: its kind is not one that the policy requires
policy-kind-forbidden: the policy forbids its kind
policy-kind-unknown: its kind is not known
policy-label-missing: a label that the policy requires is missing or empty
policy-modified: it was changed after the import
policy-moving-tag: it was imported under a tag that moves
policy-moving-tag-unknown: nothing says which tag it was imported under
policy-not-official: it is not official
policy-not-official-unknown: whether it is official is not known
policy-not-whole: it is truncated, or could be read in part only
policy-not-whole-unknown: whether the file is whole is not known
policy-publisher: the policy does not allow its publisher
policy-publisher-forbidden: the policy forbids its publisher
policy-publisher-unknown: its publisher is not known
policy-registry: the policy does not allow its registry
policy-registry-forbidden: the policy forbids its registry
policy-registry-unknown: its registry is not known
policy-repository: the policy does not allow its repository
policy-repository-forbidden: the policy forbids its repository
policy-repository-unknown: its repository is not known
";
