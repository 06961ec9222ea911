"""The documents of the program, from schema/*.json by scripts/python-types.

Every key is there; what is not known is ``None`` or empty.
"""

# ruff: noqa: E501
from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict, Union


class File(TypedDict):
    """The file that was opened."""

    path: PathText
    """As given on the command line."""

    format: Format
    """What form the image has."""

    size: int | None
    """Bytes."""

    allocated: int | None
    """Bytes that are allocated on disk."""

    uid: int | None
    """Owner."""

    gid: int | None
    """Group."""

    mtime: str | None
    """Last change, RFC 3339 UTC."""

    inode: int | None
    """Inode number of the file."""

    whole: bool | None
    """False when the file is shorter than the image in it."""

    compression: str | None
    """Compressor of a squashfs image: `gzip`, `lzma`, `lzo`, `xz`, `lz4`, `zstd`."""

    block_size: int | None
    """Bytes of a squashfs data block."""

    inodes: int | None
    """Inodes in the image."""

    packed_at: str | None
    """When the importer or exporter finished packing, never when the image was built."""

    xattrs: dict[str, str]
    """Extended attributes of the file that say where it is from (`user.image_uri`)."""

    tree_id: str | None
    """Opt-in digest over the listing, `sha256:<64hex>`."""


PathText: TypeAlias = Union[str, dict[str, Any]]
"""A path as text, or its bytes in base64 where it is not UTF-8."""


Format: TypeAlias = Literal['squashfs', 'sif', 'rootfs', 'oci-layout', 'oci-archive', 'docker-archive', 'image-config', 'inspect', 'build-metadata']
"""The form that an image has on disk."""


class Origin(TypedDict):
    """What built this image, and where the file was pulled from."""

    kind: Kind
    """What the image declares itself to be."""

    official: bool | None
    """True only when a known publisher's contract is met in full."""

    reasons: list[str]
    """Codes that say why `kind` and `official` are what they are."""

    publisher: str | None
    """The contract's id, else the lower-cased owner that the source repository names."""

    product: str | None
    """What the publisher calls it."""

    version: str | None
    """The product's version."""

    prerelease: bool
    """True for a release or nightly whose tag or package has an a, b, rc, dev, alpha or beta part."""

    moving: bool
    """True when the imported tag is one that is moved to new images."""

    modified_after_import: bool
    """True when the content was changed after the import."""

    confidence: Confidence
    """How well the origin is supported."""

    commit: Commit | None
    """The commit that was built."""

    pipeline: Pipeline | None
    """The pipeline that built it."""

    public_reference: str | None
    """The canonical public reference, `docker.io/vllm/vllm-openai:v0.29.0`."""

    pull: Pull
    """What to pull to get this image again."""

    imported: Imported | None
    """Where this file was pulled from."""

    derived_from: Ancestor | None
    """The image that it was built on, where that image has a contract."""

    created: str | None
    """When the image was built, RFC 3339 UTC."""

    flags: dict[str, str]
    """Build flags by name."""


Kind: TypeAlias = Literal['release', 'nightly', 'ci', 'pr', 'staging', 'local', 'derived', 'unknown']
"""What the image declares itself to be."""


Confidence: TypeAlias = Literal['corroborated', 'declared', 'inferred', 'none']
"""How well a statement is supported."""


class Commit(TypedDict):
    """A commit, and the repository that it is in."""

    id: str
    """Lower-case hex, 7 to 64 digits."""

    full: bool
    """True for all digits of the id."""

    dirty: bool
    """True when the tree had changes that are not in the commit."""

    repository: str | None
    """`https://github.com/vllm-project/vllm`; null where it is not public or not known."""


class Pipeline(TypedDict):
    """A build pipeline and one run of it."""

    system: str | None
    """`buildkite`, `github-actions`, `gitlab`, `jenkins`, `circleci`, `azure`, `nvidia-internal`."""

    organization: str | None
    """The organisation or owner."""

    slug: str | None
    """The pipeline or project."""

    id: str | None
    """The pipeline's or the run's id."""

    build: int | None
    """The build number."""

    url: str | None
    """The page of the run."""


class Pull(TypedDict):
    """What to pull to get this image again."""

    reference: str | None
    """With a digest where one is known, else with the tag."""

    ok: bool
    """False for staging, CI, PR, private, derived and modified images."""

    notes: list[str]
    """What to know about it, as codes."""


