"""POST of counts, each on disk before its answer; baselines: a FastAPI hello, and bare SQLite commits, in the same minutes.

The cost of a commit changes with the disk's speed: ratios to bare commits have a bound only where a commit takes 2 ms or more. Both
databases use WAL with synchronous=FULL.
"""

import json
import sqlite3
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from scripts.benchmarks.load import KEY, Order, Result, get, post, ratios, send
from scripts.benchmarks.rows import Row, at_least, at_most, in_turn, measured
from scripts.benchmarks.servers import Server, hello, product

NAME = "boardings"
SECONDS = 1.5
SLOW_DISK_MS = 2.0
DAYS = 600
"""Days before today whose departures are counted: a departure of the future takes no count."""


def counts(server: Server) -> list[str]:
    """A request for each departure and stop of the last DAYS days, each time with a new key: few counts of the same call."""
    token = server.shuttle("tokens", "create", "--role", "staff", "--name", "bench")
    requests, today = [], datetime.now(UTC).date()
    for days in range(DAYS):
        body, _ = server.read(f"/api/v1/departures?date={today - timedelta(days + 1)}")
        for departure in json.loads(body)["departures"]:
            requests += [
                post(
                    f"/api/v1/departures/{departure['id']}/boardings",
                    json.dumps({"stop": call["stop"], "boardings": 4}),
                    Authorization=f"Bearer {token}",
                    Idempotency_Key=KEY,
                )
                for call in departure["calls"]
            ]
    return requests


def bare_commits() -> Result:
    """Single-row commits with sqlite3 alone, for SECONDS."""
    with tempfile.TemporaryDirectory(prefix="shuttle-bench-") as folder:
        connection = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        for statement in (
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "CREATE TABLE count (key TEXT PRIMARY KEY, boardings INTEGER)",
        ):
            connection.execute(statement)
        durations: list[float] = []
        until = time.perf_counter() + SECONDS
        while (began := time.perf_counter()) < until:
            connection.execute("INSERT INTO count VALUES (?, 4)", (f"key-{len(durations)}",))
            durations.append(1000 * (time.perf_counter() - began))
        connection.close()
        durations.sort()
        return Result(len(durations) / SECONDS, median(durations), durations[int(len(durations) * 0.99)])


def run(rounds: int) -> list[Row]:
    with hello() as baseline, product() as server:
        requests = counts(server)

        def closed(connections: int) -> Result:
            return send(Order(server.port, requests, connections, SECONDS)).only(201)

        closed(8)  # so that no round pays for what the first request builds
        base, commits, one, most, many, paced = in_turn(
            rounds,
            lambda: send(Order(baseline.port, [get("/")], 32, SECONDS)).only(200),
            bare_commits,
            lambda: closed(1),
            lambda: closed(64),
            lambda: closed(32),
            lambda: send(Order(server.port, requests, 64, 2 * SECONDS, rate=200)).only(201),
        )
    return [
        measured("hello", [results.rate for results in base], "requests/s"),
        measured("32 connections", [results.rate for results in many], "counts/s"),
        at_least("32 connections, to hello", ratios(many, base), "", 0.15),
        at_most("32 connections, p99", [results.p99 for results in many], "ms", 250),
        at_most("200 a second, p99", [results.p99 for results in paced], "ms", 100),
        measured("bare commit, p50", [results.p50 for results in commits], "ms"),
        to_bare("1 connection, to bare commits", one, commits, 0.70),
        to_bare("64 connections, to bare commits", most, commits, 3),
    ]


def to_bare(name: str, results: list[Result], commits: list[Result], must: float) -> Row:
    """The ratio to bare commits; with a bound only where the disk, and not the interpreter, takes most of the time."""
    slow = [(a, b) for a, b in zip(results, commits, strict=True) if b.p50 >= SLOW_DISK_MS]
    if len(slow) * 2 <= len(commits):
        return measured(f"{name} (fast disk: no bound)", ratios(results, commits), "")
    return at_least(name, ratios([a for a, _ in slow], [b for _, b in slow]), "", must)
