"""Runs the program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from typing import Any, Union, cast

from ._errors import UsageError, error
from ._types import AuditReport, Provenance, Verification

StrPath = Union[str, "os.PathLike[str]"]


def program() -> str:
    """Returns the path of the program that was installed with this package.

    >>> import os, sqsh_prov
    >>> os.path.basename(sqsh_prov.program())
    'sqsh-prov'
    """
    # Where pip puts programs, for each way to install: a virtual environment or a system, --user,
    # and --target or --prefix, where it is beside the package.
    package = os.path.dirname(os.path.abspath(__file__))
    places = [
        sysconfig.get_path("scripts"),
        sysconfig.get_path("scripts", scheme=sysconfig.get_preferred_scheme("user")),
        os.path.join(os.path.dirname(package), "bin"),
        os.path.join(os.path.dirname(package), "..", "..", "..", "bin"),
    ]
    for place in places:
        candidate = os.path.join(place, "sqsh-prov")
        if os.access(candidate, os.X_OK):
            return candidate
    found = shutil.which("sqsh-prov")
    if found is None:
        raise FileNotFoundError(f"no sqsh-prov in {', '.join(places)} or PATH; install sqsh-prov again")
    return found


def run(*arguments: StrPath, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the program with these arguments, and returns what it printed, whatever its exit code.

    >>> import sqsh_prov
    >>> sqsh_prov.run("show", "--format", "line", "/no/such/file").returncode
    2
    """
    return subprocess.run(
        [program(), *[os.fspath(argument) for argument in arguments]],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=timeout,
        check=False,
    )


def _answer(arguments: Sequence[StrPath], codes: Sequence[int], timeout: float | None) -> Any:
    done = run(*arguments, timeout=timeout)
    document = json.loads(done.stdout) if done.stdout.strip() else None
    if done.returncode not in codes or document is None:
        message = done.stderr.strip().removeprefix("sqsh-prov: ")
        raise error(done.returncode, message, document)
    return document


def _repeated(flag: str, values: Union[str, Sequence[str], None]) -> list[StrPath]:
    if values is None:
        return []
    return [f"{flag}={value}" for value in ([values] if isinstance(values, str) else values)]


def show(path: StrPath, *, deep: bool = False, timeout: float | None = None) -> Provenance:
    """Returns where an image comes from; ``deep`` also hashes the files of the packages.

    Raises :class:`CouldNotTell` where there is no answer, or one in part: its ``document``.

    >>> import sqsh_prov
    >>> sqsh_prov.show(IMAGE)["origin"]["official"]
    True
    >>> try:
    ...     sqsh_prov.show("/no/such/file")
    ... except sqsh_prov.CouldNotTell as error:
    ...     print(error.exit_code, error)
    2 /no/such/file: there is no such file; check the path
    """
    arguments: list[StrPath] = ["show", "--format", "json"]
    if deep:
        arguments.append("--deep")
    return cast(Provenance, _answer([*arguments, "--", path], [0], timeout))


def verify(
    path: StrPath | None = None,
    *,
    image: Union[str, Sequence[str], None] = None,
    commit: str | None = None,
    kind: Union[str, Sequence[str], None] = None,
    official: bool = False,
    publisher: Union[str, Sequence[str], None] = None,
    framework: Union[str, Sequence[str], None] = None,
    recipe: StrPath | None = None,
    cluster_config: StrPath | None = None,
    variant: str | None = None,
    policy: StrPath | None = None,
    check: bool = True,
    timeout: float | None = None,
) -> Verification:
    """Returns the answer of ``sqsh-prov verify`` when the image is what is expected.

    Where it is not, raises :class:`Mismatch`, and :class:`CouldNotTell` where nobody knows; the answer
    is the exception's ``document``. With ``check=False`` it is returned all the same.

    >>> import sqsh_prov
    >>> sqsh_prov.verify(IMAGE, image="vllm/vllm-openai:v0.29.0", official=True)["verdict"]
    'holds'
    >>> try:
    ...     sqsh_prov.verify(IMAGE, framework="vllm=0.28.0")
    ... except sqsh_prov.Mismatch as error:
    ...     print(error.exit_code, error.document["checks"][-1]["actual"])
    1 0.29.0
    >>> sqsh_prov.verify(IMAGE, commit="0123456", check=False)["verdict"]
    'mismatch'
    """
    arguments: list[StrPath] = ["verify", "--format", "json"]
    arguments += _repeated("--image", image)
    arguments += _repeated("--commit", commit)
    arguments += _repeated("--kind", kind)
    arguments += _repeated("--publisher", publisher)
    arguments += _repeated("--framework", framework)
    arguments += _repeated("--variant", variant)
    if official:
        arguments.append("--official")
    for flag, value in [("--recipe", recipe), ("--cluster-config", cluster_config), ("--policy", policy)]:
        if value is not None:
            arguments.append(f"{flag}={os.fspath(value)}")
    if path is not None:
        arguments += ["--", path]
    answer = _answer(arguments, [0] if check else [0, 1, 2], timeout)
    if isinstance(answer, list):
        raise UsageError(64, "the recipe has several variants; choose one with variant=", answer)
    return cast(Verification, answer)


def audit(*paths: StrPath, timeout: float | None = None) -> AuditReport:
    """Returns the report on all images below these paths; images without an answer are in it.

    >>> import os, sqsh_prov
    >>> report = sqsh_prov.audit(os.path.dirname(IMAGE))
    >>> report["summary"]["complete"], len(report["images"]) > 0
    (True, True)
    """
    arguments: list[StrPath] = ["audit", "--format", "json", "--"]
    return cast(AuditReport, _answer([*arguments, *paths], [0, 1, 2], timeout))
