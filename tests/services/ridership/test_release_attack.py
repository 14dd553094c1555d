"""Linear programming attack on releases: all published answers together must not determine a suppressed number.

The attacker has each fortnight and every span of fortnights by every grouping, and knows the suppression rule (a hidden
part is 1 or more, where the total is shown).
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.math_opt.python import mathopt

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.fortnights import ANCHOR, following, fortnight_of
from shuttle.domain.ridership.summaries import Grouping, ServiceCounts, Span
from shuttle.domain.ridership.suppression import LEAST_DEPARTURES, THRESHOLD, release
from shuttle.services.app_context import AppContext
from shuttle.services.operation.backups import backup, restore
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.releases import GRACE, freeze_due, release_document, released
from shuttle.store.ridership.releases import StoredRelease
from shuttle.web.api.ridership import released_document

BREAKDOWNS = ("stop", "day_type", "destination")
STOPS, DAY_TYPES = ("vagsbunnen", "mo-gyldenpris", "mo-nesttun"), ("weekday", "holiday")
Cell = tuple[str, str, str]
"""First day of a fortnight, breakdown, part; the total has no breakdown."""

few = st.none() | st.integers(0, 6) | st.integers(0, 30)


@st.composite
def fortnights(draw: st.DrawFn) -> list[tuple[StoredRelease, dict[Cell, int]]]:
    """Two to four released fortnights, each with its secret figures."""
    released, span = [], fortnight_of(ANCHOR)
    for _ in range(draw(st.integers(2, 4))):
        stops = {stop: draw(few) for stop in STOPS}
        total = sum(n or 0 for n in stops.values())
        holiday = draw(st.integers(0, total))
        parts: dict[str, dict[str, int | None]] = {
            "stop": stops,
            "day_type": {"weekday": total - holiday, "holiday": holiday or draw(st.sampled_from([None, 0]))},
            "destination": destinations(draw, stops),
        }
        shown = release(
            total,
            {name: {part: n for part, n in each.items() if n is not None} for name, each in parts.items()},
            THRESHOLD,
            {name: [part for part, n in each.items() if n is None] for name, each in parts.items()},
            dependent=("destination",),
        )
        secret = {(f"{span.first}", name, part): n or 0 for name, each in parts.items() for part, n in each.items()}
        frozen = StoredRelease(
            fortnight=span,
            release=shown,
            run=ServiceCounts(run=62, due=62, counted=50),
            threshold=THRESHOLD,
            frozen_at=datetime(2026, 11, 1, tzinfo=UTC),
        )
        released.append((frozen, {**secret, (f"{span.first}", "", ""): total}))
        span = following(span)
    return released


def destinations(draw: st.DrawFn, stops: dict[str, int | None]) -> dict[str, int | None]:
    """Who boarded at a centre left in town, and who boarded in town left at one of the centres."""
    town = stops["vagsbunnen"] or 0
    nesttun = draw(st.integers(0, town))
    home = sum(n or 0 for stop, n in stops.items() if stop != "vagsbunnen")
    return {"vagsbunnen": home, "mo-gyldenpris": town - nesttun, "mo-nesttun": nesttun}


class Attacker:
    """Unknown figures, and the constraints from each answer."""

    def __init__(self, cells: dict[Cell, int]) -> None:
        self.model = mathopt.Model()
        self.figures = {cell: self.model.add_variable(lb=0, ub=10_000) for cell in cells}
        self.hidden: set[Cell] = set()
        for first in {first for first, _, _ in cells}:
            for breakdown in BREAKDOWNS:
                parts = [self.figures[cell] for cell in cells if cell[:2] == (first, breakdown)]
                self.model.add_linear_constraint(mathopt.fast_sum(parts) == self.figures[first, "", ""])
            home, boarded_in_town = (self.figures[first, name, "vagsbunnen"] for name in ("destination", "stop"))
            self.model.add_linear_constraint(home + boarded_in_town == self.figures[first, "", ""])

    def add_figure(self, cell: Cell, shown: int | None, state: str, total_is_shown: bool) -> None:
        if state == "hidden":
            self.hidden.add(cell)
            if total_is_shown and cell[1] not in ("", "destination"):
                self.model.add_linear_constraint(self.figures[cell] >= 1)
        else:
            self.model.add_linear_constraint(self.figures[cell] == (shown or 0))

    def add_answer(self, document: dict[str, Any], totals: dict[str, bool]) -> None:
        """An answer about a span, by stop, by day type or by neither."""
        breakdown = document["by"][1] if len(document["by"]) > 1 else ""
        for row in document["rows"]:
            cell = (row["from"], breakdown, row.get(breakdown, ""))
            self.add_figure(cell, row.get("riders", row.get("boardings")), row["state"], totals[row["from"]])
        if not document["fortnights_hidden"]:
            sums = mathopt.fast_sum(self.figures[first, "", ""] for first in {row["from"] for row in document["rows"]})
            self.model.add_linear_constraint(sums == document["boardings"])

    def range_of(self, cell: Cell) -> tuple[float, float]:
        ends = []
        for solve_for in (self.model.minimize, self.model.maximize):
            solve_for(self.figures[cell])
            result = mathopt.solve(self.model, mathopt.SolverType.GLOP)
            assert result.termination.reason == mathopt.TerminationReason.OPTIMAL
            ends.append(result.objective_value())
        return ends[0], ends[1]


def answers(released: list[StoredRelease]) -> Iterator[dict[str, Any]]:
    """A reader's answers for every span of whole fortnights, and for spans that end a day later, by every grouping."""
    for begins in range(len(released)):
        for ends in range(begins, len(released)):
            for more in (0, 1):
                span = Span(released[begins].fortnight.first, released[ends].fortnight.last + timedelta(more))
                for grouping in (*Grouping, None):
                    yield released_document(span, (grouping,) if grouping else (), released[begins : ends + 1])


