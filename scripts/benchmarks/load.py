"""Load generator for loopback, in a process of its own, so that it shares no interpreter with the server.

Closed loop: a number of connections, each of which sends its next request after its answer. Open loop: a rate in requests per second; a
latency counts from when a request was due (no coordinated omission). Connections are kept alive.

    python -m scripts.benchmarks.load    reads one Order as JSON on standard input, prints one Result
"""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import count
from random import randrange
from uuid import uuid4

KEY = "{key}"
"""Placeholder in a request for an idempotency key that is new each time."""

MOST_SECONDS = 120


@dataclass(frozen=True)
class Order:
    """`requests` are whole HTTP/1.1 requests, sent in turn; `rate` in requests per second, 0 for a closed loop."""

    port: int
    requests: list[str]
    connections: int
    seconds: float
    rate: float = 0


@dataclass(frozen=True)
class Result:
    """Requests per second, latency in ms at median and 99th percentile, number of answers by status, broken connections."""

    rate: float
    p50: float
    p99: float
    statuses: dict[str, int] = field(default_factory=dict)
    broken: int = 0

    def only(self, *allowed: int) -> "Result":
        """This result. Raises RuntimeError for other statuses: a fast refusal is no throughput."""
        wrong = {status: number for status, number in self.statuses.items() if int(status) not in allowed}
        if wrong or self.broken or not self.statuses:
            raise RuntimeError(
                f"answers other than {allowed}: {wrong or 'none at all'}, {self.broken} broken connections"
            )
        return self


def get(path: str, **headers: str) -> str:
    return request("GET", path, headers)


def post(path: str, body: str, **headers: str) -> str:
    return (
        request("POST", path, {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}) + body
    )


def request(method: str, path: str, headers: dict[str, str]) -> str:
    """A whole request without a body; a header's name is written with _ for -."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n"


def send(order: Order) -> Result:
    """Carry out an order in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.benchmarks.load"],
        input=json.dumps(asdict(order)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=order.seconds + 60,
    )
    return Result(**json.loads(done.stdout))


def ratios(results: list[Result], base: list[Result]) -> list[float]:
    """The ratio of rates, round by round."""
    return [a.rate / b.rate for a, b in zip(results, base, strict=True)]


class Connection(asyncio.Protocol):
    """One kept-alive connection: sends a request and reads the answer's status and length."""

    def __init__(self, run: "LoadRun") -> None:
        self.run = run
        self.transport: asyncio.Transport | None = None
        self.buffer = b""
        self.expected = -1
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.run.is_idle(self)

    def ask(self, request: bytes, due: float) -> None:
        assert self.transport is not None
        self.began = due
        self.buffer, self.expected = b"", -1
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.expected < 0:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self.expected = end + 4 + body_length(self.buffer[:end].lower())
        if len(self.buffer) >= self.expected:
            self.run.has_answer(self, self.buffer[9:12].decode("ascii"))

    def connection_lost(self, exc: Exception | None) -> None:
        self.run.is_lost()


def body_length(head: bytes) -> int:
    """Content-Length of a head in small letters, 0 without one. Raises RuntimeError for a chunked answer."""
    if b"\ntransfer-encoding:" in head:
        raise RuntimeError("a chunked answer cannot be measured")
    at = head.find(b"\ncontent-length:")
    return 0 if at < 0 else int(head[at + 16 :].split(b"\r", 1)[0])


class LoadRun:
    """All connections of an order, and their results."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.requests = messages(order.requests)
        self.waits: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.broken = 0
        self.idle: deque[Connection] = deque()
        self.late: deque[float] = deque()
        """Due times of the requests that wait for an idle connection."""
        self.ending = False

    def is_idle(self, connection: Connection) -> None:
        if self.ending:
            return
        if not self.order.rate:
            connection.ask(next(self.requests), time.perf_counter())
        elif self.late:
            connection.ask(next(self.requests), self.late.popleft())
        else:
            self.idle.append(connection)

    def has_answer(self, connection: Connection, status: str) -> None:
        if self.ending:
            return
        self.waits.append(time.perf_counter() - connection.began)
        self.statuses[status] += 1
        self.is_idle(connection)

    def is_lost(self) -> None:
        self.broken += not self.ending

    async def work(self) -> Result:
        loop = asyncio.get_running_loop()
        connections = [
            await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.order.port)
            for _ in range(self.order.connections)
        ]
        began = time.perf_counter()
        if self.order.rate:
            await self.pace(began)
        else:
            await asyncio.sleep(self.order.seconds)
        duration = time.perf_counter() - began
        self.ending = True
        for transport, _ in connections:
            transport.abort()
        waits = sorted(self.waits) or [float("nan")]
        return Result(
            len(self.waits) / duration,
            1000 * waits[len(waits) // 2],
            1000 * waits[int(len(waits) * 0.99)],
            dict(self.statuses),
            self.broken,
        )

    async def pace(self, began: float) -> None:
        """Send each request when it is due on an idle connection, or note that it is late."""
        for number in count():
            due = began + number / self.order.rate
            if due > began + self.order.seconds:
                break
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            if self.idle:
                self.idle.popleft().ask(next(self.requests), due)
            else:
                self.late.append(due)
        await asyncio.sleep(0.5)  # for the last answers


def messages(requests: list[str]) -> Iterator[bytes]:
    """The requests in turn without end, from a random one on, each with a new key in place of KEY."""
    run = uuid4().hex[:12]
    for number in count(randrange(len(requests))):
        yield requests[number % len(requests)].replace(KEY, f"{run}-{number}").encode()


def main() -> None:
    order = Order(**json.load(sys.stdin))
    if order.seconds > MOST_SECONDS:
        raise SystemExit(f"a load lasts at most {MOST_SECONDS} s")
    print(json.dumps(asdict(asyncio.run(LoadRun(order).work()))))


if __name__ == "__main__":
    main()
