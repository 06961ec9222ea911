//! Every rule, with its stable code, how bad a breach is, and what to do about it.

use crate::finding::Severity;
use crate::finding::Severity::{Error, Info, Warning};

/// One rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable, kebab-case.
    pub code: &'static str,
    /// How bad a breach is.
    pub severity: Severity,
    /// What was found, in one sentence.
    pub meaning: &'static str,
    /// What to change.
    pub change: &'static str,
}

/// Makes a constant for each rule, and the list of all.
macro_rules! rules {
    ($($name:ident = $code:literal, $severity:ident, $meaning:literal, $change:literal;)*) => {
        $(pub(super) static $name: Rule = Rule {
            code: $code,
            severity: $severity,
            meaning: $meaning,
            change: $change,
        };)*

        /// All rules, in the order of their codes.
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    ANNOTATION_LEVELS_DIFFER = "annotation-levels-differ", Error,
        "the index and the manifests of its platforms give one annotation different values",
        "set the annotation once for both levels: --annotation index,manifest:KEY=VALUE";
    ANNOTATION_NOT_ON_ALL = "annotation-not-on-all-platforms", Warning,
        "the image for one platform has an annotation that the image for another platform lacks",
        "give it to the build of each platform: --annotation manifest:KEY=VALUE";
    ANNOTATION_ONLY = "annotation-only", Warning,
        "only an annotation has this value, no label and no variable; no import keeps annotations",
        "set it as a label too: --label KEY=VALUE";
    ANNOTATIONS_NOT_ON_INDEX = "annotations-not-on-index", Error,
        "the manifests of a multi-platform image have annotations that its index lacks; a build on several nodes loses them when it joins the index",
        "set them on the index, with the command that the finding prints, or with --annotation index,manifest:KEY=VALUE in the build";
    ARG_NOT_REDECLARED = "arg-not-redeclared", Error,
        "a stamp ARG is declared before the first FROM only, and is empty in the stage that uses it",
        "declare it again in the stage, ARG NAME, without a default";
    ATTESTATION_ONLY = "attestation-only", Warning,
        "only an attestation says from which commit the image was built, and no import keeps attestations",
        "set the commit and the source repository as labels and as variables";
    BAKE_ARG_NOT_DECLARED = "bake-arg-not-declared", Error,
        "a build sets a stamp argument that the Dockerfile does not declare: the builder drops it",
        "declare it in the stage that is built, ARG NAME, and pass it to ENV and LABEL";
    BASE_LABELS_INHERITED = "base-labels-inherited", Warning,
        "labels of the base image were not overridden, and look like the image's own",
        "set these labels to the image's own values, or to empty ones";
    BUILD_WITHOUT_STAMP = "build-without-stamp", Warning,
        "a CI job pushes an image, and gives its build neither a label nor an argument with the commit",
        "give it the commit as a label or build argument; sqsh-prov build-args prints both";
    BUILDINFO_ONLY = "buildinfo-only", Warning,
        "only BuildKit's build sources in the image's configuration say what it was built from, and enroot and Apptainer do not keep them",
        "set the commit, the source repository and the base (org.opencontainers.image.base.name and .digest) as labels";
    COMMIT_ABBREVIATED = "commit-abbreviated", Warning,
        "the stamped commit is abbreviated: it may become ambiguous",
        "stamp all digits: git rev-parse HEAD";
    COMMIT_DIRTY = "commit-dirty", Warning,
        "it was built from a tree with changes that are not in the stamped commit",
        "build from a clean checkout";
    COMMIT_PLACEHOLDER = "commit-placeholder", Error,
        "a CI build is stamped with a placeholder in place of its commit",
        "pass the commit to the build: --build-arg NAME=\"$(git rev-parse HEAD)\"; sqsh-prov build-args prints it for each CI system";
    DOCKERFILE_WITHOUT_STAMP = "dockerfile-without-stamp", Warning,
        "the Dockerfile writes no commit, source repository, build page or reference into the image, or only under keys that nothing reads",
        "add the block that sqsh-prov build-args --format dockerfile prints to the last stage";
    ENV_AND_LABEL_DIFFER = "env-and-label-differ", Error,
        "a variable and a label of one stamp have different values",
        "set both from one ARG";
    ENV_EXPANDS_ON_HOST = "env-expands-on-host", Warning,
        "a variable's value contains ${NAME}, which enroot replaces by the host's value when a container starts",
        "write the value out";
    ENV_MULTI_LINE = "env-multi-line", Error,
        "a variable's value has a line break; importers write one variable per line, so the rest is lost or becomes other variables",
        "keep the value on one line, or put it into a file";
    EXPECTED_STAMP_DIFFERS = "expected-stamp-differs", Error,
        "an expected stamp has another value (--expect)",
        "find what sets it: a default in the Dockerfile, the base image, or a cached layer";
    EXPECTED_STAMP_MISSING = "expected-stamp-missing", Error,
        "an expected stamp is missing (--expect)",
        "declare the ARG in the last stage and pass it to ENV and LABEL, or set the annotation on the level that lacks it";
    FROM_GIT_URL = "from-git-url", Error,
        "FROM names a Git repository, but accepts images only",
        "start from an image and take the repository with ADD URL#COMMIT /src, or give it to the build as its context: docker build URL#COMMIT";
    GIT_CONTEXT_MOVING = "git-context-moving", Warning,
        "a build uses a branch of a Git repository, or no ref at all: neither the build file nor the image names the commit",
        "name the commit: URL#COMMIT, all digits; git ls-remote URL prints it";
    GIT_CONTEXT_PULL_REQUEST = "git-context-pull-request", Warning,
        "a build uses the ref of a pull request, which is in no branch and changes with each push",
        "name the commit to publish: URL#COMMIT, all digits";
    GIT_DIRECTORY_DROPPED = "git-directory-dropped", Warning,
        "a Dockerfile asks git for the commit or version, and a build from a Git repository has no .git directory",
        "set the build argument BUILDKIT_CONTEXT_KEEP_GIT_DIR=1, or pass the commit to the build";
    INDEX_WITHOUT_ANNOTATIONS = "index-without-annotations", Info,
        "the index has no annotations; it does not show whether its manifests have some",
        "lint the whole image to compare: docker buildx build --output type=oci, or skopeo copy --all to a layout";
    LABEL_FORGES_PROVENANCE = "label-forges-provenance", Error,
        "a label looks like enroot's provenance line, which says where an image was imported from",
        "give the label another key";
    LABEL_KEY_WITH_SPACE = "label-key-with-space", Warning,
        "a label's key has white space in it or is empty; after an import its key ends there",
        "use a key without white space";
    LABEL_MULTI_LINE = "label-multi-line", Error,
        "a label's value has a line break: an import turns it into a space, or into lines that look like other labels",
        "keep the value on one line";
    LABEL_TOO_LONG = "label-too-long", Warning,
        "a label's key and value together are over containerd's 4,096 bytes; containerd leaves the label out, or refuses to make the container",
        "put the text into a file, and its path or digest into the label";
    MERGE_WITHOUT_ANNOTATIONS = "merge-without-annotations", Info,
        "a CI job joins the images of several platforms in an index without annotations: registries show none",
        "add the commit: docker buildx imagetools create --annotation index:KEY=VALUE";
    NIGHTLY_NAMES_STAGING = "nightly-names-staging", Error,
        "a nightly build is stamped with a reference in a staging repository",
        "stamp the reference that the nightly is published under";
    NO_STAMP = "no-stamp", Error,
        "an import keeps no trace of its origin: no commit, no source repository, no build page, no reference",
        "stamp it: sqsh-prov build-args prints what to pass to the build";
    PLATFORM_STAMPS_DIFFER = "platform-stamps-differ", Error,
        "the platforms of one image have different stamps",
        "build all platforms from one commit, with one set of build arguments";
    PLATFORM_VALUES_DIFFER = "platform-values-differ", Warning,
        "a label or variable differs between the platforms of one image, and is not one that usually differs",
        "set it to one value for all platforms";
    PROVENANCE_DISABLED = "provenance-disabled", Info,
        "a CI job disables the provenance attestation: only labels and arguments say how the image was built",
        "leave it on, provenance: mode=max; if the unknown platform in the index is a problem, put everything into labels";
    REVISION_DIFFERS_FROM_STAMP = "revision-differs-from-stamp", Error,
        "the revision label and the publisher's own stamp name different commits",
        "set both from one ARG; in a fork, use keys of your own";
    SECRET_IN_ANNOTATION = "secret-in-annotation", Error,
        "an annotation looks like a secret",
        "remove it, and revoke the secret if the image was pushed";
    SECRET_IN_BUILD_ARG = "secret-in-build-arg", Error,
        "the value of a build argument looks like a secret; the image's history keeps it",
        "pass it as a secret: RUN --mount=type=secret";
    SECRET_IN_ENV = "secret-in-env", Error,
        "a variable of the image looks like a secret",
        "give it when the container starts, and revoke the secret if the image was pushed";
    SECRET_IN_HISTORY = "secret-in-history", Error,
        "a build step in the image's history contains a value that looks like a secret",
        "pass it as a secret, RUN --mount=type=secret, and revoke it if the image was pushed";
    SECRET_IN_LABEL = "secret-in-label", Error,
        "a label looks like a secret",
        "remove it, and revoke the secret if the image was pushed";
    STAMP_ARG_NOT_IN_ENV = "stamp-arg-not-in-env", Warning,
        "a stamp ARG reaches a label and no variable",
        "add ENV NAME=\"${NAME}\" after it: a process in the container sees variables only";
    STAMP_ARG_NOT_IN_LABEL = "stamp-arg-not-in-label", Warning,
        "a stamp ARG reaches a variable and no label",
        "add LABEL KEY=\"${NAME}\" after it: registries and docker inspect are searched by labels";
    STAMP_ARG_UNUSED = "stamp-arg-unused", Error,
        "a stamp ARG reaches neither a variable nor a label of the image that is built",
        "add ENV NAME=\"${NAME}\" and LABEL KEY=\"${NAME}\" to the last stage";
    STAMP_IN_ONE_PLACE = "stamp-in-one-place", Warning,
        "a publisher's stamp is in variables only or in labels only; the publisher writes both",
        "set the other as well";
    STAMP_INHERITED = "stamp-inherited", Warning,
        "the image has the stamp of its base",
        "set the stamp's variables and labels to this image's values, or use other keys";
    STAMP_NAMES_MOVING_TAG = "stamp-names-moving-tag", Warning,
        "the stamp names a tag that is moved to new images",
        "stamp a tag that does not move: the version, or the commit";
    STAMP_NAMES_PRIVATE_REGISTRY = "stamp-names-private-registry", Error,
        "the stamp names a private registry: outsiders cannot pull from it",
        "stamp the reference that users pull";
    STAMP_NAMES_STAGING = "stamp-names-staging", Error,
        "the stamp names a staging, CI or pull request image, which is never published",
        "stamp the reference that the image is published under";
    STAMP_PLACEHOLDER = "stamp-placeholder", Warning,
        "part of the stamp is a placeholder",
        "pass the value to the build; sqsh-prov build-args prints all values";
    STAMP_VALUE_EMPTY = "stamp-value-empty", Error,
        "a stamp's variable or label uses a name that nothing in its stage sets: it is empty, or has the base image's value",
        "declare the name in that stage, ARG NAME, and pass it to the build: --build-arg NAME=VALUE";
    STAMP_VALUE_FIXED = "stamp-value-fixed", Warning,
        "a fixed word stands in place of the commit, so every build has the same value",
        "pass the commit to the build as an argument, and use it";
    STAMP_VALUE_NO_COMMIT = "stamp-value-no-commit", Warning,
        "a CI job gives its build something else as the commit: an empty text, a branch, or a name that the shell does not replace",
        "give it the commit: ${{ github.sha }}, \"$GITHUB_SHA\" or \"$CI_COMMIT_SHA\"";
    STAMP_VALUE_WITH_EQUALS_SIGN = "stamp-value-with-equals-sign", Error,
        "ENV NAME = VALUE: with spaces around the sign, the value of a stamp's variable begins with it",
        "write it without spaces: ENV NAME=VALUE";
    STAMP_WITHOUT_REPOSITORY = "stamp-without-repository", Warning,
        "the stamped reference is a bare tag or no reference at all: it cannot be pulled",
        "stamp the whole reference: REGISTRY/OWNER/NAME:TAG";
    TAGS_ALL_MOVING = "tags-all-moving", Warning,
        "a CI job pushes only tags that move to the next image: no tag pulls this one again",
        "also push a tag that does not move: the version, or the commit";
    TARGET_NOT_IN_DOCKERFILE = "target-not-in-dockerfile", Error,
        "a build names a stage that its Dockerfile does not have: the build fails",
        "name a stage of the Dockerfile: FROM IMAGE AS NAME";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_well_formed() {
        assert!(RULES.is_sorted_by(|a, b| a.code < b.code));
        for rule in RULES {
            let well_formed = rule
                .code
                .split('-')
                .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()));
            assert!(well_formed, "{}", rule.code);
            assert!(
                !rule.meaning.ends_with('.') && !rule.change.ends_with('.'),
                "{}",
                rule.code
            );
        }
    }
}
