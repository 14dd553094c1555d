"""Versions that machines which solve together must share: the program's own code, the solvers, and Python.

The program goes by a digest of its code and not by its version number: two checkouts of one version may differ.
"""

import platform
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
SOLVERS = ("ortools", "highspy", "numpy")


@cache
def versions() -> dict[str, str]:
    """Name -> version: `shuttle` (the first 12 digits of the SHA-256 of domain and planner), the solvers, `python` (3.11)."""
    digest = sha256()
    for path in sorted(each for part in ("domain", "planner") for each in (PACKAGE / part).rglob("*.py")):
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    solvers = {name: version(name) for name in SOLVERS}
    return {"shuttle": digest.hexdigest()[:12], **solvers, "python": ".".join(platform.python_version_tuple()[:2])}
