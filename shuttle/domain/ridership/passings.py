"""Passing: the actual time at which a departure left a stop or arrived there, recorded by the driver (NeTEx DatedPassingTime).

A passing is never edited: the latest one of a departure, stop and kind applies, and one without a moment withdraws it.
It is about the vehicle, never about passengers. Passings are the data for better running times.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import CLOCKS_APART

EARLIEST = timedelta(hours=3)
"""How long before the planned time a passing may be."""
LATEST = timedelta(hours=12)
"""How long after the planned time a passing may be."""


class PassingKind(StrEnum):
    LEFT = "left"
    ARRIVED = "arrived"


@dataclass(frozen=True, kw_only=True)
class Passing:
    """One passing. `key`: the idempotency key made by the phone. `at` None withdraws an earlier passing."""

    key: str
    departure: str
    stop: str
    kind: PassingKind
    at: datetime | None
    said_by: str
    said_at: datetime


def check_moment(at: datetime | None, planned: datetime, now: datetime) -> None:
    """Checks a moment: aware, not in the future, near the planned one. Raises Invalid (`bad-passing`)."""
    if at is None:
        return
    allowed = f"a moment with an offset, from {planned - EARLIEST} to {min(planned + LATEST, now + CLOCKS_APART)}"
    if at.tzinfo is None or not planned - EARLIEST <= at <= planned + LATEST or at > now + CLOCKS_APART:
        raise Invalid(
            "bad-passing", f"a bus planned at {planned} cannot have passed at {at}", given=at, allowed=allowed
        )
