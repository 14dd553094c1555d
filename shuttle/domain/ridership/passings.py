"""When a departure really left a stop, or was there: one tap of the driver, the ground for better running times.

A passing is said, never edited: the last one said of a departure, stop and kind holds, and one without a moment takes it
back. It is about the bus, never about who was on it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import CLOCKS_APART

EARLIEST = timedelta(hours=3)
LATEST = timedelta(hours=12)


class PassingKind(StrEnum):
    LEFT = "left"
    ARRIVED = "arrived"


@dataclass(frozen=True, kw_only=True)
class Passing:
    """`key` is the idempotency key that the phone made; `at` None takes an earlier passing back."""

    key: str
    departure: str
    stop: str
    kind: PassingKind
    at: datetime | None
    said_by: str
    said_at: datetime


def check_moment(at: datetime | None, planned: datetime, now: datetime) -> None:
    """Raises Invalid (`bad-passing`) for a moment without an offset, in the future, or far from the planned one."""
    if at is None:
        return
    allowed = f"a moment with an offset, from {planned - EARLIEST} to {min(planned + LATEST, now + CLOCKS_APART)}"
    if at.tzinfo is None or not planned - EARLIEST <= at <= planned + LATEST or at > now + CLOCKS_APART:
        raise Invalid(
            "bad-passing", f"a bus planned at {planned} cannot have passed at {at}", given=at, allowed=allowed
        )
