"""Where a ``.sqsh`` container image comes from, offline.

The functions run the program that this package holds and return what it prints, as dictionaries whose
keys are those of the program's JSON schemas. An answer of the program that is no success is an
exception with its exit code.

>>> import sqsh_prov
>>> answer = sqsh_prov.show(IMAGE)
>>> answer["origin"]["product"], answer["origin"]["version"], answer["origin"]["kind"]
('vLLM', '0.29.0', 'release')
>>> answer["origin"]["commit"]["id"]
'98dff2a81d747d1dba01a47f939f48c3526d4206'
"""

from ._errors import CouldNotTell, Mismatch, SqshProvError, UsageError
from ._run import audit, program, run, show, verify
from ._types import AuditReport, Provenance, Verification

__all__ = [
    "AuditReport",
    "CouldNotTell",
    "Mismatch",
    "Provenance",
    "SqshProvError",
    "UsageError",
    "Verification",
    "audit",
    "program",
    "run",
    "show",
    "verify",
]
