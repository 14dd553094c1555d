"""Ridership of ten million counts in a year, from the roll-up; baseline: the same sums from the counts themselves.

The counts are made by SQL (365 days, 1,370 trips a day, 20 stops) and the roll-up as `rollup rebuild` makes it. A figure is the duration
of the service function.
"""

import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from scripts.benchmarks.rows import Row, at_most, measured
from shuttle.domain.ridership.summaries import Grouping, Span
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context, prepare
from shuttle.services.ridership.ridership import exact_ridership
from shuttle.settings import SCHEDULES
from shuttle.store.ridership.rollup import make_sums

NAME = "ridership"
DAYS, TRIPS, STOPS = 365, 1370, 20
YEAR = Span(date(2026, 1, 1), date(2026, 12, 31))
MONTH = Span(date(2026, 5, 1), date(2026, 5, 31))
DAY = Span(date(2026, 5, 14), date(2026, 5, 14))
FINE = (Grouping.DAY, Grouping.STOP, Grouping.HOUR)

_NUMBERS = "WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x < {last}) SELECT x FROM n"
_COUNTS = f"""
INSERT INTO counts
SELECT d.day, d.day || '.trip-' || t.x, 'stop-' || s.x, 'bus', 'driver', 'o' || d.x || '-' || t.x || '-' || s.x,
       d.x * {TRIPS * STOPS} + t.x * {STOPS} + s.x, 5 + (t.x + s.x) % 19, (d.x * 7 + t.x * 3 + s.x) % 9, t.x % 7, 0, 0, 1
FROM (SELECT x, date('2026-01-01', '+' || x || ' days') AS day FROM ({_NUMBERS.format(last=DAYS - 1)})) d
CROSS JOIN ({_NUMBERS.format(last=TRIPS - 1)}) t CROSS JOIN ({_NUMBERS.format(last=STOPS - 1)}) s
ORDER BY 1, 2, 3
"""


def fill(context: AppContext) -> float:
    """Ten million counts with their sums; seconds of the sums."""
    with context.transaction() as session:
        session.execute(text(_COUNTS))
    began = time.perf_counter()
    with context.transaction() as session:
        make_sums(session.connection())
    return time.perf_counter() - began


def asked(context: AppContext, span: Span, rounds: int) -> list[float]:
    """Seconds of each time the finest question is asked."""
    return [seconds(lambda: exact_ridership(context, span, FINE)) for _ in range(rounds)]


def seconds(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def from_counts(session: Session) -> object:
    """The same question without a roll-up."""
    return session.execute(
        text("SELECT service_date, stop, hour, sum(boardings) FROM counts WHERE holds GROUP BY 1, 2, 3")
    ).all()


def run(rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        context = open_app_context(f"sqlite:///{Path(folder) / 'shuttle.db'}", ZoneInfo("Europe/Oslo"))
        prepare(context, SCHEDULES)
        made = fill(context)
        whole = exact_ridership(context, YEAR, ())
        assert whole.total.amounts.counts == DAYS * TRIPS * STOPS, whole.total
        year, month, day = (asked(context, span, rounds) for span in (YEAR, MONTH, DAY))
        with context.reading() as session:
            raw = seconds(lambda: from_counts(session))
        rows = [
            at_most("a year by day, stop and hour", year, "s", 2),
            at_most("a month of it", month, "s", 0.3),
            at_most("a day of it", [1000 * value for value in day], "ms", 50),
            measured("the year from the counts themselves", [raw], "s"),
            measured("the sums of ten million counts made anew", [made], "s"),
        ]
        context.close()
    return rows
