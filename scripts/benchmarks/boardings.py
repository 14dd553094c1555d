"""Counts over HTTP, each on the disk before its answer; baselines: a FastAPI hello, and bare SQLite commits, in the same minutes.

The disk's speed changes by the minute, and with it what a commit costs: the ratios to bare commits are judged only where a
commit takes 2 ms or more. The database synchronises fully (WAL, synchronous=FULL) in both.
"""

import json
import sqlite3
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from scripts.benchmarks.load import KEY, Order, Result, get, post, ratios, send
from scripts.benchmarks.rows import Row, at_least, at_most, in_turn, told
from scripts.benchmarks.servers import Server, hello, product

NAME = "boardings"
SECONDS = 1.5
SLOW_DISK_MS = 2.0
FIRST, DAYS = date(2025, 1, 1), 730


def counts(server: Server) -> list[str]:
    """A request for each departure and stop of two years, each time under a new key: few counts of the same thing."""
    token = server.shuttle("tokens", "create", "--role", "staff", "--name", "bench")
    requests = []
    for days in range(DAYS):
        body, _ = server.read(f"/api/v1/departures?date={FIRST + timedelta(days)}")
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
    """Single-row commits with sqlite3 alone, for as long as a round."""
    with tempfile.TemporaryDirectory(prefix="shuttle-bench-") as folder:
        connection = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        for statement in (
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "CREATE TABLE count (key TEXT PRIMARY KEY, boardings INTEGER)",
        ):
            connection.execute(statement)
        taken: list[float] = []
        until = time.perf_counter() + SECONDS
        while (began := time.perf_counter()) < until:
            connection.execute("INSERT INTO count VALUES (?, 4)", (f"key-{len(taken)}",))
            taken.append(1000 * (time.perf_counter() - began))
        connection.close()
        taken.sort()
        return Result(len(taken) / SECONDS, median(taken), taken[int(len(taken) * 0.99)])


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
        told("hello", [found.rate for found in base], "requests/s"),
        told("32 connections", [found.rate for found in many], "counts/s"),
        at_least("32 connections, to hello", ratios(many, base), "", 0.15),
        at_most("32 connections, p99", [found.p99 for found in many], "ms", 250),
        at_most("200 a second, p99", [found.p99 for found in paced], "ms", 100),
        told("bare commit, p50", [found.p50 for found in commits], "ms"),
        to_bare("1 connection, to bare commits", one, commits, 0.70),
        to_bare("64 connections, to bare commits", most, commits, 3),
    ]


def to_bare(name: str, found: list[Result], commits: list[Result], must: float) -> Row:
    """What becomes of a disk's commits; judged only where the disk, and not the interpreter, is what takes time."""
    slow = [(a, b) for a, b in zip(found, commits, strict=True) if b.p50 >= SLOW_DISK_MS]
    if len(slow) * 2 <= len(commits):
        return told(f"{name} (fast disk: not judged)", ratios(found, commits), "")
    return at_least(name, ratios([a for a, _ in slow], [b for _, b in slow]), "", must)
