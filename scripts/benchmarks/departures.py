"""Departures of a day over HTTP; baseline: a FastAPI hello on the same server, as many workers, the same minutes.

One day again and again, 365 days in turn, and a client that has the answer already (304). A closed loop of 32 connections.
"""

from datetime import date, timedelta

from scripts.benchmarks.load import Order, Result, get, ratios, send
from scripts.benchmarks.rows import Row, at_least, at_most, in_turn, told
from scripts.benchmarks.servers import Server, hello, product

NAME = "departures"
CONNECTIONS = 32
SECONDS = 1.5
DAY = date(2026, 11, 24)


def path(day: date) -> str:
    return f"/api/v1/departures?date={day}"


def closed(server: Server, requests: list[str], *allowed: int) -> Result:
    return send(Order(server.port, requests, CONNECTIONS, SECONDS)).only(*allowed)


def run(rounds: int) -> list[Row]:
    year = [get(path(DAY + timedelta(days))) for days in range(365)]
    with hello() as baseline, product() as server:
        _, headers = server.read(path(DAY))
        known = get(path(DAY), If_None_Match=headers["etag"])
        closed(server, year, 200)  # so that no round pays for what the first request builds
        base, day, days, same = in_turn(
            rounds,
            lambda: closed(baseline, [get("/")], 200),
            lambda: closed(server, [get(path(DAY))], 200),
            lambda: closed(server, year, 200),
            lambda: closed(server, [known], 304),
        )
    return [
        told("hello", [found.rate for found in base], "requests/s"),
        told("hello, p99", [found.p99 for found in base], "ms"),
        at_least("one day, to hello", ratios(day, base), "", 0.55),
        at_most("one day, p99 to hello's", [a.p99 / b.p99 for a, b in zip(day, base, strict=True)], "", 3),
        at_least("365 days in turn, to hello", ratios(days, base), "", 0.30),
        at_least("304 of one day, to hello", ratios(same, base), "", 0.70),
    ]
