"""`/source.zip`: the source code of the running program, which section 13 of the AGPL grants to its users over a network.

The zip holds the files that this process was started from, so that an operator's changes are part of it. Settings, data, build results
and installed packages are not.
"""

import io
import zipfile
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

router = APIRouter(include_in_schema=False)

TOP = Path(__file__).resolve().parent.parent.parent
PARTS = ("shuttle", "schedules", "scripts", "tests", "pyproject.toml", "requirements.lock", "Dockerfile", "README.md")
"""Files and folders of a checkout; a container image has some of them."""

BUILT = {"__pycache__", "node_modules", "vendor"}
EPOCH = (2020, 1, 1, 0, 0, 0)
"""One date for all members, so that the same files give the same bytes."""


def source_files(top: Path) -> list[Path]:
    """Source files below `top`, sorted; without links and names that begin with a dot (a `.env` holds secrets)."""
    below = [path for part in PARTS for path in ([top / part] if (top / part).is_file() else (top / part).rglob("*"))]
    return sorted(
        path for path in below if path.is_file() and not path.is_symlink() and _is_source(path.relative_to(top))
    )


def _is_source(path: Path) -> bool:
    return not BUILT & set(path.parts) and not any(part.startswith(".") for part in path.parts)


@cache
def source_zip(top: Path = TOP) -> bytes:
    """The zip; all members are in a folder `shuttle-source/`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in source_files(top):
            member = zipfile.ZipInfo(f"shuttle-source/{path.relative_to(top).as_posix()}", EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = (0o755 if path.stat().st_mode & 0o100 else 0o644) << 16
            archive.writestr(member, path.read_bytes())
    return content.getvalue()


@router.api_route("/source.zip", methods=["GET", "HEAD"])
def source() -> Response:
    """The source code, without sign-in."""
    headers = {
        "cache-control": "public, max-age=3600",
        "content-disposition": 'attachment; filename="shuttle-source.zip"',
    }
    return Response(source_zip(), headers=headers, media_type="application/zip")
