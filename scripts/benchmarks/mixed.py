"""Pages, API, feeds, ridership and counts in turn, 100 a second, while plans are solved; the baseline is the first third of the run.

A round is a minute: `scripts/bench mixed --minutes 30`. It runs only where it is named.
"""

import json
import urllib.request
from collections import Counter
from pathlib import Path

from scripts.benchmarks.boardings import counts
from scripts.benchmarks.load import Order, Result, get, send
from scripts.benchmarks.rows import Row, at_most, told
from scripts.benchmarks.servers import Server, product

NAME = "mixed"
ONLY_WHEN_NAMED = True
RATE = 100
MINUTE = 60.0
CONNECTIONS = 32
SCENARIO = Path(__file__).parent.parent.parent / "schedules" / "scenarios" / "nesttun-evening.toml"
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
"""Counts for each round of what is read: a quarter of all requests."""


def run(rounds: int) -> list[Row]:
    with product() as server:
        token = server.shuttle("tokens", "create", "--role", "planner", "--name", "bench-plans")
        requests = mixture(counts(server), token)
        minutes, files, logs = [], [], []
        for _ in range(rounds):
            ask_for_a_plan(server, token)
            minutes.append(send(Order(server.port, requests, CONNECTIONS, MINUTE, RATE)))
            files.append(float(len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))))
            logs.append(log_size(server))
    third = max(1, rounds // 3)
    first, last = minutes[:third], minutes[-third:]
    return [
        told("answers a second", [found.rate for found in minutes], ""),
        never("answers other than 200 and 201", failures(minutes)),
        never("broken connections", sum(found.broken for found in minutes)),
        told("p99, first third", [found.p99 for found in first], "ms"),
        told("p99, last third", [found.p99 for found in last], "ms"),
        at_most("p99, last third to first", [middle(last) / middle(first)], "", 1.3),
        at_most("log of SQLite", [max(logs)], "MB", 64),
        at_most("open files, last minute to first", [files[-1] / files[0]], "", 1),
    ]


def mixture(to_count: list[str], token: str) -> list[str]:
    """Requests in the order in which they are sent, so that each kind comes again and again."""
    read = [get(path, Authorization=f"Bearer {token}") for path in READ]
    found = []
    for start in range(0, len(to_count), COUNTS_OF):
        found += [*read, *to_count[start : start + COUNTS_OF]]
    return found


def ask_for_a_plan(server: Server, token: str) -> None:
    body = json.dumps({"scenario": SCENARIO.read_text(encoding="utf-8"), "time_limit": MINUTE}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/api/v1/plans", body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()


def failures(minutes: list[Result]) -> int:
    statuses: Counter[str] = Counter()
    for found in minutes:
        statuses.update(found.statuses)
    return sum(number for status, number in statuses.items() if status not in ("200", "201"))


def middle(minutes: list[Result]) -> float:
    """The median minute's p99."""
    return sorted(found.p99 for found in minutes)[len(minutes) // 2]


def log_size(server: Server) -> float:
    """What SQLite's write-ahead log takes on the disk, in MB."""
    log = Path(server.environment["SHUTTLE_DATA_DIR"]) / "shuttle.db-wal"
    return log.stat().st_size / 1e6 if log.exists() else 0.0


def never(name: str, number: int) -> Row:
    return Row(name, number, "", "0", number == 0)
