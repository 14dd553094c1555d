"""Static files: style, scripts and fonts at `/static/<build>/<path>`.

The build is a digest of all files. A browser may therefore keep a file for a year, and modules that import each other by relative paths
come from one build. A process reads the folder once.
"""

import gzip
import mimetypes
import os
from base64 import b64encode
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import blake2b, sha256
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from shuttle.domain.basics.errors import NotFound

FOLDER = Path(__file__).parent / "static"
_COMPRESSED_ALREADY = (".woff2", ".png", ".gz")
_TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml", ".css": "text/css"}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Asset:
    """One static file in memory."""

    path: str
    body: bytes

    @cached_property
    def media_type(self) -> str:
        suffix = Path(self.path).suffix
        return _TYPES.get(suffix) or mimetypes.guess_type(self.path)[0] or "application/octet-stream"

    @cached_property
    def digest(self) -> str:
        return blake2b(self.body, digest_size=8).hexdigest()

    @cached_property
    def integrity(self) -> str:
        """Digest in the form of W3C Subresource Integrity."""
        return f"sha256-{b64encode(sha256(self.body).digest()).decode()}"

    @cached_property
    def zipped(self) -> bytes | None:
        return None if self.path.endswith(_COMPRESSED_ALREADY) else gzip.compress(self.body, 9, mtime=0)


class Assets:
    """All static files of a folder, and the digest of all of them (`build`)."""

    def __init__(self, folder: Path) -> None:
        paths = (Path(where, name) for where, _, names in os.walk(folder, followlinks=True) for name in names)
        files = sorted(path for path in paths if not path.name.startswith("."))
        self._by_path = {
            path.relative_to(folder).as_posix(): Asset(path.relative_to(folder).as_posix(), path.read_bytes())
            for path in files
        }
        digest = blake2b(digest_size=6)
        for asset in self._by_path.values():
            digest.update(f"{asset.path} {asset.digest}\n".encode())
        self.build = digest.hexdigest()

    def url(self, path: str) -> str:
        """The address of a file of this build."""
        return f"/static/{self.build}/{path}"

    def find(self, path: str) -> Asset:
        """Raises NotFound (`unknown-file`)."""
        if path not in self._by_path:
            raise NotFound("unknown-file", f"there is no file {path!r}", given=path)
        return self._by_path[path]

    def paths(self, prefix: str) -> list[str]:
        return [path for path in self._by_path if path.startswith(prefix)]


@cache
def assets() -> Assets:
    """The program's own static files."""
    return Assets(FOLDER)


@router.api_route("/static/{build}/{path:path}", methods=["GET", "HEAD"])
def static_file(request: Request, build: str, path: str) -> Response:
    """A static file. Under another build (of a page from before an update) it may not be cached."""
    asset = assets().find(path)
    etag = f'"{asset.digest}"'
    headers = {
        "cache-control": "public, max-age=31536000, immutable" if build == assets().build else "no-cache",
        "etag": etag,
        "vary": "Accept-Encoding",
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    if asset.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.zipped, 200, {**headers, "content-encoding": "gzip"}, asset.media_type)
    return Response(asset.body, 200, headers, asset.media_type)