class Imported(TypedDict):
    """Where this file was pulled from."""

    uri: str
    """As the importer wrote it."""

    reference: str | None
    """The canonical reference; null for an import from a daemon."""

    tag: str | None
    """The tag, where one is known."""

    digest: str | None
    """`sha256:<64hex>`, of an index or of a platform manifest."""

    via: Via
    """From where."""


Via: TypeAlias = Literal['registry', 'daemon', 'unknown']
"""How an image came into the file."""


class Ancestor(TypedDict):
    """An image that this one stands on."""

    publisher: str | None
    """The contract's id."""

    product: str | None
    """What the publisher calls it."""

    version: str | None
    """Its version."""

    commit: str | None
    """Its commit."""

    reference: str | None
    """Its public reference."""


class Conflict(TypedDict):
    """Sources that disagree, or a sign that the image is not what it says."""

    code: str
    """Stable, kebab-case."""

    field: str
    """The field of the document that it is about."""

    message: str
    """One sentence for a person."""

    values: list[SourcedValue]
    """The values, each with where it stands."""


class SourcedValue(TypedDict):
    """A value, and where it stands."""

    value: str
    """The value as read."""

    source: Source
    """Where it stands."""


class Source(TypedDict):
    """Where a fact was read."""

    carrier: str
    """The carrier: `rc`, `environment`, `label`, `python`, `git`, `xattr`, `file-name`, …"""

    path: str | None
    """The file inside the image."""

    line: int | None
    """Its line, from 1."""

    key: str | None
    """The variable, label or key."""


class Evidence(TypedDict):
    """One fact: what was read, where, and what became of it."""

    field: str
    """The field of the document that it supports, `origin.commit`."""

    value: str
    """The value as read."""

    source: Source
    """Where it stands."""

    contract: str | None
    """The contract that gives it its meaning."""

    strength: int
    """5 (a full digest) to 0 (a file name)."""

    status: Status
    """What became of it."""


Status: TypeAlias = Literal['agrees', 'conflicts', 'alone', 'inherited', 'ignored']
"""What became of a piece of evidence."""


class Runtime(TypedDict):
    """What runs when a container starts."""

    entrypoint: list[str]
    """The entrypoint's words."""

    cmd: list[str]
    """The default arguments."""

    workdir: str | None
    """The directory it starts in."""

    volumes: list[str]
    """Declared volumes."""


class Package(TypedDict):
    """One installed package."""

    name: str
    """As its metadata spells it."""

    version: str
    """With its local segment."""

    ecosystem: str
    """`pypi`; with `--packages=all` also `dpkg`, `rpm`, `apk`, `conda` and `npm`."""

    path: str
    """Where its metadata stands in the image."""

    commit: str | None
    """The commit that it was built from, where it says."""

    url: str | None
    """Where it was installed from, without credentials."""

    editable: bool
    """True when it runs from a source directory."""


class Inside(TypedDict):
    """The version of one part of an image, such as the CUDA runtime."""

    name: str
    """`CUDA`, `cuDNN`, `NCCL`, `Open MPI`, `MPICH`, `UCX`, `libfabric`, `EFA`, `OFED`, `glibc`, `Python`, `driver`."""

    version: str
    """Its version; of the driver what it must be at least."""

    source: str
    """The variable or package that says so."""


class Os(TypedDict):
    """The operating system in the image."""

    id: str | None
    """`ubuntu`."""

    version_id: str | None
    """`24.04`."""

    pretty_name: str | None
    """`Ubuntu 24.04.3 LTS`."""

    architecture: str | None
    """As `uname -m` says it: `x86_64`, `aarch64`."""


class Integrity(TypedDict):
    """What the files of one package say against its own `RECORD`, which names them."""

    package: str
    """The package."""

    path: str
    """Where its metadata stands in the image."""

    listed_only: bool
    """True for a package of no known publisher: only the files that its record lists were compared,
and files that no record lists were not looked for."""

    files: int
    """Files hashed."""

    changed: list[str]
    """Files whose hash differs from the record."""

    missing: list[str]
    """Files of the record that are not there."""

    extra: list[str]
    """Files that no record lists: in the package's own directories as its record would spell them;
by absolute path a module or `.pth` file beside the package, and a program before its launcher."""


