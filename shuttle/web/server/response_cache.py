"""Response cache: bytes with an ETag, valid for one version of the schedule.

A response is a pure function of its key and of the schedule. Each request compares the version, so no process gives a stale response
after a change by any process. The cache is bounded by number and by bytes; the least recently used response is dropped.
"""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Scope

from shuttle.domain.timetable.departures import Schedule
from shuttle.services.app_context import AppContext
from shuttle.web.server.bounded_executor import BoundedExecutor
from shuttle.web.server.rate_limits import network_of

KEPT = 2000
KEPT_BYTES = 32 * 1024 * 1024
"""A client may ask for two thousand different spans of the calendar, which together take a quarter of a gigabyte."""

COMPRESS_FROM = 1024
NOT_MODIFIED = ("etag", "cache-control", "vary", "last-modified")
"""The headers that a 304 repeats (RFC 9110 section 15.4.5)."""
CONDITIONS = frozenset((b"accept-encoding", b"if-none-match", b"if-modified-since"))


Raw = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Form:
    """A representation of a response, plain or compressed: body, strong ETag and encoded headers."""

    body: bytes
    etag: str
    headers: Raw
    """Of a 200, with Content-Length."""
    not_modified: Raw
    """Of a 304."""

    @classmethod
    def of(cls, body: bytes, headers: dict[str, str]) -> "Form":
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        not_modified = [(name, value) for name, value in raw if name.decode() in NOT_MODIFIED]
        return cls(body, headers["etag"], [*raw, (b"content-length", str(len(body)).encode())], not_modified)


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedResponse:
    """A response built for a version of the schedule. `modified`: its Last-Modified in whole seconds, if it has one.

    `superseded`: the latest Last-Modified of another content that was sent before.
    """

    version: int
    plain: Form
    zipped: Form | None
    modified: datetime | None
    superseded: datetime | None = None


def size_of(key: tuple[object, ...], response: CachedResponse) -> int:
    """Approximate bytes of an entry. The key counts too: it may hold client input, as the address in a poster's QR code."""
    return len(repr(key)) + len(response.plain.body) + (len(response.zipped.body) if response.zipped else 0)


class PreparedResponse(Response):
    """A response with encoded headers: encoding them again takes longer than sending them."""

    def __init__(self, status: int, headers: Raw, body: bytes) -> None:
        self.status_code, self.body, self.background = status, body, None
        self.raw_headers = list(headers)


def in_pieces(pieces: list[bytes], media_type: str) -> Response:
    """A response sent piece by piece: sending many megabytes at once blocks the event loop."""

    async def each() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return StreamingResponse(each(), headers={"content-length": str(sum(map(len, pieces)))}, media_type=media_type)


def etag_matches(header: str | None, etag: str) -> bool:
    """True when If-None-Match names the ETag: a list, `*`, weak comparison (RFC 9110 section 13.1.2)."""
    if not header:
        return False
    return header.strip() == "*" or any(tag.strip().removeprefix("W/") == etag for tag in header.split(","))


