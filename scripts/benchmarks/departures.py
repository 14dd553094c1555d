"""GET of a day's departures; baseline: a FastAPI hello on the same server, as many workers, the same minutes.

One day repeatedly, 365 days in turn, and with If-None-Match (304). A closed loop of 32 connections.
"""

from datetime import date, timedelta

from scripts.benchmarks.load import Order, Result, get, ratios, send
from scripts.benchmarks.rows import Row, at_least, at_most, in_turn, measured
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
        conditional = get(path(DAY), If_None_Match=headers["etag"])
        closed(server, year, 200)  # so that no round pays for what the first request builds
        base, day, days, same = in_turn(
            rounds,
            lambda: closed(baseline, [get("/")], 200),
            lambda: closed(server, [get(path(DAY))], 200),
            lambda: closed(server, year, 200),
            lambda: closed(server, [conditional], 304),
        )
    return [
        measured("hello", [result.rate for result in base], "requests/s"),
        measured("hello, p99", [result.p99 for result in base], "ms"),
        at_least("one day, to hello", ratios(day, base), "", 0.55),
        at_most("one day, p99 to hello's", [a.p99 / b.p99 for a, b in zip(day, base, strict=True)], "", 3),
        at_least("365 days in turn, to hello", ratios(days, base), "", 0.30),
        at_least("304 of one day, to hello", ratios(same, base), "", 0.70),
    ]
