"""Soak test: pages, API, feeds, ridership and counts at 100 requests per second while plans are solved; baseline: its first third.

A round is a minute: `scripts/bench mixed --minutes 30`. It runs only when named.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from scripts.benchmarks.boardings import counts
from scripts.benchmarks.load import Order, Result, get, send
from scripts.benchmarks.process import memory
from scripts.benchmarks.rows import Row, at_most, measured
from scripts.benchmarks.servers import Server, product
from scripts.benchmarks.while_planning import Planner

NAME = "mixed"
ONLY_WHEN_NAMED = True
RATE = 100
MINUTE = 60.0
CONNECTIONS = 32
SETTLE = 2.0
"""Seconds between the load and the measurements."""
READ = (
    "/",
    "/timetable",
    "/api/v1/departures?date=2026-11-24",
    "/api/v1/calendar?from=2026-11-01&to=2026-11-30",
    "/api/v1/stops",
    "/feeds/departures.ics",
    "/feeds/gtfs.zip",
    "/feeds/gtfs-rt/trip-updates.pb",
    "/api/v1/ridership?from=2026-01-01&to=2026-11-23&by=day",
)
COUNTS_OF = 3
"""Counts per cycle of READ: a quarter of all requests."""


@dataclass(frozen=True)
class Minute:
    """A minute of load: its answers, and the service's resources during or after it.

    Memory in MiB (of the solver process the maximum), open files, MB of SQLite's write-ahead log, and seconds from cancelling a plan
    until it has ended.
    """

    answers: Result
    memory: float
    plan_memory: float
    files: float
    log: float
    cancel: float


def run(rounds: int) -> list[Row]:
    with product() as server:
        planner = Planner(server)
        requests = mixture(counts(server), planner.token)
        minutes = [a_minute(server, planner, requests, seed) for seed in range(rounds)]
    third = max(1, rounds // 3)
    thirds = [minutes[:third], minutes[third : max(third, rounds - third)] or minutes[:third], minutes[-third:]]
    rows = [row for name, part in zip(("first", "second", "last"), thirds, strict=True) for row in rows_of(name, part)]
    first, last = thirds[0], thirds[-1]
    return [
        *rows,
        measured("answers a second", [minute.answers.rate for minute in minutes], ""),
        never("answers 5xx", sum(number_of(minutes, lambda status: status.startswith("5")))),
        never("answers other than 200 and 201", sum(number_of(minutes, lambda status: status not in ("200", "201")))),
        never("broken connections", sum(minute.answers.broken for minute in minutes)),
        at_most("p99, last third to first", [middle(last, "p99") / middle(first, "p99")], "", 1.3),
        at_most("log of SQLite, the most", [max(minute.log for minute in minutes)], "MB", 64),
        at_most("open files, last third to first", [middle(last, "files") / middle(first, "files")], "", 1),
        at_most("growth of the service in 10,000 requests", [growth(minutes, third)], "MiB", 3),
        at_most(
            "plan's process, last third to first", [middle(last, "plan_memory") / middle(first, "plan_memory")], "", 1.1
        ),
        at_most("cancel, seconds until it has ended", [minute.cancel for minute in minutes], "s", 2),
    ]


def a_minute(server: Server, planner: Planner, requests: list[str], seed: int) -> Minute:
    """A minute of load while a plan is solved, which is cancelled at its end."""
    plan = planner.ask(seed)
    with watching(server.process.pid) as most:
        answers = send(Order(server.port, requests, CONNECTIONS, MINUTE, RATE))
    cancel = planner.cancel(plan)
    time.sleep(SETTLE)
    return Minute(
        answers,
        memory(server.process.pid),
        max(most),
        float(len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))),
        log_size(server),
        cancel,
    )


@contextmanager
def watching(pid: int) -> Iterator[list[float]]:
    """Memory of the service's child processes in MiB, sampled every second."""
    ended, samples = threading.Event(), [0.0]

    def look() -> None:
        while not ended.wait(1):
            children = Path(f"/proc/{pid}/task").glob("*/children")
            pids = [int(child) for file in children for child in file.read_text("ascii").split()]
            with suppress(OSError, StopIteration):  # a child may end meanwhile
                samples.append(sum(memory(child) for child in pids))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield samples
    finally:
        ended.set()
        watcher.join()


def rows_of(third: str, minutes: list[Minute]) -> list[Row]:
    """The figures of a third of the run."""
    return [
        measured(f"{third} third: p99", [minute.answers.p99 for minute in minutes], "ms"),
        measured(f"{third} third: 5xx", number_of(minutes, lambda status: status.startswith("5")), ""),
        measured(f"{third} third: memory of the service", [minute.memory for minute in minutes], "MiB"),
        measured(f"{third} third: memory of the plan's process", [minute.plan_memory for minute in minutes], "MiB"),
        measured(f"{third} third: open files", [minute.files for minute in minutes], ""),
        measured(f"{third} third: log of SQLite", [minute.log for minute in minutes], "MB"),
    ]


def growth(minutes: list[Minute], third: int) -> float:
    """Growth of the service from the median of the first third to that of the last, in MiB per 10,000 requests."""
    sent = sum(number_of(minutes, lambda _status: True)) * max(1, len(minutes) - third) / len(minutes)
    return 10_000 * (middle(minutes[-third:], "memory") - middle(minutes[:third], "memory")) / sent


def mixture(to_count: list[str], token: str) -> list[str]:
    """Requests in the order in which they are sent, so that each kind recurs."""
    read = [get(path, Authorization=f"Bearer {token}") for path in READ]
    requests = []
    for start in range(0, len(to_count), COUNTS_OF):
        requests += [*read, *to_count[start : start + COUNTS_OF]]
    return requests


def number_of(minutes: list[Minute], matches: Callable[[str], bool]) -> list[float]:
    """Number of answers whose status matches, minute by minute."""
    return [
        float(sum(number for status, number in minute.answers.statuses.items() if matches(status)))
        for minute in minutes
    ]


def middle(minutes: list[Minute], figure: str) -> float:
    """The median minute's figure."""
    return median(minute.answers.p99 if figure == "p99" else getattr(minute, figure) for minute in minutes)


def log_size(server: Server) -> float:
    """Size of SQLite's write-ahead log in MB."""
    log = Path(server.environment["SHUTTLE_DATA_DIR"]) / "shuttle.db-wal"
    return log.stat().st_size / 1e6 if log.exists() else 0.0


def never(name: str, number: float) -> Row:
    return Row(name, number, "", "0", number == 0)