class Fingerprint(TypedDict):
    """A sketch of an image's tree: paths, types, sizes, times and links, and no file's data. Two of them say
whether two images have the same content, and how much of one is in the other.

docs/reference/fingerprint.md describes each field, so that other programs can make and compare them."""

    version: int
    """How it is made: 1. Others are not compared."""

    files: int
    """Files and links in the tree; directories, devices and what importers write do not count."""

    bytes: int
    """Bytes of those files."""

    newest: str | None
    """The latest time of any file, RFC 3339 UTC."""

    timed: bool
    """False where all files have one time, so that times say nothing."""

    digest: str
    """`sha256:<64hex>` over all entries: equal for the same content."""

    untimed_digest: str
    """The same without times."""

    sample: str
    """The entries whose paths have the smallest hashes, in base64."""

    paths: str | None
    """The parity of the paths' hashes, in base64; null where the sample is whole."""

    contents: str | None
    """The parity of the entries' hashes, in base64; null where the sample is whole."""

    packages: list[PackageRecord]
    """Publishers' packages, each with what its `RECORD` says."""


class PackageRecord(TypedDict):
    """What the `RECORD` of a package says."""

    name: str
    """Normalised, PEP 503."""

    version: str
    """With its local segment."""

    record: str
    """`sha256:<64hex>` over its rows, without what an installer adds."""


class Recognised(TypedDict):
    """A known image whose content is in this one."""

    level: Level
    """How much of it."""

    share: float | None
    """The part of the known image's files that is here unchanged, 0 to 1; null for a package."""

    added: int | None
    """Files that are here and not in the known image."""

    changed: int | None
    """Files that are in both and differ."""

    removed: int | None
    """Files of the known image that are not here."""

    estimated: bool
    """True where the counts were estimated from samples."""

    base: bool
    """True where this image was built on the known one: it holds nearly all of it."""

    package: str | None
    """The package, for the level `same-package`."""

    image: KnownImage
    """The known image."""


Level: TypeAlias = Literal['same-content', 'contains', 'same-package']
"""How much of a known image is in this one."""


class KnownImage(TypedDict):
    """A known image, and what was said of it when it was listed."""

    path: PathText
    """Where it was."""

    kind: Kind
    """What it declared itself to be."""

    official: bool | None
    """Whether it was official."""

    attested: bool
    """Whether a trusted identity attested it."""

    publisher: str | None
    """Whose it was."""

    product: str | None
    """What the publisher calls it."""

    version: str | None
    """Its version."""

    commit: str | None
    """Its commit."""

    public_reference: str | None
    """Its public reference."""

    imported: str | None
    """What it was imported from."""

    digest: str | None
    """The digest that it was imported by."""

    listed_in: str
    """The file that lists it."""

    listed: str | None
    """When that file was written, RFC 3339 UTC."""


class Attestation(TypedDict):
    """A statement about this image."""

    level: AttestedLevel | None
    """What of this image the statement is about; null where none of its subjects is of this image, or
none was looked at."""

    status: Standing
    """Whether it is believed."""

    reason: str
    """Why, as a code: `signed`, or why it is not believed."""

    message: str
    """One sentence for a person."""

    signer: str | None
    """Who signed it, as the trust data names them."""

    issuer: str | None
    """Who vouches for the signer of a Sigstore certificate."""

    predicate_type: str | None
    """What the statement says something of: `https://slsa.dev/provenance/v1`."""

    subject: str | None
    """The digest that binds it to this image: `sha256:<64hex>`."""

    time: str | None
    """When it was signed or made, RFC 3339 UTC, as far as signed data says."""

    path: str
    """Where the statement stands."""


AttestedLevel: TypeAlias = Literal['file', 'content', 'manifest', 'import']
"""What of an image a statement is about, the strongest first. No level stands for another."""


Standing: TypeAlias = Literal['verified', 'not-verified']
"""Whether a statement is believed."""


class Warning(TypedDict):
    """Something that could not be read, or should be known."""

    code: str
    """Stable, kebab-case."""

    message: str
    """One sentence for a person."""


