"""The real program in a process of its own, which a test may kill, with clients that count and read meanwhile."""

import http.client
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.ports import free_port

TOP = Path(__file__).parent.parent.parent
LONGEST_START = 120.0
LONGEST_END = 60.0
LONGEST_REQUEST = 60.0
"""Seconds after which a missing exit or answer is a failure, on a busy machine.
The ten seconds that are promised stand in the program's own limits.
"""
LONGEST_WAIT = 90.0
"""Longer than any answer may take, so that a late answer is detected as late."""
AT_LENGTH = os.environ.get("SHUTTLE_FAULTS") == "all"
"""Whether tests that take minutes run."""
READ = [
    "/",
    "/departures",
    "/driver",
    "/staff",
    "/api/v1/departures",
    "/api/v1/stops",
    "/api/v1/ridership?days=30",
    "/feeds/gtfs.zip",
    "/readyz",
]


@dataclass
class Program:
    """`shuttle serve` on a database, at a port that stays the same over restarts."""

    database: str
    folder: Path
    module: str = "shuttle"
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Returns when the program answers."""
        environment = {**os.environ, "SHUTTLE_DATABASE_URL": self.database, "SHUTTLE_DATA_DIR": str(self.folder)}
        command = [sys.executable, "-m", self.module, "serve", "--port", str(self.port)]
        with (self.folder / "program.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=TOP, env=environment, stdout=log, stderr=log)
        began = time.monotonic()
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() - began > LONGEST_START:
                raise AssertionError((self.folder / "program.log").read_text(encoding="utf-8")[-2000:])
            time.sleep(0.02)

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def kill(self) -> None:
        """As `kill -9`."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """As an operator stops it; returns the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, signal_number: int) -> int:
        assert self.process is not None
        self.process.send_signal(signal_number)
        code = self.process.wait(timeout=LONGEST_END)
        self.process = None
        return code

    @contextmanager
    def running(self) -> Iterator["Program"]:
        try:
            self.start()
            yield self
        finally:
            if self.process is not None:
                self.kill()


@dataclass(frozen=True)
class Answer:
    """A response with its duration in seconds; status 0: no response."""

    path: str
    status: int
    retry_after: str | None
    body: bytes
    seconds: float


@dataclass(frozen=True)
class Acknowledged:
    """A count that the program acknowledged, with its id."""

    key: str
    path: str
    body: str
    id: str


@dataclass
class Senders:
    """Devices that count without a pause; each keeps what was acknowledged, and repeats a count without an answer."""

    program: Program
    token: str
    departures: list[str]
    devices: int = 8
    acknowledged: list[Acknowledged] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)
    answers: list[Answer] = field(default_factory=list)
    """Everything that came back, without the bodies."""
    _stopped: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self._threads = [threading.Thread(target=self._send, args=(device,)) for device in range(self.devices)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int, seconds: float = 120) -> None:
        """Wait until `more` further counts are acknowledged."""
        target, began = len(self.acknowledged) + more, time.monotonic()
        while len(self.acknowledged) < target:
            assert time.monotonic() - began < seconds, f"{more} counts were not acknowledged within {seconds} s"
            time.sleep(0.005)

    def _send(self, device: int) -> None:
        chance = random.Random(device)
        for number in itertools.count():
            departure = chance.choice(self.departures)
            body = json.dumps({"stop": "vagsbunnen", "boardings": chance.randint(0, 30)})
            path, key = f"/api/v1/departures/{departure}/boardings", f"device-{device}-{number}"
            while not self._stopped.is_set():
                answer = ask(self.program.port, path, self.token, key, body)
                self.answers.append(replace(answer, body=b""))
                if answer.status:
                    self.statuses.add(answer.status)
                if answer.status in (200, 201):
                    self.acknowledged.append(Acknowledged(key, path, body, json.loads(answer.body)["id"]))
                    break
                time.sleep(0.05)
            if self._stopped.is_set():
                return


@dataclass
class Readers:
    """Clients that request pages, the API and feeds in turn without a pause, each on its own connection."""

    program: Program
    paths: list[str]
    token: str = ""
    people: int = 4
    answers: list[Answer] = field(default_factory=list)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self._threads = [threading.Thread(target=self._read, args=(number,)) for number in range(self.people)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _read(self, first: int) -> None:
        for number in itertools.count(first):
            answer = ask(self.program.port, self.paths[number % len(self.paths)], self.token)
            self.answers.append(answer if answer.status >= 500 else replace(answer, body=b""))
            if self._stopped.wait(0.05):
                return


def post(port: int, token: str, path: str, key: str, body: str) -> tuple[int, dict[str, str]] | None:
    """Status and document; None without an answer."""
    answer = ask(port, path, token, key, body)
    return (answer.status, json.loads(answer.body)) if answer.status else None


def ask(port: int, path: str, token: str = "", key: str = "", body: str | None = None) -> Answer:
    """Get a page, or send a count when there is a body."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if body is not None:
        headers |= {"Idempotency-Key": key, "Content-Type": "application/json"}
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_WAIT)
    try:
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        return Answer(path, answer.status, answer.getheader("Retry-After"), content, time.monotonic() - began)
    except (OSError, http.client.HTTPException):
        return Answer(path, 0, None, b"", time.monotonic() - began)
    finally:
        connection.close()


def unfit(answers: list[Answer]) -> set[tuple[str, int, str | None]]:
    """Forbidden responses during an outage: an error other than 503, a 503 without Retry-After, or none."""
    return {
        (answer.path, answer.status, answer.retry_after)
        for answer in answers
        if not (answer.status < 500 and answer.status) and not (answer.status == 503 and answer.retry_after)
    }
