"""Duty costs: paid minutes, and NOK with time-of-day supplements.

A supplement is paid on top of the hourly rate for the paid minutes within its window. Where windows of two supplements
overlap, both are paid. Rates are whole hundredths of a NOK per hour, so every cost is a whole number of units
(`UNITS_PER_NOK`), and a solver and a plain sum cannot differ by rounding.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.duties.duty import Duty, Piece, minutes_within
from shuttle.domain.duties.rules import RuleProfile
from shuttle.domain.timetable.network import Costs

UNITS_PER_NOK = 6000
"""Units of cost in one NOK: 100 hundredths times 60 minutes."""


@dataclass(frozen=True)
class PayWindow:
    """Extra pay from `starts` to `ends`, minutes of the service day, in hundredths of a NOK per hour."""

    starts: Minute
    ends: Minute
    per_hour: int


@dataclass(frozen=True)
class Pay:
    """Rates of pay on one day type: hundredths of a NOK per hour, and extra pay within windows.

    Without any rate (the default) a minute costs one unit: the cheapest duties are then those with the fewest paid minutes.
    """

    per_hour: int = 0
    windows: tuple[PayWindow, ...] = ()

    @property
    def in_nok(self) -> bool:
        return bool(self.per_hour or self.windows)

    def units(self, pieces: Iterable[Piece]) -> int:
        """The cost of the paid time, in units: 1/6000 NOK, or minutes where no rate is known."""
        pieces = tuple(pieces)
        minutes = sum(piece.minutes for piece in pieces)
        if not self.in_nok:
            return minutes
        extra = (window.per_hour * minutes_within(pieces, ((window.starts, window.ends),)) for window in self.windows)
        return minutes * self.per_hour + sum(extra)

    def nok(self, pieces: Iterable[Piece]) -> float:
        """The cost of the paid time in NOK; 0 where no rate is known."""
        return float(Fraction(self.units(pieces), UNITS_PER_NOK)) if self.in_nok else 0.0


def pay_on(costs: Costs, day_type: str) -> Pay:
    """The rates of a day type: the hourly rate, and the supplements that name the day type."""
    windows = tuple(
        PayWindow(starts, ends, _hundredths(supplement.nok_per_hour))
        for supplement in costs.supplements
        if day_type in supplement.day_types
        for starts, ends in supplement.windows
    )
    return Pay(_hundredths(costs.nok_per_driver_hour), windows)


def paid_minutes(duties: Iterable[Duty], profile: RuleProfile) -> int:
    """Paid minutes of a day's duties."""
    return sum(duty.paid_minutes(profile) for duty in duties)


def duties_nok(duties: Iterable[Duty], profile: RuleProfile, pay: Pay) -> float:
    """The cost of a day's duties in NOK, supplements included."""
    return pay.nok(piece for duty in duties for piece in duty.paid_pieces(profile))


def _hundredths(nok: float) -> int:
    return round(100 * nok)
