"""Open pages: share of a core that one worker uses for 200 passengers' pages and 20 phones that follow today; no baseline.

In each round a driver counts every five seconds, and one departure is added or taken away: each passenger's page is told, and fetches itself
within 2.5 seconds, as `static/public/follow.js` does. That is more than a day of service has: its buses leave an hour apart.
The last row opens all streams at once, as after a restart.
"""

import json
import os
import random
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from scripts.benchmarks.rows import Row, at_most, measured
from scripts.benchmarks.servers import Server, product

NAME = "open-pages"
ONLY_WHEN_NAMED = True
PASSENGERS, PHONES = 200, 20
ROUND_SECONDS = 60
SPREAD_SECONDS = 2.5
COUNT_EVERY_SECONDS = 5.0
ZONE = ZoneInfo("Europe/Oslo")


def run(rounds: int) -> list[Row]:
    os.environ["SHUTTLE_TRUSTED_PROXIES"] = "127.0.0.1"  # each page has an address of its own, as behind a proxy
    with product() as server:
        tokens = {
            role: server.shuttle("tokens", "create", "--role", role, "--name", f"bench {role}")
            for role in ("driver", "planner")
        }
        began = processor_seconds(server)
        with streams(server, tokens["driver"]):
            connecting = processor_seconds(server) - began
            idle = [share(server, lambda: time.sleep(ROUND_SECONDS / 4)) for _ in range(rounds)]
            busy = [share(server, lambda: one_round(server, tokens)) for _ in range(rounds)]
    return [
        at_most("one worker, nothing happens", idle, "cores", 0.1),
        at_most("one worker, taps and a change a minute", busy, "cores", 0.1),
        measured("220 streams opened at once", [connecting], "s of a core"),
    ]


def processor_seconds(server: Server) -> float:
    """Processor time of the server's process group, in seconds (proc(5), /proc/pid/stat: fields 5, 14 and 15)."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(fields[2]) == server.process.pid:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def share(server: Server, work: Callable[[], object]) -> float:
    """Processor time of the server per second of the work."""
    began, before = time.monotonic(), processor_seconds(server)
    work()
    return (processor_seconds(server) - before) / (time.monotonic() - began)


@contextmanager
def streams(server: Server, token: str) -> Iterator[None]:
    """All streams open and read, until the block ends."""
    ending = threading.Event()
    ready = threading.Barrier(PASSENGERS + PHONES + 1, timeout=60)
    for number in range(PASSENGERS + PHONES):
        headers = address(number) | ({"Authorization": f"Bearer {token}"} if number < PHONES else {})
        threading.Thread(target=follow, args=(server, headers, ready, ending), daemon=True).start()
    ready.wait()
    yield
    ending.set()


def follow(server: Server, headers: dict[str, str], ready: threading.Barrier, ending: threading.Event) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/api/v1/today/events", headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.readline()
        ready.wait()
        while not ending.is_set() and answer.readline():
            pass


def one_round(server: Server, tokens: dict[str, str]) -> None:
    until = time.monotonic() + ROUND_SECONDS
    send(server, "POST", "/api/v1/changes", tokens["planner"], extra())
    with ThreadPoolExecutor(PASSENGERS) as pages:
        for number in range(PASSENGERS):
            pages.submit(fetch, server, number, random.uniform(0, SPREAD_SECONDS))
    while time.monotonic() < until:
        count(server, tokens["driver"])
        time.sleep(COUNT_EVERY_SECONDS)


def address(number: int) -> dict[str, str]:
    return {"X-Forwarded-For": f"10.0.{number // 250}.{number % 250 + 1}"}


def fetch(server: Server, number: int, pause: float) -> None:
    time.sleep(pause)
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/", headers=address(number))
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()


def extra() -> dict[str, object]:
    """An extra departure of today, at a time that no other one has taken yet."""
    now = datetime.now(ZONE)
    departs = min(now + timedelta(minutes=1), now.replace(hour=23, minute=50)) + timedelta(minutes=random.randrange(9))
    day = now.date().isoformat()
    return {
        "kind": "extra",
        "from": day,
        "pattern": "gyldenpris",
        "departs_at": departs.strftime("%H:%M"),
        "reason": "event",
    }


def count(server: Server, token: str) -> None:
    """A count on the last departure that has left; of days before, in the morning."""
    day = datetime.now(ZONE).date() - timedelta(days=1)
    departures = json.loads(server.read(f"/api/v1/departures?date={day}")[0])["departures"]
    last = departures[-1]
    body = {"stop": last["calls"][0]["stop"], "boardings": random.randrange(9)}
    send(server, "POST", f"/api/v1/departures/{last['id']}/boardings", token, body)


def send(server: Server, method: str, path: str, token: str, body: dict[str, object]) -> None:
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": f"{random.getrandbits(64):x}",
    }
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{path}", json.dumps(body).encode(), headers, method=method
    )
    with urllib.request.urlopen(request, timeout=30):
        pass
