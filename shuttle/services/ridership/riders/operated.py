"""How a span was operated: cancelled departures and skipped stops as shares with their reasons, and the cost of driving."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from shuttle.domain.basics.service_time import instant
from shuttle.domain.duties.driving_cost import driving_nok
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.services.app_context import AppContext

LEAST_COUNTED = 0.5
"""Share of departures counted from which a cost per rider is told: with less the riders are mostly a guess."""


@dataclass(frozen=True, kw_only=True)
class Operated:
    """Departures whose time has passed, and stops that they should have served; each with what was left out, by reason.

    `nok`: cost of driving those that ran, None where a date has no rates; `is_assumed`: some rates are assumed.
    """

    due: int
    cancelled: tuple[tuple[ReasonCode | None, int], ...]
    stops: int
    skipped: tuple[tuple[ReasonCode | None, int], ...]
    nok: float | None
    is_assumed: bool

    @property
    def cancelled_share(self) -> float | None:
        return sum(n for _, n in self.cancelled) / self.due if self.due else None

    @property
    def skipped_share(self) -> float | None:
        return sum(n for _, n in self.skipped) / self.stops if self.stops else None

    def nok_per_rider(self, boardings: float | None, coverage: float) -> float | None:
        """NOK for each of the `boardings`, which stand for all departures; None where too few were counted, or no rates are known."""
        if not boardings or self.nok is None or coverage < LEAST_COUNTED:
            return None
        return self.nok / boardings


def operated(context: AppContext, span: Span, unserved: Sequence[tuple[ReasonCode, int]]) -> Operated:
    """The span until now. `unserved`: reasons of skipped stops with their numbers."""
    schedule, now = context.schedule(), context.now()
    due, stops, nok, cancelled, assumed = 0, 0, 0.0, Counter[ReasonCode | None](), False
    has_rates = True
    for day in span:
        of_day = schedule.departures_on(day)
        for departure in of_day.departures:
            if instant(day, departure.departs, context.zone) > now:
                continue
            due += 1
            if not departure.runs:
                cancelled[departure.reason] += 1
                continue
            stops += len({call.stop for call in departure.calls})
            cost = driving_nok(schedule.network, departure, of_day.service_day.day_type)
            has_rates &= cost is not None
            nok += cost or 0.0
            assumed |= schedule.network.costs_on(day).provenance.assumed
    return Operated(
        due=due,
        cancelled=tuple(cancelled.most_common()),
        stops=stops,
        skipped=tuple(unserved),
        nok=nok if due and has_rates else None,
        is_assumed=assumed,
    )