class Provenance(TypedDict):
    """Everything that is known of one image, each fact with its evidence."""

    schema: str
    """Always `sqsh-prov/1`."""

    file: File
    """The file that was opened."""

    origin: Origin
    """What built this image."""

    lineage: list[Ancestor]
    """What it stands on, outermost first; the origin itself is not in it."""

    conflicts: list[Conflict]
    """Sources that disagree, and signs that the image is not what it says."""

    evidence: list[Evidence]
    """Where each fact was read."""

    environment: dict[str, str]
    """The image's environment; the last value of a name wins."""

    labels: dict[str, str]
    """The image's labels; the last value of a key wins."""

    runtime: Runtime
    """What runs when a container starts."""

    packages: list[Package]
    """Installed packages, by name and path."""

    inside: list[Inside]
    """What matters of it on a GPU cluster, from its variables and packages."""

    os: Os
    """The operating system in the image."""

    integrity: list[Integrity] | None
    """With `--deep`: what the files of each checked package say."""

    fingerprint: Fingerprint | None
    """Where it was asked for: what the content is recognised by."""

    recognised: list[Recognised]
    """Known images whose content is in this one."""

    attestations: list[Attestation]
    """What others state about this image, and whether somebody who is trusted has signed it."""

    warnings: list[Warning]
    """What could not be read, or should be known."""


Verdict: TypeAlias = Literal['holds', 'mismatch', 'undecidable']
"""The answer in one word."""


VerificationLevel: TypeAlias = Literal['digest', 'reference', 'commit', 'framework', 'declared']
"""How far an answer reaches; the first is the strongest."""


class Check(TypedDict):
    """One thing that was expected, and what the image says."""

    field: str
    """What was checked: `container.image`, `commit`, `frameworks.vllm`, `file.whole` …"""

    expected: str | None
    """What was expected."""

    actual: str | None
    """What the image says."""

    status: VerificationStatus
    """What became of it."""

    level: VerificationLevel | None
    """How far it reaches, where it holds."""

    code: str
    """Stable, kebab-case."""

    message: str
    """One sentence for a person."""


VerificationStatus: TypeAlias = Literal['ok', 'declared', 'undecidable', 'mismatch']
"""What became of one check."""


class Finding(TypedDict):
    """One finding."""

    code: str
    """Stable, kebab-case."""

    severity: Severity
    """How bad it is."""

    message: str
    """One sentence for a person."""


Severity: TypeAlias = Literal['info', 'warning', 'error']
"""How bad a finding is."""


class Verification(TypedDict):
    """The answer of `verify` about one image."""

    schema: str
    """Always `sqsh-prov-verify/1`."""

    path: PathText | None
    """The image, as given; null where there is no file to look at."""

    role: str | None
    """What the image is in the recipe, where one names it: `model.container`."""

    verdict: Verdict
    """The answer in one word."""

    level: VerificationLevel
    """How far the answer reaches."""

    checks: list[Check]
    """Every check."""

    policy: str | None
    """The policy that was applied."""

    findings: list[Finding]
    """What the policy found."""

    why: list[str]
    """Why the image is what it is: the codes of `origin.reasons`, and what its sources disagree on."""

    error: str | None
    """Why the image could not be read; null where it was."""

    origin: Origin | None
    """What the image says of itself, as in the document of `show`; null where it could not be read."""


class Record(TypedDict):
    """One image."""

    schema: str
    """Always `sqsh-prov-audit/1`."""

    path: PathText
    """Where it is."""

    file: FileFields
    """The file."""

    origin: OriginSummary | None
    """What is known of its origin; null where it could not be read."""

    evidence: list[EvidenceLine]
    """What supports the origin."""

    conflicts: list[str]
    """Codes of sources that disagree."""

    warnings: list[str]
    """Codes of what could not be read, or should be known."""

    partial: bool
    """True when part of the image could not be read."""

    error: str | None
    """Why there is no answer."""

    attested: Attested | None
    """With `--attested`: the best statement about the image."""

    findings: list[Finding]
    """What was found of this image alone."""

    keys: Keys
    """What it is compared with other images by."""

    fingerprint: Fingerprint | None
    """With `--fingerprint`: what its content is recognised by."""

    recognised: list[Recognised]
    """With `--known`: known images whose content is in it."""


class FileFields(TypedDict):
    """The file of an image."""

    format: Format | None
    """What form the image has; null where that could not be read."""

    size: int
    """Bytes."""

    allocated: int
    """Bytes that are allocated on disk."""

    uid: int
    """Owner's number."""

    owner: str | None
    """Owner's name, where it resolves."""

    gid: int
    """Group's number."""

    group: str | None
    """Group's name, where it resolves."""

    mtime: str | None
    """Last change, RFC 3339 UTC."""

    ctime: str | None
    """Last change of the content, the owner, the mode or a time, RFC 3339 UTC with nanoseconds: unlike
`mtime`, nobody sets it. Null in a report of an earlier version."""

    inode: int
    """Inode number."""

    whole: bool | None
    """False when the file is shorter than the image in it."""

    compression: str | None
    """Compressor of a squashfs image."""

    inodes: int | None
    """Inodes in the image."""

    packed_at: str | None
    """When the importer or exporter finished packing."""


