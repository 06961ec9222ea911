//! Parses short texts: commits, repositories, versions, tags, build pages, placeholders.

pub(crate) mod commit;
pub(crate) mod page;
pub(crate) mod placeholder;
pub(crate) mod repository;
pub(crate) mod tag;
pub(crate) mod time;
pub(crate) mod version;

pub(crate) use commit::{CommitText, is_bare_commit, same_commit};
pub(crate) use page::{is_uuid, parse_url, pull_request_page};
pub(crate) use placeholder::is_placeholder;
pub(crate) use repository::{
    is_among, repository_owner, repository_path, repository_url, same_repository, url_host,
};
pub(crate) use tag::{is_moving, is_published, same_image, same_variant};
pub(crate) use time::seconds;
pub(crate) use version::{
    has_prerelease_part, is_older, is_semver, labelled_version, public_version, same_version,
    version_of_tag,
};
