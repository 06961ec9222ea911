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
    """The form of the image."""

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
    """False if the file is shorter than the image in it."""

    compression: str | None
    """Compressor of a squashfs image: `gzip`, `lzma`, `lzo`, `xz`, `lz4`, `zstd`."""

    block_size: int | None
    """Bytes of a squashfs data block."""

    inodes: int | None
    """Inodes in the image."""

    packed_at: str | None
    """When the importer or exporter finished packing, never when the image was built."""

    xattrs: dict[str, str]
    """Extended attributes of the file that name its source (`user.image_uri`)."""

    tree_id: str | None
    """Opt-in digest over the listing, `sha256:<64hex>`."""


PathText: TypeAlias = Union[str, dict[str, Any]]
"""A path as text, or its bytes in base64 where it is not UTF-8."""


Format: TypeAlias = Literal['squashfs', 'sif', 'rootfs', 'oci-layout', 'oci-archive', 'skopeo-dir', 'docker-archive', 'image-config', 'inspect', 'build-metadata']
"""The form that an image has on disk."""


class Part(TypedDict):
    """Which of the images in a file a document is about."""

    platform: str | None
    """`linux/arm64`, where the file says it."""

    target: str | None
    """The target of a bake file, where the file is about several."""

    differs: list[str]
    """Where several images of the file were answered at once: what this one has another value of than
another one, `labels.KEY`."""


class Origin(TypedDict):
    """What built this image, and where the file was pulled from."""

    kind: Kind
    """The kind that the image declares."""

    official: bool | None
    """True only when a known publisher's contract is met in full."""

    reasons: list[str]
    """Codes that explain `kind` and `official`."""

    publisher: str | None
    """The contract's id, else the lower-cased owner that the source repository names."""

    product: str | None
    """The publisher's name for it."""

    version: str | None
    """The product's version."""

    prerelease: bool
    """True for a release or nightly whose tag or package has an a, b, rc, dev, alpha or beta part."""

    moving: bool
    """True if the imported tag moves to new images."""

    modified_after_import: bool
    """True if the content was changed after the import."""

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
"""The kind that the image declares."""


Confidence: TypeAlias = Literal['corroborated', 'declared', 'inferred', 'none']
"""How well a statement is supported."""


class Commit(TypedDict):
    """A commit, and the repository that it is in."""

    id: str
    """Lower-case hex, 7 to 64 digits."""

    full: bool
    """True for all digits of the id."""

    dirty: bool
    """True if the tree had changes that are not in the commit."""

    repository: str | None
    """`https://github.com/vllm-project/vllm`; null if it is not public or not known."""


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
    """With a digest if one is known, else with the tag."""

    ok: bool
    """False for staging, CI, PR, private, derived and modified images."""

    notes: list[str]
    """Remarks about it, as codes."""


class Imported(TypedDict):
    """Where this file was pulled from."""

    uri: str
    """As the importer wrote it."""

    reference: str | None
    """The canonical reference; null for an import from a daemon."""

    tag: str | None
    """The tag, if known."""

    digest: str | None
    """`sha256:<64hex>`, of an index or of a platform manifest."""

    via: Via
    """What it was imported from."""


Via: TypeAlias = Literal['registry', 'daemon', 'unknown']
"""How an image came into the file."""


class Ancestor(TypedDict):
    """A base of this image."""

    publisher: str | None
    """The contract's id."""

    product: str | None
    """The publisher's name for it."""

    version: str | None
    """Its version."""

    commit: str | None
    """Its commit."""

    reference: str | None
    """Its public reference."""


class Conflict(TypedDict):
    """Sources that disagree, or a sign that the image is not what it claims to be."""

    code: str
    """Stable, kebab-case."""

    field: str
    """The field of the document that it is about."""

    message: str
    """One sentence for a person."""

    values: list[SourcedValue]
    """The values, each with its source."""


class SourcedValue(TypedDict):
    """A value and its source."""

    value: str
    """The value as read."""

    source: Source
    """Its source."""


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
    """One fact: what was read, where, and how it was used."""

    field: str
    """The field of the document that it supports, `origin.commit`."""

    value: str
    """The value as read."""

    source: Source
    """Its source."""

    contract: str | None
    """The contract that gives it its meaning."""

    strength: int
    """From 5 (a full digest) to 0 (a file name); 4 if a variable and a label of a stamp agree."""

    status: Status
    """How it was used."""