class OriginSummary(TypedDict):
    """The origin in short."""

    kind: Kind
    """What the image declares itself to be."""

    official: bool | None
    """True only when a known publisher's contract is met in full."""

    publisher: str | None
    """The contract's id, or the owner of the source repository."""

    product: str | None
    """What the publisher calls it."""

    version: str | None
    """The product's version."""

    commit: str | None
    """The commit that was built."""

    repository: str | None
    """The repository that the commit is in."""

    pipeline: str | None
    """The page of the pipeline's run."""

    public_reference: str | None
    """The canonical public reference."""

    pull: str | None
    """What to pull to get this image again."""

    pull_ok: bool
    """False where that does not give it again."""

    imported: str | None
    """What it was imported from."""

    digest: str | None
    """The digest that it was imported by."""

    derived_from: str | None
    """The image that it was built on."""

    created: str | None
    """When the image was built."""

    moving: bool
    """True when the imported tag is one that is moved to new images."""

    modified_after_import: bool
    """True when the content was changed after the import."""

    confidence: Confidence
    """How well the origin is supported."""

    reasons: list[str]
    """Codes that say why it is what it is."""

    architecture: str | None
    """As `uname -m` says it."""

    os: str | None
    """The operating system in the image."""


class EvidenceLine(TypedDict):
    """One piece of evidence."""

    field: str
    """The field that it supports."""

    value: str
    """The value as read."""

    source: str
    """Where it stands."""

    status: Status
    """What became of it."""


class Attested(TypedDict):
    """The best statement about an image."""

    level: AttestedLevel | None
    """What of the image it is about; null where none is believed."""

    signer: str | None
    """Who signed it."""

    invalid: str | None
    """Why one is not believed, or is about another image; null where all are."""


class Keys(TypedDict):
    """What an image is compared with others by."""

    content: str | None
    """Digest of superblock, size and tables: equal for copies of one file."""

    tree_id: str | None
    """With `--tree-id`: equal for one image imported twice."""

    moving: str | None
    """The moving reference that it was imported from."""

    known: str | None
    """With `--known`: other where other images were known."""


class Skipped(TypedDict):
    """Something that was not read."""

    schema: str
    """Always `sqsh-prov-audit/1`."""

    path: PathText
    """Where it is."""

    code: str
    """`link`, `mount-border`, `unreadable-directory`, `vanished`, `offline`, `same-inode`,
`not-a-file`, `no-permission`."""

    message: str
    """One sentence for a person."""


class FindingRecord(TypedDict):
    """A finding about several images, or one that needs an earlier report."""

    schema: str
    """Always `sqsh-prov-audit/1`."""

    code: str
    """Stable, kebab-case."""

    severity: Severity
    """How much it matters."""

    message: str
    """One sentence for a person."""

    keep: PathText | None
    """The image that the others are copies of or older than."""

    paths: list[PathText]
    """The images that it is about, `keep` not among them."""

    was: PathText | None
    """Where the image was in the earlier report, for one that was renamed."""

    reclaimable: int
    """Bytes that come back when `paths` are removed."""


class FamilyRecord(TypedDict):
    """One content in the family tree of all images: the files that have it, and what it was built on."""

    schema: str
    """Always `sqsh-prov-audit/1`."""

    id: int
    """From 1, in the order of the tree: a parent stands before its children."""

    parent: int | None
    """The content that it was built on; null for a root."""

    depth: int
    """How many stand above it."""

    path: PathText
    """The image that is shown for it: official before others, then the first by path."""

    copies: list[PathText]
    """Other files of the same content: copies and further imports."""

    name: str | None
    """What it is, where it says so: a public reference, else product and version."""

    files: int
    """Files and links in it."""

    bytes: int
    """Bytes of those files."""

    share: float | None
    """The part of the parent's files that is here unchanged, 0 to 1."""

    added: int | None
    """Files that the parent has not."""

    changed: int | None
    """Files of the parent that differ."""

    removed: int | None
    """Files of the parent that are not here."""

    estimated: bool
    """True where these were estimated from samples."""

    added_bytes: int | None
    """Bytes of files that it has more than the parent, or fewer."""

    reclaimable: int
    """Bytes that come back when the copies are removed."""

    shared: int
    """About as many bytes would come back if it held the parent's files only once with it."""


