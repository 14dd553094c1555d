"""Incident: a report by a driver or a centre on a departure under way: it is late, the bus stands, a road is closed, the driver needs help; and
what came of it: another vehicle drives, a taxi is ordered.

An incident is never edited. There are two subjects: incidents for passengers (`TOLD`), and help, for staff and planners alone. Of
a departure the latest recorded incident of each subject holds, and one that is withdrawn leaves nothing. It is about the vehicle and the
road, never about passengers, and it names no place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import CLOCKS_APART
from shuttle.domain.ridership.passings import EARLIEST, LATEST, Passing


class IncidentKind(StrEnum):
    DELAYED = "delayed"
    STOPPED = "stopped"
    """The bus stands, and nobody knows until when."""
    ROAD_CLOSED = "road_closed"
    NEEDS_HELP = "needs_help"
    ANOTHER_VEHICLE = "another_vehicle"
    """Another vehicle drives from here on."""
    TAXI = "taxi"
    """The bus does not come, and a taxi is ordered for those who wait."""


OUTCOMES = frozenset({IncidentKind.ANOTHER_VEHICLE, IncidentKind.TAXI})
"""What came of an incident: said by whoever may change departures, not by a driver."""

TOLD = frozenset({IncidentKind.DELAYED, IncidentKind.STOPPED, IncidentKind.ROAD_CLOSED}) | OUTCOMES
"""Kinds that passengers are told of; each replaces the others."""

STANDING = frozenset({IncidentKind.STOPPED, IncidentKind.TAXI})
"""Kinds with which the bus does not come, or nobody knows when."""

LONGEST_DELAY = 180
"""Minutes; what comes later is another departure."""


@dataclass(frozen=True, kw_only=True)
class Incident:
    """One report. `key`: the idempotency key made by the sender; `minutes`: how late, for DELAYED alone; `withdrawn`: it no longer holds, nor
    does any earlier one of its subject; `recorded_at`: when it was tapped.

    Raises Invalid (`bad-incident`).
    """

    key: str
    departure: str
    kind: IncidentKind
    minutes: int | None
    withdrawn: bool
    recorded_at: datetime
    said_by: str
    said_at: datetime

    def __post_init__(self) -> None:
        is_delay = self.kind is IncidentKind.DELAYED and not self.withdrawn
        if is_delay and (self.minutes is None or not 1 <= self.minutes <= LONGEST_DELAY):
            raise Invalid(
                "bad-incident",
                f"a delay of {self.minutes} minutes",
                given=self.minutes,
                allowed=f"`minutes` from 1 to {LONGEST_DELAY}",
            )
        if not is_delay and self.minutes is not None:
            raise Invalid(
                "bad-incident",
                f"{self.kind} has no minutes",
                given=self.minutes,
                allowed="`minutes` with `delayed` alone",
            )

    @property
    def is_told(self) -> bool:
        return self.kind in TOLD


@dataclass(frozen=True)
class Standing:
    """State of one departure: the incident told to passengers, and the call for help. `told_at`, `help_at`: when the latest word of each was tapped,
    also where nothing holds any more."""

    told: Incident | None = None
    help: Incident | None = None
    told_at: datetime | None = None
    help_at: datetime | None = None


def standing_incidents(
    incidents: Iterable[Incident], passings: Iterable[Passing], of_its_bus: Iterable[Passing] = ()
) -> Standing:
    """State of a departure by its incidents. `incidents`: in the order of their arrival; `passings`: those in force of the departure;
    `of_its_bus`: those of other departures that the same bus drives.

    A delay ends with a later passing of the departure, which tells more; a bus that stands, with any later passing of the bus. A closed
    road and a call for help end only by withdrawal.
    """
    latest: dict[bool, Incident] = {}
    for incident in incidents:
        before = latest.get(incident.is_told)
        if before is None or incident.recorded_at >= before.recorded_at:
            latest[incident.is_told] = incident
    told, help_ = (each if each and not each.withdrawn else None for each in map(latest.get, (True, False)))
    if told is not None and told.kind is not IncidentKind.ROAD_CLOSED:
        moves = [*passings, *(of_its_bus if told.kind is IncidentKind.STOPPED else ())]
        if any(passing.at is not None and passing.at > told.recorded_at for passing in moves):
            told = None
    moments = (each.recorded_at if each else None for each in map(latest.get, (True, False)))
    return Standing(told, help_, *moments)


def check_recorded(recorded_at: datetime, leaves: datetime, arrives: datetime, now: datetime) -> datetime:
    """The moment at which an incident was tapped, in UTC and at most `now`: a phone's clock may run ahead, and must not outrank what comes after.

    Raises Invalid (`bad-incident`) for one in the future, without an offset, or far from the departure's times.
    """
    allowed = f"a moment with an offset, from {leaves - EARLIEST} to {min(arrives + LATEST, now + CLOCKS_APART)}"
    if (
        recorded_at.tzinfo is None
        or not leaves - EARLIEST <= recorded_at <= arrives + LATEST
        or recorded_at > now + CLOCKS_APART
    ):
        what = f"nothing can have happened at {recorded_at} to a bus planned from {leaves} to {arrives}"
        raise Invalid("bad-incident", what, given=recorded_at, allowed=allowed)
    return min(recorded_at, now).astimezone(UTC)