Status: TypeAlias = Literal['agrees', 'conflicts', 'alone', 'inherited', 'ignored']
"""How a piece of evidence was used."""


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

    user: str | None
    """As whom it runs: `1000:1000`, `nobody`. Imports by enroot do not keep it."""

    ports: list[str]
    """Ports that it declares to listen on: `8000/tcp`."""

    stop_signal: str | None
    """What ends it, where that is not `SIGTERM`."""

    healthcheck: Healthcheck | None
    """How a daemon asks whether it is well."""


class Healthcheck(TypedDict):
    """How a daemon asks whether a container is well. Times are as Docker spells them: `30s`, `1m30s`."""

    test: list[str]
    """`CMD` and words, `CMD-SHELL` and a line for the shell, or `NONE`."""

    interval: str | None
    """Between two checks."""

    timeout: str | None
    """For one check."""

    start_period: str | None
    """Before the first check that counts."""

    start_interval: str | None
    """Between two checks before that."""

    retries: int | None
    """Checks that fail one after the other until it counts as ill."""


class Digests(TypedDict):
    """The digests of an image, `sha256:<64hex>`, where the form has them."""

    index: str | None
    """Of the index that names an image for each platform: what a tag stands for in a registry."""

    manifest: str | None
    """Of the manifest of this image."""

    config: str | None
    """Of the configuration: what Docker calls the image's id."""


class BuildStep(TypedDict):
    """One step of the build, as the image's configuration lists it."""

    created: str | None
    """When, as written there."""

    created_by: str | None
    """The instruction."""

    comment: str | None
    """What the builder notes: `buildkit.dockerfile.v0`."""

    empty_layer: bool
    """True where the step made no layer."""


class Package(TypedDict):
    """One installed package."""

    name: str
    """Its name, spelled as in its metadata."""

    version: str
    """Its version, with the local segment."""

    ecosystem: str
    """`pypi`; with `--packages=all` also `dpkg`, `rpm`, `apk`, `conda` and `npm`."""

    path: str
    """The directory or file with its metadata in the image."""

    commit: str | None
    """The commit that it was built from, if it says so."""

    url: str | None
    """Where it was installed from, without credentials."""

    editable: bool
    """True if it runs from a source directory."""


class Inside(TypedDict):
    """The version of one part of an image, such as the CUDA runtime."""

    name: str
    """`CUDA`, `cuDNN`, `NCCL`, `Open MPI`, `MPICH`, `UCX`, `libfabric`, `EFA`, `OFED`, `glibc`, `Python`, `driver`."""

    version: str
    """Its version; for `driver`, the lowest version that the image needs."""

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
    """The result of comparing a package's files with its `RECORD`."""

    package: str
    """The package."""

    path: str
    """The directory or file with its metadata in the image."""

    listed_only: bool
    """True for a package of no known publisher: only files that its record lists were compared.
Other files were not looked for."""

    files: int
    """Number of files that were hashed."""

    changed: list[str]
    """Files whose hash differs from the record."""

    missing: list[str]
    """Files of the record that are missing."""

    extra: list[str]
    """Files that no record lists. Files in the package's own directories have paths as in its record.
Modules and `.pth` files beside the package, and programs before its launcher, have absolute paths."""


class Fingerprint(TypedDict):
    """A sketch of an image's tree: paths, types, sizes, times and links, without file data. Two of them tell
whether two images have the same content, and how much of one is in the other.

docs/reference/fingerprint.md describes each field, so that other programs can make and compare them."""

    version: int
    """The version of the format: 1. Other versions are not compared."""

    files: int
    """Files and links in the tree, without directories, devices and what importers write."""

    bytes: int
    """Bytes of those files."""

    newest: str | None
    """The latest time of any file, RFC 3339 UTC."""

    timed: bool
    """False if all files have the same time; times then say nothing."""

    digest: str
    """`sha256:<64hex>` over all entries: equal for the same content."""

    untimed_digest: str
    """The same without times."""

    sample: str
    """The entries with the smallest path hashes, in base64."""

    paths: str | None
    """The parity of the path hashes, in base64; null if the sample has all entries."""

    contents: str | None
    """The parity of the entry hashes, in base64; null if the sample has all entries."""

    packages: list[PackageRecord]
    """Publishers' packages, each with a digest of its `RECORD`."""


class PackageRecord(TypedDict):
    """The digest of a package's `RECORD`."""

    name: str
    """Normalised, PEP 503."""

    version: str
    """Its version, with the local segment."""

    record: str
    """`sha256:<64hex>` over the rows of its `RECORD`, without those that an installer adds."""