class Summary(TypedDict):
    """The last line: what was done and what there is."""

    schema: str
    """Always `sqsh-prov-audit/1`."""

    complete: bool
    """False when the run was interrupted."""

    shard: Shard | None
    """Which part of the images this report has; null for all."""

    roots: list[PathText]
    """The paths that were walked."""

    now: str
    """The time that ages are counted to, RFC 3339 UTC."""

    tree_id: bool
    """True when `tree_id` was asked for."""

    selection: list[str]
    """The conditions (`--where`) that all images of this report meet; empty for all images."""

    images: int
    """Images."""

    unreadable: int
    """Images without an answer."""

    partial: int
    """Images answered in part."""

    not_images: int
    """Files that were looked at and are no images."""

    skipped: dict[str, int]
    """What was not read, by code."""

    bytes: int
    """Bytes of all images."""

    allocated: int
    """Bytes that they have allocated."""

    reclaimable: int
    """Bytes that removing all copies gives back."""

    findings: dict[str, int]
    """Images by the code of their findings."""

    severities: dict[str, int]
    """Findings by severity."""

    groups: dict[str, dict[str, Group]]
    """Images and bytes by publisher, kind, age, owner, directory, reference and commit."""


class Shard(TypedDict):
    """One part of the images."""

    index: int
    """From 1."""

    count: int
    """How many there are."""


class Group(TypedDict):
    """Images that have something in common."""

    images: int
    """How many."""

    bytes: int
    """Their bytes."""


class AuditReport(TypedDict):
    """All lines of a report, for formats that need them together."""

    schema: str
    """Always `sqsh-prov-audit/1`."""

    images: list[Record]
    """The images."""

    skipped: list[Skipped]
    """What was not read."""

    findings: list[FindingRecord]
    """Findings that need all images."""

    families: list[FamilyRecord]
    """With `--lineage`: the family tree of all images, by content."""

    summary: Summary
    """What was done and what there is."""


class Week(TypedDict):
    """One week."""

    week: str
    """ISO 8601: `2026-W38`."""

    report: PathText
    """The last report of the week."""

    now: str
    """When it was made, RFC 3339 UTC."""

    total: Sum
    """All images."""

    came: Sum | None
    """Images that the week before did not have. Null, as what follows, in the first week."""

    went: Sum | None
    """Images that only the week before had."""

    changed: Sum | None
    """Images with another content under the same path."""

    renamed: Sum | None
    """Images that have another path."""

    grew: int | None
    """By how many bytes all images grew."""

    owners: list[Growth]
    """The owners whose images grew or shrank most."""

    publishers: list[Growth]
    """The publishers whose images grew or shrank most."""


class Sum(TypedDict):
    """Some images."""

    images: int
    """How many."""

    bytes: int
    """Their bytes."""


class Growth(TypedDict):
    """By how much the images of an owner or a publisher grew."""

    name: str
    """Whose."""

    bytes: int
    """Bytes, negative where they became less."""


class LeftOut(TypedDict):
    """A report that was left out."""

    report: PathText
    """The file."""

    reason: str
    """One sentence for a person."""


class AuditHistory(TypedDict):
    """What a directory of reports says."""

    schema: str
    """Always `sqsh-prov-audit-history/1`."""

    roots: list[PathText]
    """The paths that all these reports are of."""

    weeks: list[Week]
    """The weeks that have a report, the first one first."""

    left_out: list[LeftOut]
    """Reports that were left out, and why."""


class Change(TypedDict):
    """One value that differs."""

    section: str
    """`inside`, `origin`, `lineage`, `flags`, `environment`, `labels`, `packages`, `runtime`, `os`."""

    name: str
    """The field, variable, label or package."""

    a: str | None
    """Of the first image; null where it has none."""

    b: str | None
    """Of the second image; null where it has none."""


class Diff(TypedDict):
    """What two images differ in."""

    schema: str
    """Always `sqsh-prov-diff/1`."""

    a: str
    """The first."""

    b: str
    """The second."""

    equal: bool
    """True when nothing differs of what both sides know."""

    not_compared: list[str]
    """Sections that only one side knows, so that they were not compared."""

    changes: list[Change]
    """What differs, by section and name."""


