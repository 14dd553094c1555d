"""Timetable versions: trips as rules, and the dates on which a version applies.

A `Trip` is a rule ("weekdays at 10:00"); a departure is that trip on a date (see `departures`). A `Timetable` is a version:
its content is fixed once published. A `Publication` says from when to when it applies, so an older version can be
published again without a change.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import ALWAYS, UNSTATED, Provenance, Validity
from shuttle.domain.basics.service_time import LATEST, Minute, days_after, time_of_day_text
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.planned_duties import PlannedDuty, duties_fit

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def check_id(identifier: str, what: str) -> str:
    """The identifier itself. Raises Invalid (`bad-id`) unless it is lower-case words and digits joined by hyphens."""
    if not _ID.fullmatch(identifier) or len(identifier) > 80:
        raise Invalid(
            "bad-id",
            f"{identifier!r} cannot name a {what}",
            given=identifier,
            allowed="a-z, 0-9 and single hyphens, at most 80 characters",
        )
    return identifier


def trip_id(pattern: str, day_type: str, departs: Minute) -> str:
    """The id of a trip, from its content: `gyldenpris-weekday-1000`."""
    return f"{pattern}-{day_type}-{time_of_day_text(departs).replace(':', '')}"


@dataclass(frozen=True)
class Trip:
    """A pattern on a day type at a minute (GTFS trip). `calls`: times set by hand; None: times from the running times.

    Raises Invalid (`bad-time`, `calls-run-backwards`).
    """

    pattern: str
    day_type: str
    departs: Minute
    calls: tuple[Call, ...] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.departs <= LATEST:
            raise Invalid(
                "bad-time",
                f"a trip departs at minute {self.departs}",
                given=str(self.departs),
                allowed="00:00 to 29:59",
            )
        if self.calls is not None:
            times = [time for call in self.calls for time in (call.arrives, call.departs)]
            if not times or times != sorted(times) or self.calls[0].departs != self.departs:
                raise Invalid(
                    "calls-run-backwards",
                    f"the times of {self.id} do not follow each other",
                    given=", ".join(time_of_day_text(time) for time in times),
                    allowed="times that never go back, beginning with the departure",
                )

    @cached_property
    def id(self) -> str:
        return trip_id(self.pattern, self.day_type, self.departs)


class TimetableStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """One version. `intended`: the dates for which a draft is meant; publications decide when it applies.

    `planned_duties` came with a proposal; `duties_on` gives those that still fit. Raises Invalid (`bad-id`, `two-trips-alike`).
    """

    id: str
    name: str
    trips: tuple[Trip, ...]
    intended: Validity = ALWAYS
    status: TimetableStatus = TimetableStatus.DRAFT
    provenance: Provenance = UNSTATED
    changed_at: datetime | None = None
    planned_duties: tuple[PlannedDuty, ...] = ()

    def __post_init__(self) -> None:
        check_id(self.id, "timetable")
        seen: set[str] = set()
        for trip in self.trips:
            if trip.id in seen:
                raise Invalid(
                    "two-trips-alike",
                    f"timetable {self.id} has {trip.id} twice",
                    given=trip.id,
                    allowed="each pattern, day type and time once",
                )
            seen.add(trip.id)

    @cached_property
    def _by_day_type(self) -> dict[str, tuple[Trip, ...]]:
        by_day_type: dict[str, list[Trip]] = {}
        for trip in sorted(self.trips, key=lambda trip: (trip.departs, trip.pattern)):
            by_day_type.setdefault(trip.day_type, []).append(trip)
        return {day_type: tuple(trips) for day_type, trips in by_day_type.items()}

    def trips_on(self, day_type: str) -> tuple[Trip, ...]:
        """Trips of a day type in order of departure."""
        return self._by_day_type.get(day_type, ())

    def day_type_of(self, day_types: Iterable[str]) -> str:
        """The first of the day types (at least one) of which the timetable has trips; else the first."""
        several = tuple(day_types)
        return next((day_type for day_type in several if self.trips_on(day_type)), several[0])

    def duties_on(self, day_type: str) -> tuple[PlannedDuty, ...]:
        """The duties of a day type, by number; empty when none were planned or they no longer fit its trips."""
        return self._duties_by_day_type.get(day_type, ())

    @cached_property
    def _duties_by_day_type(self) -> dict[str, tuple[PlannedDuty, ...]]:
        by_day_type: dict[str, list[PlannedDuty]] = {}
        for duty in sorted(self.planned_duties, key=lambda duty: duty.number):
            by_day_type.setdefault(duty.day_type, []).append(duty)
        return {
            day_type: tuple(duties)
            for day_type, duties in by_day_type.items()
            if duties_fit(duties, (trip.id for trip in self.trips_on(day_type)))
        }

    @property
    def day_types_without_their_duties(self) -> tuple[str, ...]:
        """Day types whose planned duties no longer fit their trips."""
        planned = dict.fromkeys(duty.day_type for duty in self.planned_duties)
        return tuple(day_type for day_type in planned if not self.duties_on(day_type))


@dataclass(frozen=True)
class Publication:
    """A timetable is published from `valid.first` (never open) to `valid.last`.

    Several may cover a date: the one of the highest `layer` applies, so a temporary timetable hides another one for its own dates.
    Two of one layer share no date; where they do, the later beginning applies. Raises Invalid (`no-beginning`).
    """

    timetable: str
    valid: Validity
    published_at: datetime | None = None
    layer: int = 0

    def __post_init__(self) -> None:
        if self.valid.first is None:
            raise Invalid("no-beginning", f"timetable {self.timetable} is published without a first date")

    @property
    def precedence(self) -> tuple[int, date]:
        """The larger one applies."""
        assert self.valid.first is not None
        return self.layer, self.valid.first


def publication_on(publications: Iterable[Publication], day: date) -> Publication | None:
    """The publication that applies on a date, or None."""
    covering = [publication for publication in publications if publication.valid.covers(day)]
    return max(covering, key=lambda publication: publication.precedence, default=None)


def periods_of(publications: Iterable[Publication]) -> tuple[Publication, ...]:
    """The spans of dates on which the publications apply, in order and without overlap: each with `valid` cut to such a span.

    A publication that is interrupted has several, one that is hidden throughout has none.
    """
    several = tuple(publications)
    turns = {publication.valid.first for publication in several if publication.valid.first}
    turns |= {days_after(publication.valid.last, 1) for publication in several if publication.valid.last}
    ordered = sorted(turns)
    periods: list[Publication] = []
    for turn, following in pairwise([*ordered, None]):
        assert turn is not None
        applies = publication_on(several, turn)
        if applies is None:
            continue
        last = days_after(following, -1) if following else applies.valid.last
        earlier = periods[-1] if periods else None
        if earlier and earlier.valid.last == days_after(turn, -1) and _same(earlier, applies):
            periods[-1] = replace(earlier, valid=Validity(earlier.valid.first, last))
        else:
            periods.append(replace(applies, valid=Validity(turn, last)))
    return tuple(periods)


def _same(period: Publication, publication: Publication) -> bool:
    return replace(period, valid=publication.valid) == publication


def layer_for(publications: Iterable[Publication], valid: Validity) -> int:
    """The layer of a new publication above all that share a date with it."""
    return max((other.layer + 1 for other in publications if other.valid.overlaps(valid)), default=0)


def stretch_of(periods: Iterable[Publication], day: date) -> Validity | None:
    """The dates around `day` on which the same timetable applies without interruption; None when none applies.

    Several publications of one timetable that follow each other are one stretch.
    """
    ordered = list(periods)
    at = next((number for number, period in enumerate(ordered) if period.valid.covers(day)), None)
    if at is None:
        return None
    first, last = ordered[at].valid.first, ordered[at].valid.last
    for earlier in reversed(ordered[:at]):
        if earlier.timetable != ordered[at].timetable or earlier.valid.last != days_after(first or day, -1):
            break
        first = earlier.valid.first
    for later in ordered[at + 1 :]:
        if later.timetable != ordered[at].timetable or last is None or later.valid.first != days_after(last, 1):
            break
        last = later.valid.last
    return Validity(first, last)