class Recognised(TypedDict):
    """A known image whose content is in this one."""

    level: Level
    """How much of it."""

    share: float | None
    """The share of the known image's files that this image has unchanged, 0 to 1; null for a package."""

    added: int | None
    """Files that only this image has."""

    changed: int | None
    """Files that both images have and that differ."""

    removed: int | None
    """Files that only the known image has."""

    estimated: bool
    """True if the counts are estimates from samples."""

    base: bool
    """True if this image was built on the known one: it has nearly all of its files."""

    package: str | None
    """The package, for the level `same-package`."""

    image: KnownImage
    """The known image."""


Level: TypeAlias = Literal['same-content', 'contains', 'same-package']
"""How much of a known image is in this one."""


class KnownImage(TypedDict):
    """A known image, as its list describes it."""

    path: PathText
    """Where it was."""

    kind: Kind
    """The kind that it declared."""

    official: bool | None
    """Whether it was official."""

    attested: bool
    """Whether a trusted signer attested it."""

    publisher: str | None
    """Its publisher."""

    product: str | None
    """The publisher's name for it."""

    version: str | None
    """Its version."""

    commit: str | None
    """Its commit."""

    public_reference: str | None
    """Its public reference."""

    imported: str | None
    """The reference that it was imported from."""

    digest: str | None
    """The digest that it was imported by."""

    listed_in: str
    """The file that lists it."""

    listed: str | None
    """When that file was written, RFC 3339 UTC."""


class Attestation(TypedDict):
    """A statement about this image."""

    level: AttestedLevel | None
    """What the statement binds of this image; null if none of its subjects is of this image, or if
none was compared."""

    status: Standing
    """Whether it is believed."""

    reason: str
    """Why, as a code: `signed`, or why it is not believed."""

    message: str
    """One sentence for a person."""

    signer: str | None
    """The signer's name in the trust data."""

    issuer: str | None
    """The issuer of the identity in a Sigstore certificate."""

    predicate_type: str | None
    """The predicate's type: `https://slsa.dev/provenance/v1`."""

    subject: str | None
    """The digest that binds it to this image: `sha256:<64hex>`."""

    time: str | None
    """When it was signed or made, from signed data, RFC 3339 UTC."""

    path: str
    """The file with the statement."""


AttestedLevel: TypeAlias = Literal['file', 'content', 'manifest', 'import']
"""What a statement binds of an image, the strongest first. No level implies another."""


Standing: TypeAlias = Literal['verified', 'not-verified']
"""Whether a statement is believed."""


class Warning(TypedDict):
    """Something that could not be read, or another remark."""

    code: str
    """Stable, kebab-case."""

    message: str
    """One sentence for a person."""


class Provenance(TypedDict):
    """Everything known about one image, with the evidence for each fact."""

    schema: str
    """Always `sqsh-prov/1`."""

    file: File
    """The file that was opened."""

    part: Part | None
    """Which image of the file this is, where the file says for what it is or has several."""

    origin: Origin
    """What built this image."""

    lineage: list[Ancestor]
    """The images that it was built on, the nearest first; without the image itself."""

    conflicts: list[Conflict]
    """Sources that disagree, and signs that the image is not what it claims to be."""

    evidence: list[Evidence]
    """Where each fact was read."""

    environment: dict[str, str]
    """The image's environment; the last value of a name wins."""

    labels: dict[str, str]
    """The image's labels; the last value of a key wins."""

    runtime: Runtime
    """What runs when a container starts."""

    digests: Digests
    """The digests by which registries name the image, where the form has them."""

    history: list[BuildStep]
    """The steps of the build, first to last, where the image's configuration was kept."""

    packages: list[Package]
    """Installed packages, by name and path."""

    inside: list[Inside]
    """The versions that matter on a GPU cluster, from its variables and packages."""

    os: Os
    """The operating system in the image."""

    integrity: list[Integrity] | None
    """With `--deep`: the result for each checked package."""

    fingerprint: Fingerprint | None
    """The fingerprint of the content, if it was asked for."""

    recognised: list[Recognised]
    """Known images whose content is in this one."""

    attestations: list[Attestation]
    """Statements about this image, and whether a trusted signer signed them."""

    warnings: list[Warning]
    """What could not be read, and other remarks."""


Verdict: TypeAlias = Literal['holds', 'mismatch', 'undecidable']
"""The answer in one word."""