class ResponseCache:
    """The cached responses of one process."""

    def __init__(self, context: AppContext, executor: BoundedExecutor) -> None:
        self._context = context
        self._executor = executor
        self._entries: OrderedDict[tuple[object, ...], CachedResponse] = OrderedDict()
        self._bytes = 0
        self._building: dict[object, asyncio.Future[CachedResponse]] = {}

    async def give(
        self,
        request: Request,
        key: tuple[object, ...],
        build: Callable[[Schedule], bytes],
        media_type: str,
        cache_control: str = "no-cache",
        modified: Callable[[Schedule], datetime] | None = None,
        takes_long: bool = False,
        **headers: str,
    ) -> Response:
        """The response for a key: 304 where the client has it, else 200; built in a thread where it is not cached.

        `key` holds all that the response depends on besides the schedule. `modified` gives Last-Modified, for clients without
        ETags. With `takes_long` it is built in the bounded executor. Raises Unavailable (`busy`) and what `build` raises.
        """
        version = await self.version()
        cached = self._entries.get(key)
        if cached is not None:
            self._entries.move_to_end(key)
        if cached is None or cached.version != version:
            parts = (build, modified, media_type, cache_control, headers)
            client = network_of(request.scope) if takes_long else None
            built = await self._built_once((key, version), lambda: self._build(*parts), client)
            cached = self._dated(key, built)
            self._store(key, cached)
        return self._respond(request.scope, cached)

    def _dated(self, key: tuple[object, ...], response: CachedResponse) -> CachedResponse:
        """The response; without its Last-Modified where another content was sent with the same or a later one."""
        before = self._entries.get(key)
        if before is None:
            return response
        moments = (
            [before.superseded] if before.plain.etag == response.plain.etag else [before.superseded, before.modified]
        )
        superseded = max((moment for moment in moments if moment is not None), default=None)
        is_late = response.modified is not None and superseded is not None and response.modified <= superseded
        return replace(response, modified=None if is_late else response.modified, superseded=superseded)

    def _store(self, key: tuple[object, ...], response: CachedResponse) -> None:
        """Store a response; drop the least recently used ones beyond KEPT entries or KEPT_BYTES bytes."""
        previous = self._entries.pop(key, None)
        self._entries[key] = response
        self._bytes += size_of(key, response) - (size_of(key, previous) if previous else 0)
        while len(self._entries) > KEPT or (self._bytes > KEPT_BYTES and len(self._entries) > 1):
            self._bytes -= size_of(*self._entries.popitem(last=False))

    async def _built_once(self, key: object, build: Callable[[], CachedResponse], client: str | None) -> CachedResponse:
        """Simultaneous requests for the same key wait for one build; with a `client` it takes that client's turn in the executor."""
        building = self._building.get(key)
        if building is None:
            builder = asyncio.to_thread(build) if client is None else self._executor.run(client, build)
            building = asyncio.ensure_future(builder)
            self._building[key] = building
            building.add_done_callback(lambda _done: self._building.pop(key, None))
        return await asyncio.shield(building)

    async def version(self) -> int:
        """The schedule's version now, read without blocking the event loop. Raises Unavailable."""
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
        moment = None if modified is None else modified(schedule).astimezone(UTC).replace(microsecond=0)
        if moment is not None:
            headers["last-modified"] = format_datetime(moment, usegmt=True)
        zipped = gzip.compress(body, 6, mtime=0) if len(body) >= COMPRESS_FROM and "zip" not in media_type else None
        return CachedResponse(
            version=version,
            plain=Form.of(body, {**headers, "etag": f'"{tag}"'}),
            zipped=Form.of(zipped, {**headers, "etag": f'"{tag}-gz"', "content-encoding": "gzip"}) if zipped else None,
            modified=moment,
        )

    def _respond(self, scope: Scope, cached: CachedResponse) -> Response:
        conditions = {name: value for name, value in scope["headers"] if name in CONDITIONS}
        takes_gzip = b"gzip" in conditions.get(b"accept-encoding", b"")
        form = cached.zipped if takes_gzip and cached.zipped is not None else cached.plain
        headers, not_modified, modified = form.headers, form.not_modified, cached.modified
        # No Last-Modified is later than the response's own date (RFC 9110 section 8.8.2.1).
        if modified is None or modified > self._context.now():
            headers, not_modified, modified = _undated(headers), _undated(not_modified), None
        if _is_current(conditions, form.etag, modified):
            return PreparedResponse(304, not_modified, b"")
        return PreparedResponse(200, headers, b"" if scope["method"] == "HEAD" else form.body)


def _undated(headers: Raw) -> Raw:
    return [(name, value) for name, value in headers if name != b"last-modified"]


def _is_current(conditions: dict[bytes, bytes], etag: str, modified: datetime | None) -> bool:
    """True when the client's copy is current: by ETag or, only where it sent none, by Last-Modified (RFC 9110 section 13.1.3)."""
    if (tags := conditions.get(b"if-none-match")) is not None:
        return etag_matches(tags.decode("latin-1"), etag)
    since = conditions.get(b"if-modified-since")
    if since is None or modified is None:
        return False
    return since.decode("latin-1") == format_datetime(modified, usegmt=True)
