"""Answers that rarely change, kept as bytes with an ETag.

An answer is a pure function of its question and of the schedule's version; both together are its ETag. So a request
costs one look at the version, a 304 costs nothing more, and no process can give an old answer after a change, whoever
made it. The number of answers kept is bounded, and their size.
"""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Scope

from shuttle.domain.timetable.departures import Schedule
from shuttle.services.app_context import AppContext
from shuttle.web.server.bounded_executor import BoundedExecutor
from shuttle.web.server.rate_limits import client_of

KEPT = 2000
KEPT_BYTES = 32 * 1024 * 1024
"""A stranger may ask for two thousand different spans of the calendar, which together would fill a quarter of a gigabyte."""

COMPRESS_FROM = 1024
NOT_MODIFIED = ("etag", "cache-control", "vary", "last-modified")
"""The headers that a 304 repeats (RFC 9110 section 15.4.5)."""
ASKED = frozenset((b"accept-encoding", b"if-none-match", b"if-modified-since"))


Raw = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Form:
    """One way to send an answer, plain or compressed: its strong ETag, and headers as they go out."""

    body: bytes
    etag: str
    headers: Raw
    """With the body's length."""
    not_modified: Raw

    @classmethod
    def of(cls, body: bytes, headers: dict[str, str]) -> "Form":
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        kept = [(name, value) for name, value in raw if name.decode() in NOT_MODIFIED]
        return cls(body, headers["etag"], [*raw, (b"content-length", str(len(body)).encode())], kept)


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """What was built for a version of the schedule, with its Last-Modified where it has one."""

    version: int
    plain: Form
    zipped: Form | None
    modified: str | None


def size_of(question: tuple[object, ...], answer: CachedResponse) -> int:
    """Bytes that the two take to keep, nearly: a question may hold what a client sent, as the address on a poster's code."""
    return len(repr(question)) + len(answer.plain.body) + (len(answer.zipped.body) if answer.zipped else 0)


class Prepared(Response):
    """A response whose headers are ready: making them anew takes longer than sending them."""

    def __init__(self, status: int, headers: Raw, body: bytes) -> None:
        self.status_code, self.body, self.background = status, body, None
        self.raw_headers = list(headers)


def in_pieces(pieces: list[bytes], media_type: str) -> Response:
    """An answer that is sent piece by piece: to hand over many megabytes at once takes the event loop from everybody."""

    async def each() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return StreamingResponse(each(), headers={"content-length": str(sum(map(len, pieces)))}, media_type=media_type)


def etag_matches(header: str | None, etag: str) -> bool:
    """RFC 9110 section 13.1.2: a list, `*`, and weak comparison."""
    if not header:
        return False
    return header.strip() == "*" or any(given.strip().removeprefix("W/") == etag for given in header.split(","))


class ResponseCache:
    """The answers of one process."""

    def __init__(self, context: AppContext, workroom: BoundedExecutor) -> None:
        self._context = context
        self._workroom = workroom
        self._kept: OrderedDict[tuple[object, ...], CachedResponse] = OrderedDict()
        self._bytes = 0
        self._building: dict[object, asyncio.Future[CachedResponse]] = {}

    async def give(
        self,
        request: Request,
        question: tuple[object, ...],
        build: Callable[[Schedule], bytes],
        media_type: str,
        cache_control: str = "no-cache",
        modified: Callable[[Schedule], datetime] | None = None,
        takes_long: bool = False,
        **headers: str,
    ) -> Response:
        """The answer to a question: 304 where the client has it, else bytes, built off the event loop if need be.

        The question holds all that the answer depends on besides the schedule. `modified` gives Last-Modified, for readers that
        know no ETag. What `takes_long` to build is built in the workroom.
        """
        version = await self.version()
        kept = self._kept.get(question)
        if kept is not None:
            self._kept.move_to_end(question)
        if kept is None or kept.version != version:
            how = (build, modified, media_type, cache_control, headers)
            client = client_of(request.scope) if takes_long else None
            kept = await self._built_once((question, version), lambda: self._build(*how), client)
            self._keep(question, kept)
        return self._respond(request.scope, kept)

    def _keep(self, question: tuple[object, ...], answer: CachedResponse) -> None:
        """Keep an answer; what nobody has asked for longest goes where there are too many, or too much of them."""
        before = self._kept.pop(question, None)
        self._kept[question] = answer
        self._bytes += size_of(question, answer) - (size_of(question, before) if before else 0)
        while len(self._kept) > KEPT or (self._bytes > KEPT_BYTES and len(self._kept) > 1):
            self._bytes -= size_of(*self._kept.popitem(last=False))

    async def _built_once(self, key: object, build: Callable[[], CachedResponse], client: str | None) -> CachedResponse:
        """Those who ask for the same while it is being built wait for the one building, in the workroom if it is a client's work."""
        building = self._building.get(key)
        if building is None:
            builder = asyncio.to_thread(build) if client is None else self._workroom.do(client, build)
            building = asyncio.ensure_future(builder)
            self._building[key] = building
            building.add_done_callback(lambda _done: self._building.pop(key, None))
        return await asyncio.shield(building)

    async def version(self) -> int:
        """The schedule's version now, without keeping the event loop from others. Raises Unavailable."""
        watch = self._context.watch
        return watch.version() if watch.is_instant else await asyncio.to_thread(watch.version)

    def _build(
        self,
        build: Callable[[Schedule], bytes],
        modified: Callable[[Schedule], datetime] | None,
        media_type: str,
        cache_control: str,
        extra: dict[str, str],
    ) -> CachedResponse:
        version, schedule = self._context.versioned_schedule()
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
        return CachedResponse(
            version,
            Form.of(body, {**headers, "etag": f'"{tag}"'}),
            Form.of(zipped, {**headers, "etag": f'"{tag}-gz"', "content-encoding": "gzip"}) if zipped else None,
            headers.get("last-modified"),
        )

    @staticmethod
    def _respond(scope: Scope, kept: CachedResponse) -> Response:
        asked = {name: value for name, value in scope["headers"] if name in ASKED}
        wants_zip = kept.zipped is not None and b"gzip" in asked.get(b"accept-encoding", b"")
        form = kept.zipped if wants_zip and kept.zipped is not None else kept.plain
        if _is_known(asked, form.etag, kept.modified):
            return Prepared(304, form.not_modified, b"")
        return Prepared(200, form.headers, b"" if scope["method"] == "HEAD" else form.body)


def _is_known(asked: dict[bytes, bytes], etag: str, modified: str | None) -> bool:
    """Whether the client has this answer: by its ETag or, only where it sent none, by Last-Modified (13.1.3)."""
    if (tags := asked.get(b"if-none-match")) is not None:
        return etag_matches(tags.decode("latin-1"), etag)
    since = asked.get(b"if-modified-since")
    return since is not None and since.decode("latin-1") == modified