VerificationLevel: TypeAlias = Literal['digest', 'reference', 'commit', 'framework', 'declared']
"""How far an answer reaches; the first is the strongest."""


class Check(TypedDict):
    """One expectation, and what the image says."""

    field: str
    """What was checked: `container.image`, `commit`, `frameworks.vllm`, `file.whole` …"""

    expected: str | None
    """What was expected."""

    actual: str | None
    """What the image says."""

    status: VerificationStatus
    """The result."""

    level: VerificationLevel | None
    """How far it reaches, if it holds."""

    code: str
    """Stable, kebab-case."""

    message: str
    """One sentence for a person."""


VerificationStatus: TypeAlias = Literal['ok', 'declared', 'undecidable', 'mismatch']
"""The result of one check."""


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
    """The path as given; null if there is no file to check."""

    role: str | None
    """The image's role in the recipe, if there is one: `model.container`."""

    variants: list[str]
    """The variants of the recipe that ask this of it; empty where the recipe has none, or one was chosen."""

    verdict: Verdict
    """The answer in one word."""

    level: VerificationLevel
    """How far the answer reaches."""

    checks: list[Check]
    """Every check."""

    policy: str | None
    """The name of the policy that was applied."""

    findings: list[Finding]
    """The policy's findings."""

    why: list[str]
    """Codes that explain the origin: those of `origin.reasons` and of its conflicts."""

    error: str | None
    """Why the image could not be read; null if it was read."""

    origin: Origin | None
    """The image's origin, as in the document of `show`; null if it could not be read."""


class Record(TypedDict):
    """One image."""

    schema: str
    """Always `sqsh-prov-audit/1`."""

    path: PathText
    """Where it is."""

    file: FileFields
    """The file."""

    origin: OriginSummary | None
    """Its origin; null if it could not be read."""

    evidence: list[EvidenceLine]
    """The evidence for the origin."""

    conflicts: list[str]
    """Codes of sources that disagree."""

    warnings: list[str]
    """Codes of what could not be read, and other remarks."""

    partial: bool
    """True if part of the image could not be read."""

    error: str | None
    """Why there is no answer."""

    attested: Attested | None
    """With `--attested`: the best statement about the image."""

    findings: list[Finding]
    """Findings about this image alone."""

    keys: Keys
    """Keys to compare it with other images."""

    fingerprint: Fingerprint | None
    """With `--fingerprint`: the fingerprint of its content."""

    recognised: list[Recognised]
    """With `--known`: known images whose content is in it."""


class FileFields(TypedDict):
    """The file of an image."""

    format: Format | None
    """The form of the image; null if it could not be read."""

    size: int
    """Bytes."""

    allocated: int
    """Bytes that are allocated on disk."""

    uid: int
    """Owner's number."""

    owner: str | None
    """Owner's name, if known."""

    gid: int
    """Group's number."""

    group: str | None
    """Group's name, if known."""

    mtime: str | None
    """Last change, RFC 3339 UTC."""

    ctime: str | None
    """Last change of the content, the owner, the mode or a time, RFC 3339 UTC with nanoseconds: unlike
`mtime`, no program can set it. Null in a report of an earlier version."""

    inode: int
    """Inode number."""

    whole: bool | None
    """False if the file is shorter than the image in it."""

    compression: str | None
    """Compressor of a squashfs image."""

    inodes: int | None
    """Inodes in the image."""

    packed_at: str | None
    """When the importer or exporter finished packing."""


class OriginSummary(TypedDict):
    """The origin in short."""

    kind: Kind
    """The kind that the image declares."""

    official: bool | None
    """True only when a known publisher's contract is met in full."""

    publisher: str | None
    """The contract's id, or the owner of the source repository."""

    product: str | None
    """The publisher's name for it."""

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
    """False if that does not give this image again."""

    imported: str | None
    """The reference that it was imported from."""

    digest: str | None
    """The digest that it was imported by."""

    derived_from: str | None
    """The image that it was built on."""

    created: str | None
    """When the image was built."""

    moving: bool
    """True if the imported tag moves to new images."""

    modified_after_import: bool
    """True if the content was changed after the import."""

    confidence: Confidence
    """How well the origin is supported."""

    reasons: list[str]
    """Codes that explain `kind` and `official`."""

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
    """Its source."""

    status: Status
    """How it was used."""


class Attested(TypedDict):
    """The best statement about an image."""

    level: AttestedLevel | None
    """What it binds of the image; null if none is believed."""

    signer: str | None
    """Who signed it."""

    invalid: str | None
    """Why a statement is not believed, or is about another image; null if all are believed."""


