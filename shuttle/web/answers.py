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
from datetime import UTC, date, datetime
from email.utils import format_datetime
from hashlib import blake2b

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shuttle.domain.departures import Schedule
from shuttle.domain.errors import Unavailable
from shuttle.services.house import House
from shuttle.web.problems import answer_to

KEPT = 2000
COMPRESS_FROM = 1024
NOT_MODIFIED = ("etag", "cache-control", "vary", "last-modified")
"""The headers that a 304 repeats (RFC 9110 section 15.4.5)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Bytes of a body, plain and compressed, with their strong ETags and the headers to send."""

    version: int
    body: bytes
    zipped: bytes | None
    headers: dict[str, str]
    zipped_headers: dict[str, str]


Address = tuple[str, bytes]
"""Path and query as they were sent."""


def address_of(scope: Scope) -> Address:
    return scope["path"], scope["query_string"]


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
        self._building: dict[object, asyncio.Future[Answer]] = {}
        self._questions: OrderedDict[Address, tuple[date, tuple[object, ...]]] = OrderedDict()
        """What an address asked on a date, where its answer depends on nothing else."""

    async def give(
        self,
        request: Request,
        question: tuple[object, ...],
        build: Callable[[Schedule], bytes],
        media_type: str,
        cache_control: str = "no-cache",
        modified: Callable[[Schedule], datetime] | None = None,
        for_everyone_on: date | None = None,
        **headers: str,
    ) -> Response:
        """The answer to a question: 304 where the client has it, else bytes, built off the event loop if need be.

        `modified` gives Last-Modified, for readers that know no ETag. `for_everyone_on` is the date that was
        today when the question was put, where its answer depends on the address, that date and the schedule, and on
        nothing about who asks: `known` may then give it for the rest of the date.
        """
        version = await self._version()
        kept = self._kept.get(question)
        if kept is not None:
            self._kept.move_to_end(question)
        if kept is None or kept.version != version:
            how = (build, modified, media_type, cache_control, headers)
            kept = await self._built_once((question, version), lambda: self._build(*how))
            self._kept[question] = kept
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        if for_everyone_on is not None:
            self._questions[address_of(request.scope)] = (for_everyone_on, question)
            while len(self._questions) > KEPT:
                self._questions.popitem(last=False)
        return self._respond(request, kept)

    async def known(self, scope: Scope) -> Response | None:
        """The answer to an address that was asked before and still holds, without asking who is behind the address."""
        found = self._questions.get(address_of(scope))
        if found is None or found[0] != self._house.today():
            return None
        kept = self._kept.get(found[1])
        if kept is None or kept.version != await self._version():
            return None
        return self._respond(Request(scope), kept)

    async def _built_once(self, key: object, build: Callable[[], Answer]) -> Answer:
        """Those who ask for the same while it is being built wait for the one building."""
        building = self._building.get(key)
        if building is None:
            building = asyncio.ensure_future(asyncio.to_thread(build))
            self._building[key] = building
            building.add_done_callback(lambda _done: self._building.pop(key, None))
        return await asyncio.shield(building)

    async def _version(self) -> int:
        watch = self._house.watch
        return watch.version() if watch.is_instant else await asyncio.to_thread(watch.version)

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
            return Response(None, 304, headers={name: headers[name] for name in NOT_MODIFIED if name in headers})
        body = kept.zipped if wants_zip and kept.zipped is not None else kept.body
        if request.method == "HEAD":
            return Response(None, 200, headers={**headers, "content-length": str(len(body))})
        return Response(body, 200, headers=headers)


class KnownAnswersFirst:
    """Gives what is known before any route is looked for: finding one costs several times as much as answering."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = None
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            answers: Answers = scope["app"].state.shuttle.answers
            try:
                answer = await answers.known(scope)
            except Unavailable as error:  # we stand outside of what turns errors to answers
                answer = await answer_to(Request(scope), error)
        await (answer or self.app)(scope, receive, send)


def _is_known(asked: Headers, headers: dict[str, str]) -> bool:
    """Whether the client has this answer: by its ETag or, only where it sent none, by Last-Modified (13.1.3)."""
    if "if-none-match" in asked:
        return etag_matches(asked["if-none-match"], headers["etag"])
    since = asked.get("if-modified-since")
    return since is not None and since == headers.get("last-modified")
