"""What the program's exit codes mean, as exceptions."""

from __future__ import annotations

from typing import Any


class SqshProvError(Exception):
    """The program did not succeed.

    ``exit_code`` is the program's, ``message`` what it wrote to standard error, and ``document`` the
    answer that it printed all the same, or ``None``.
    """

    def __init__(self, exit_code: int, message: str, document: Any = None) -> None:
        super().__init__(message or f"sqsh-prov ended with exit code {exit_code}")
        self.exit_code = exit_code
        self.message = message
        self.document = document


class Mismatch(SqshProvError):
    """Exit code 1: the image is not what was expected; ``document`` says why."""


class CouldNotTell(SqshProvError):
    """Exit code 2: there is no answer, or one in part, which is ``document``."""


class UsageError(SqshProvError):
    """Exit code 64: an argument, recipe or policy that cannot be used."""


_BY_CODE = {1: Mismatch, 2: CouldNotTell, 64: UsageError}


def error(exit_code: int, message: str, document: Any = None) -> SqshProvError:
    """Returns the exception of an exit code."""
    return _BY_CODE.get(exit_code, SqshProvError)(exit_code, message, document)