class Keys(TypedDict):
    """Keys to compare an image with others."""

    content: str | None
    """Digest of superblock, size and tables: equal for copies of one file."""

    tree_id: str | None
    """With `--tree-id`: equal for one image imported twice."""

    settings: str | None
    """A digest of what decides what runs: environment, entry point, arguments and working directory. Null in
a report of an earlier version."""

    moving: str | None
    """The moving reference that it was imported from."""

    known: str | None
    """With `--known`: a digest of the known images."""

    judged_by: str | None
    """Other where the image was judged by another policy, other contracts, mirrors or flags, or by another
version of this program. Null in a report of an earlier version."""


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
    """The images that it is about, without `keep`."""

    was: PathText | None
    """The path in the earlier report, for an image that was renamed."""

    reclaimable: int
    """Bytes that are freed if `paths` are removed."""


class FamilyRecord(TypedDict):
    """One content in the family tree of all images: the files that have it, and what it was built on."""

    schema: str
    """Always `sqsh-prov-audit/1`."""

    id: int
    """The number, from 1, in the order of the tree: a parent comes before its children."""

    parent: int | None
    """The content that it was built on; null for a root."""

    depth: int
    """The number of its ancestors."""

    path: PathText
    """The image that represents it: an official one if there is one, then the first by path."""

    copies: list[PathText]
    """Other files of the same content: copies and further imports."""

    name: str | None
    """What it is, if known: a public reference, else product and version."""

    files: int
    """Files and links in it."""

    bytes: int
    """Bytes of those files."""

    share: float | None
    """The share of the parent's files that it has unchanged, 0 to 1."""

    added: int | None
    """Files that the parent lacks."""

    changed: int | None
    """Files of the parent that differ."""

    removed: int | None
    """Files of the parent that it lacks."""

    estimated: bool
    """True if these are estimates from samples."""

    added_bytes: int | None
    """Bytes of its files minus those of the parent's."""

    reclaimable: int
    """Bytes that are freed if all other files of the same content are removed."""

    shared: int
    """Estimate of the bytes that would be freed if it and its parent stored common files once."""


class Summary(TypedDict):
    """The last line: totals of the run."""

    schema: str
    """Always `sqsh-prov-audit/1`."""

    complete: bool
    """False if the run was interrupted."""

    shard: Shard | None
    """The part of the images in this report; null for all."""

    roots: list[PathText]
    """The paths that were walked."""

    now: str
    """The time that ages are counted to, RFC 3339 UTC."""

    tree_id: bool
    """True if `tree_id` was asked for."""

    selection: list[str]
    """The conditions (`--where`) that all images of this report meet; empty for all images."""

    images: int
    """Images."""

    unreadable: int
    """Images without an answer."""

    partial: int
    """Images answered in part."""

    not_images: int
    """Files that were read and are not images."""

    skipped: dict[str, int]
    """Numbers of files and directories that were not read, by code."""

    bytes: int
    """Bytes of all images."""

    allocated: int
    """Bytes that they have allocated."""

    reclaimable: int
    """Bytes that are freed if one file of each image stays: copies, and with `--tree-id` or `--lineage`
further imports."""

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
    """Totals of the run."""


class Week(TypedDict):
    """The images of one week, compared with the report before it."""

    week: str
    """The week, in ISO 8601: `2026-W38`."""

    report: PathText
    """The last report of the week."""

    now: str
    """When it was made, RFC 3339 UTC."""

    total: Sum
    """All images in the report."""

    came: Sum | None
    """Images that the report before did not have. In the first week, there is no report before: this field and
the next four are null, and the lists are empty."""

    went: Sum | None
    """Images that only the report before had."""

    changed: Sum | None
    """Images whose content changed, and whose path did not."""

    renamed: Sum | None
    """Images whose path changed, and whose content did not."""

    grew: int | None
    """Bytes that all images grew by; negative if they shrank."""

    owners: list[Growth]
    """The owners whose images grew or shrank most."""

    publishers: list[Growth]
    """The publishers whose images grew or shrank most."""


class Sum(TypedDict):
    """A number of images, and their size."""

    images: int
    """The number of images."""

    bytes: int
    """The size of all of them, in bytes."""


class Growth(TypedDict):
    """How much the images of one owner or publisher grew."""

    name: str
    """The owner or the publisher."""

    bytes: int
    """Bytes that were added; negative if bytes were removed."""