class Input(TypedDict):
    """What was given."""

    path: PathText
    """As given on the command line."""

    form: Form
    """What it is, by its content."""

    images: list[str]
    """Its platforms or targets; empty where there is one image without a name."""

    partial: bool
    """True where it could be read in part only."""


Form: TypeAlias = Literal['squashfs', 'sif', 'rootfs', 'oci-layout', 'oci-archive', 'docker-archive', 'image-config', 'inspect', 'image-index', 'image-manifest', 'metadata-file', 'dockerfile', 'bake', 'compose', 'workflow']
"""What was given."""


class LintFinding(TypedDict):
    """One finding."""

    code: str
    """Stable, kebab-case."""

    severity: Severity
    """How bad it is."""

    message: str
    """What is wrong, in a sentence."""

    change: str
    """What to change."""

    edits: list[Edit]
    """The lines that mend it, where it is a change of lines: in the order of the file, the
numbers are those before any change."""

    command: list[str] | None
    """The words of a command that mends it, where there is one; `NAME` stands for a name
that the input does not say. Quote them for a shell (`jq -r '.command | @sh'`)."""

    key: str | None
    """The variable, label, annotation or argument that it is about."""

    level: LintLevel | None
    """Where that stands, or should stand."""

    images: list[str]
    """The platforms or targets that it is about; empty is all."""

    line: int | None
    """The line of the file, from 1, where it has lines."""

    path: str | None
    """The file; null for the one that was given."""


class Edit(TypedDict):
    """A change of lines."""

    path: str | None
    """The file; null for the one that was given."""

    line: int
    """The line before which the new ones go, from 1; one behind the last line is the end."""

    remove: int
    """How many lines, from this one on, are taken away."""

    insert: list[str]
    """The new lines."""


LintLevel: TypeAlias = Literal['env', 'label', 'index-annotation', 'manifest-annotation', 'descriptor-annotation', 'config-field', 'buildinfo', 'attestation', 'build-arg']
"""A level that a key can stand at."""


class Row(TypedDict):
    """One key at one level."""

    key: str
    """The variable, label, annotation or field; for an attestation its type."""

    level: LintLevel
    """Where it stands."""

    images: list[str]
    """The platforms or targets that have it; empty is all."""

    enroot: Outcome
    """After `enroot import`."""

    apptainer: Outcome
    """After `apptainer build` or `pull`."""

    charliecloud: Outcome
    """After `ch-image pull`."""


class Outcome(TypedDict):
    """What becomes of a key."""

    fate: Fate
    """What becomes of it."""

    place: str | None
    """The file that keeps it; null where it is lost."""


Fate: TypeAlias = Literal['kept', 'altered', 'lost']
"""What becomes of a key."""


class Lint(TypedDict):
    """What is wrong with one input, or what of it survives an import."""

    schema: str
    """Always `sqsh-prov-lint/1`."""

    input: Input
    """What was given."""

    findings: list[LintFinding] | None
    """What is wrong, the worst first; null with `--survives`."""

    survives: list[Row] | None
    """With `--survives`: what becomes of each key; else null."""

    warnings: list[Warning]
    """What could not be read, or should be known."""


class Stamp(TypedDict):
    """The stamp of one build. What is not known is `null`; in the image it is a placeholder or empty."""

    schema: str
    """Always `sqsh-prov-stamp/1`."""

    contract: str
    """Id of the contract: `vllm`, `generic`."""

    kind: Kind
    """What the image will declare itself to be."""

    image: str | None
    """The reference that the build is for, canonical: `docker.io/vllm/vllm-openai:v0.29.0`; `null` where
none is published."""

    push: list[str]
    """References to push to, as they are given to `--tag`."""

    build_args: dict[str, str]
    """Build arguments."""

    env: dict[str, str]
    """Variables as they will stand in the image."""

    labels: dict[str, str]
    """Labels; an empty one hides what a base image says under the same key."""

    annotations: dict[str, str]
    """Annotations, for the index and each manifest."""

    commit: str | None
    """The commit."""

    pipeline: str | None
    """Id or name of the pipeline."""

    url: str | None
    """Page of the build."""

    version: str | None
    """The version of a release, without `v`."""

    branch: str | None
    """The branch."""

    pull_request: str | None
    """Number of the pull or merge request."""

    nightly: bool
    """True for a nightly build."""

    notes: list[str]
    """What should be known of these values, a sentence each."""
