"""Answers that rarely change, kept as bytes with an ETag.

An answer is a pure function of its question and of the schedule's version; both together are its ETag. So a request
costs one look at the version, a 304 costs nothing more, and no process can give an old answer after a change, whoever
made it. The number of answers kept is bounded.
"""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import blake2b

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from shuttle.domain.departures import Schedule
from shuttle.services.house import House

KEPT = 2000
COMPRESS_FROM = 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """Bytes of a body, plain and compressed, with their strong ETags and the headers to send."""

    version: int
    body: bytes
    zipped: bytes | None
    headers: dict[str, str]
    zipped_headers: dict[str, str]


def etag_matches(header: str | None, etag: str) -> bool:
    """RFC 9110 section 13.1.2: a list, `*`, and weak comparison."""
    if not header:
        return False
    return header.strip() == "*" or any(given.strip().removeprefix("W/") == etag for given in header.split(","))


class Answers:
    """The answers of one process."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._kept: OrderedDict[tuple[object, ...], Answer] = OrderedDict()

    async def give(
        self,
        request: Request,
        question: tuple[object, ...],
        build: Callable[[Schedule], bytes],
        media_type: str,
        cache_control: str = "no-cache",
        modified: Callable[[Schedule], datetime] | None = None,
        **headers: str,
    ) -> Response:
        """The answer to a question: 304 where the client has it, else bytes, built off the event loop if need be.

        `modified` gives Last-Modified, for readers that know no ETag.
        """
        watch = self._house.watch
        version = watch.version() if watch.is_instant else await asyncio.to_thread(watch.version)
        kept = self._kept.get(question)
        if kept is not None:
            self._kept.move_to_end(question)
        if kept is None or kept.version != version:
            kept = await asyncio.to_thread(self._build, build, modified, media_type, cache_control, headers)
            self._kept[question] = kept
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._respond(request, kept)

    def _build(
        self,
        build: Callable[[Schedule], bytes],
        modified: Callable[[Schedule], datetime] | None,
        media_type: str,
        cache_control: str,
        extra: dict[str, str],
    ) -> Answer:
        version, schedule = self._house.versioned_schedule()
        body = build(schedule)
        tag = blake2b(body, digest_size=12).hexdigest()
        headers = {
            "content-type": media_type,
            "cache-control": cache_control,
            "vary": "Accept-Encoding",
            **{name.replace("_", "-"): value for name, value in extra.items()},
        }
        if modified is not None:
            headers["last-modified"] = format_datetime(modified(schedule).astimezone(UTC), usegmt=True)
        zipped = gzip.compress(body, 6, mtime=0) if len(body) >= COMPRESS_FROM and "zip" not in media_type else None
        return Answer(
            version,
            body,
            zipped,
            {**headers, "etag": f'"{tag}"'},
            {**headers, "etag": f'"{tag}-gz"', "content-encoding": "gzip"},
        )

    @staticmethod
    def _respond(request: Request, kept: Answer) -> Response:
        wants_zip = kept.zipped is not None and "gzip" in request.headers.get("accept-encoding", "")
        headers = kept.zipped_headers if wants_zip else kept.headers
        if _is_known(request.headers, headers):
            return Response(
                None, 304, headers={k: v for k, v in headers.items() if k not in ("content-type", "content-encoding")}
            )
        body = kept.zipped if wants_zip and kept.zipped is not None else kept.body
        if request.method == "HEAD":
            return Response(None, 200, headers={**headers, "content-length": str(len(body))})
        return Response(body, 200, headers=headers)


def _is_known(asked: Headers, headers: dict[str, str]) -> bool:
    """Whether the client has this answer: by its ETag or, only where it sent none, by Last-Modified (13.1.3)."""
    if "if-none-match" in asked:
        return etag_matches(asked["if-none-match"], headers["etag"])
    since = asked.get("if-modified-since")
    return since is not None and since == headers.get("last-modified")