class LeftOut(TypedDict):
    """A report that was not used."""

    report: PathText
    """The report file."""

    reason: str
    """Why it was not used, in one sentence for a person."""


class AuditHistory(TypedDict):
    """What changed from week to week, by the saved reports in a directory."""

    schema: str
    """Always `sqsh-prov-audit-history/1`."""

    roots: list[PathText]
    """The audited paths. They are the same in all the reports."""

    weeks: list[Week]
    """The weeks that have a report, the oldest first."""

    left_out: list[LeftOut]
    """The reports that were not used, and why."""


class Change(TypedDict):
    """One value that differs."""

    section: str
    """`inside`, `origin`, `lineage`, `flags`, `environment`, `labels`, `packages`, `runtime`, `os`."""

    name: str
    """The field, variable, label or package."""

    a: str | None
    """The value of the first image; null if it has none."""

    b: str | None
    """The value of the second image; null if it has none."""


class Diff(TypedDict):
    """What two images differ in."""

    schema: str
    """Always `sqsh-prov-diff/1`."""

    a: str
    """The first."""

    b: str
    """The second."""

    equal: bool
    """True if nothing differs of what both sides know."""

    not_compared: list[str]
    """Sections that were not compared, because only one side has them."""

    changes: list[Change]
    """What differs, by section and name."""


class Input(TypedDict):
    """The input."""

    path: PathText
    """As given on the command line."""

    form: Form
    """The form of the input, by its content."""

    images: list[str]
    """Its platforms or targets; empty for one image without a name."""

    partial: bool
    """True if only part of it could be read."""


Form: TypeAlias = Union[Literal['image-index', 'image-manifest', 'dockerfile', 'bake', 'compose', 'workflow'], Format]
"""The input."""


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
    """Edits of lines that fix it, if there are such, in the order of the file. Line
numbers are those before any edit."""

    command: list[str] | None
    """The words of a command that fixes it, if there is one; `NAME` stands for a name
that the input does not have. Quote them for a shell (`jq -r '.command | @sh'`)."""

    key: str | None
    """The variable, label, annotation or argument that it is about."""

    level: LintLevel | None
    """Where that is, or should be."""

    images: list[str]
    """The platforms or targets that it is about; empty for all."""

    line: int | None
    """The line of the file, from 1, if it has lines."""

    path: str | None
    """The file; null for the input itself."""


class Edit(TypedDict):
    """A change of lines."""

    path: str | None
    """The file; null for the input itself."""

    line: int
    """Insert the new lines before this line, from 1; the number of lines plus one is the end."""

    remove: int
    """How many lines to remove from this one on."""

    insert: list[str]
    """The new lines."""


LintLevel: TypeAlias = Literal['env', 'label', 'index-annotation', 'manifest-annotation', 'descriptor-annotation', 'config-field', 'buildinfo', 'attestation', 'build-arg']
"""A level that a key can stand at."""


class Row(TypedDict):
    """One key at one level."""

    key: str
    """The variable, label, annotation or field; for an attestation its type."""

    level: LintLevel
    """Its source."""

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
    """The file that keeps it; null if it is lost."""


Fate: TypeAlias = Literal['kept', 'altered', 'lost']
"""What becomes of a key."""


class Lint(TypedDict):
    """The findings about one input, or the keys that survive an import."""

    schema: str
    """Always `sqsh-prov-lint/1`."""

    input: Input
    """The input."""

    findings: list[LintFinding] | None
    """The findings, the worst first; null with `--survives`."""

    survives: list[Row] | None
    """With `--survives`: what importers keep of each key; else null."""

    warnings: list[Warning]
    """What could not be read, and other remarks."""


class Stamp(TypedDict):
    """The stamp of one build. A value that is not known is `null`; in the image it is a placeholder or empty."""

    schema: str
    """Always `sqsh-prov-stamp/1`."""

    contract: str
    """Id of the contract: `vllm`, `generic`."""

    kind: Kind
    """The kind that the image will declare."""

    image: str | None
    """The reference that the build is for, canonical: `docker.io/vllm/vllm-openai:v0.29.0`; `null` where
none is published."""

    push: list[str]
    """References to push to, as they are given to `--tag`."""

    build_args: dict[str, str]
    """Build arguments. Where images of the contract build on each other, their names are not those of the
variables."""

    env: dict[str, str]
    """Variables as they will be in the image."""

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
    """Remarks about these values, a sentence each."""
