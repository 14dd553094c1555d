"""Riders by destination of a span, for permitted persons and for jobs.

The source is counts: sums do not separate an uncounted alighting from none.
"""

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.ridership.destination_sums import (
    DepartureRiders,
    DestinationSum,
    check_groupings,
    departures_with_riders,
    destination_sums,
)
from shuttle.domain.ridership.summaries import Grouping, Span
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.recorded_demand import counted_between


def riders_by(
    context: AppContext, person: Person | None, span: Span, by: tuple[Grouping, ...]
) -> tuple[DestinationSum, ...]:
    """Exact riders by destination and the other groupings. Raises NotSignedIn, NotAllowed, Invalid (`unknown-grouping`)."""
    allow(person, Action.READ_EXACT_RIDERSHIP)
    check_groupings(by)
    return destination_sums(iter(departures_between(context, span)), by)


def departures_between(context: AppContext, span: Span) -> list[DepartureRiders]:
    """Every departure of the span with its riders, without a check of permission."""
    schedule = context.schedule()
    counted = counted_between(context, schedule, span)
    return list(departures_with_riders(schedule, counted, context.now(), context.zone))
