"""Linear programming attack on releases: all published answers together must not determine a suppressed number.

The attacker has each fortnight and every span of fortnights by every grouping, and knows the suppression rule (a hidden
part is 1 or more, where the total is shown).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.math_opt.python import mathopt

from shuttle.domain.ridership.fortnights import ANCHOR, following, fortnight_of
from shuttle.domain.ridership.summaries import Grouping, ServiceCounts, Span
from shuttle.domain.ridership.suppression import THRESHOLD, release
from shuttle.services.ridership.releases import release_document
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