@settings(max_examples=15)
@given(fortnights())
def test_all_answers_together_narrow_no_hidden_number_down(made: list[tuple[StoredRelease, dict[Cell, int]]]) -> None:
    released = [frozen for frozen, _ in made]
    secret = {cell: n for _, cells in made for cell, n in cells.items()}
    attacker = Attacker(secret)
    totals = {f"{frozen.fortnight.first}": release_document(frozen)["state"] != "hidden" for frozen in released}
    for document in answers(released):
        attacker.add_answer(document, totals)
    for cell in attacker.hidden:
        least, greatest = attacker.range_of(cell)
        assert least - 1e-6 <= secret[cell] <= greatest + 1e-6, "the attacker's programme is right"
        # what the boardings by stop alone tell of destinations, they tell without a breakdown by destination
        assert greatest - least >= 2 * THRESHOLD - 3 - 1e-6 or cell[1] == "destination"
    for first in totals:
        parts = {cell for cell in secret if cell[:2] == (first, "destination")}
        assert not parts & attacker.hidden or parts <= attacker.hidden
    shown = {cell: n for cell, n in secret.items() if cell not in attacker.hidden}
    assert not [cell for cell, n in shown.items() if 0 < n < THRESHOLD]


ADMIN, DRIVER, READER = (Person(role.value, role.value, role) for role in (Role.ADMIN, Role.DRIVER, Role.READER))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seed", range(3))
def test_restores_thresholds_and_late_counts_give_an_attacker_nothing(
    context: AppContext, tmp_path: Path, seed: int
) -> None:
    """Everything that a reader saw at any time is one set of figures, in which each hidden one keeps its range."""
    seen, secret = months(context, random.Random(seed), tmp_path)
    assert len(seen) == 4
    for first, documents in seen.items():
        assert len({repr(document) for document in documents}) == 1, "a release never changes"
        check_hidden(documents[0], secret[first])
    assert any(documents[0]["late_supplement"] for documents in seen.values())


def months(
    context: AppContext, chance: random.Random, folder: Path
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, dict[str, int]]]:
    """Four fortnights with few riders, each released, restored over and counted late, under another threshold each time. What a reader
    saw by fortnight, and the truth by day type at the release."""
    seen: dict[str, list[dict[str, Any]]] = defaultdict(list)
    secret: dict[str, dict[str, int]] = {}
    span = fortnight_of(datetime(2026, 8, 3, tzinfo=UTC).date())
    for number, threshold in enumerate((5, 3, 8, 5)):
        stand(context, span.first + timedelta(1))
        truth: dict[str, int] = defaultdict(int)
        days = chance.sample(list(span), 5)
        for day in days:
            departures = context.schedule().departures_on(day).departures
            for departure in chance.sample(departures, 2):
                boardings = chance.choice((0, 0, 1, 2, 3, 6))
                stand(context, span.last + timedelta(1))
                key = f"{departure.id} {number}"
                count = Count(departure=departure.id, stop="vagsbunnen", boardings=boardings)
                record_and_wait(context, DRIVER, count, key)
                truth[context.schedule().calendar.service_day(day).day_type] += boardings
        secret[span.first.isoformat()] = dict(truth)
        stand(context, span.last + GRACE + timedelta(1))
        file = folder / f"{number}.db"
        backup(context, ADMIN, file)
        freeze_due(context, ADMIN, threshold)
        look(context, seen)
        restore(context, ADMIN, file)
        freeze_due(context, ADMIN, 2)
        look(context, seen)
        stand(context, span.last + GRACE + timedelta(2))
        uncounted = next(day for day in span if day not in days)
        for departure in context.schedule().departures_on(uncounted).departures:
            count = Count(departure=departure.id, stop="vagsbunnen", boardings=chance.choice((0, 1, 2, 3)))
            record_and_wait(context, DRIVER, count, f"late {departure.id}")
        freeze_due(context, ADMIN, 2)
        look(context, seen)
        span = following(span)
    return seen, secret


def look(context: AppContext, seen: dict[str, list[dict[str, Any]]]) -> None:
    for each in released(context, READER):
        seen[each.fortnight.first.isoformat()].append(release_document(each))


def stand(context: AppContext, day: date) -> None:
    moment = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)
    context.now = lambda: moment


def check_hidden(document: dict[str, Any], truth: dict[str, int]) -> None:
    """Each hidden day type has as many possible values as the rule of the release promises; no shown one is small."""
    threshold, total, shown = document["threshold"], document["boardings"], document["by_day_type"]
    late = document["late_supplement"]
    assert late is None or (late["boardings"] >= threshold and late["departures"] >= LEAST_DEPARTURES)
    if total is None:
        assert all(number is None for number in shown.values())
        return
    assert total == sum(truth.values()) and (total == 0 or total >= threshold)
    hidden = [name for name, number in shown.items() if number is None]
    for name, number in shown.items():
        assert number is None or (number == truth.get(name, 0) and not 0 < number < threshold)
    rest = total - sum(number or 0 for number in shown.values())
    possible = {value for value in range(1, rest + 1) if rest - value >= len(hidden) - 1}
    assert not hidden or (len(hidden) > 1 and len(possible) >= 2 * threshold - 2)
    assert all(truth[name] in possible for name in hidden)
