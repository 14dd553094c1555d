"""Pages while a plan is solved; baseline: the same pages at the same rate just before. A round takes some 40 s.

`--rounds 40` is the half hour in which memory must stay flat. Plans are requested over the API and solved by the service's own worker.
"""

import json
import time
import urllib.request
from typing import Any

from scripts.benchmarks.load import Order, Result, get, send
from scripts.benchmarks.process import memory
from scripts.benchmarks.rows import Row, at_most, measured
from scripts.benchmarks.servers import Server, product
from shuttle.settings import SCHEDULES

NAME = "while-planning"
RATE = 20.0
PAGES = ("/", "/timetable", "/api/v1/departures?date=2026-11-24")
SECONDS = 8.0
LIMIT = 120
"""Time limit of a plan in seconds: longer than a round, so that each plan is cancelled."""

QUARTER = 4


class Planner:
    """A client of the API that requests plans."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.token = server.shuttle("tokens", "create", "--role", "planner", "--name", "bench")
        self._scenario = (SCHEDULES / "scenarios" / "nesttun-evening.toml").read_text(encoding="utf-8")

    def ask(self, seed: int) -> str:
        plan: str = self._call("POST", "/plans", {"scenario": self._scenario, "time_limit": LIMIT, "seed": seed})["id"]
        return plan

    def status(self, plan: str) -> str:
        status: str = self._call("GET", f"/plans/{plan}")["status"]
        return status

    def cancel(self, plan: str) -> float:
        """Cancel a plan; the seconds until it has ended."""
        began = time.perf_counter()
        self._call("POST", f"/plans/{plan}/cancel", {})
        while self.status(plan) in {"queued", "running"}:
            time.sleep(0.02)
        return time.perf_counter() - began

    def runs(self, plan: str) -> None:
        while self.status(plan) == "queued":
            time.sleep(0.05)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._server.port}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


def pages(server: Server) -> Result:
    return send(Order(server.port, [get(path) for path in PAGES], 8, SECONDS, RATE)).only(200)


def run(rounds: int) -> list[Row]:
    quiet: list[Result] = []
    busy: list[Result] = []
    ends: list[float] = []
    memories: list[float] = []
    with product() as server:
        planner = Planner(server)
        pages(server)
        for seed in range(rounds):
            quiet.append(pages(server))
            for _ in range(2):
                plan = planner.ask(seed)
                planner.runs(plan)
                busy.append(pages(server))
                ends.append(planner.cancel(plan))
            memories.append(memory(server.process.pid))
    share = max(1, len(memories) // QUARTER)
    first, last = sorted(memories[:share])[share // 2], sorted(memories[-share:])[share // 2]
    slower = [result.p99 / quiet[number // 2].p99 for number, result in enumerate(busy)]
    return [
        measured("pages, p99 before", [result.p99 for result in quiet], "ms"),
        measured("pages, p99 while planning", [result.p99 for result in busy], "ms"),
        at_most("p99 while planning, to before", slower, "", 2),
        at_most("cancel, seconds until it has ended", ends, "s", 2),
        measured("memory of the service", memories, "MiB"),
        at_most("growth from the first to the last quarter", [last - first], "MiB", 3),
    ]
