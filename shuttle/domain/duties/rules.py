"""Working-time rules: limits on a driver's day and week, each with its paragraph.

A `RuleProfile` is one set of limits: the Act without agreement, or those of an agreement. A duty's *span* is from sign-on
to sign-off, breaks included; its *work* is the span without unpaid breaks. Limits on hours apply to work. The need for
breaks is measured on the span, the stricter reading: so no break can shorten a day below the length that requires it.
"""

from dataclasses import dataclass, fields

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import ALWAYS, UNSTATED, Provenance, Validity
from shuttle.domain.basics.service_time import DAY, Minute
from shuttle.domain.timetable.trips import check_id


@dataclass(frozen=True)
class RuleSource:
    """The paragraph behind a limit of a profile; `provenance` marks a limit that is our own choice."""

    rule: str
    paragraph: str
    provenance: Provenance = UNSTATED


@dataclass(frozen=True, kw_only=True)
class RuleProfile:
    """One set of working-time rules, in minutes; times of day are minutes of the service day.

    The defaults are arbeidsmiljøloven chapter 10 without agreement (last amended LOV-2026-06-19-33). A limit that the Act
    does not set has a default of our own, marked as assumed in the file of duty rules. Raises Invalid (`bad-duty-rule`).
    """

    id: str
    name: str
    longest_duty_minutes: int = 540
    """§ 10-4 (1): work in 24 hours."""
    longest_week_minutes: int = 2400
    """§ 10-4 (1): work in 7 days."""
    longest_week_minutes_with_sundays: int = 2280
    """§ 10-4 (4): the same for a driver who works at least every third Sunday or public holiday."""
    break_after_minutes: int = 330
    """§ 10-9 (1): a duty with a longer span has a break."""
    break_minutes: int = 15
    """Sum of breaks on such a duty."""
    shortest_break_minutes: int = 15
    """Shorter idle time is no break."""
    long_duty_minutes: int = 480
    """§ 10-9 (1): a duty with at least this span has `long_duty_break_minutes` of breaks in all."""
    long_duty_break_minutes: int = 30
    longest_break_minutes: int = 30
    """Largest sum of breaks: longer idle time is paid waiting."""
    longest_piece_minutes: int = 330
    """Work without a break."""
    breaks_are_paid: bool = False
    """§ 10-9 (1): a break is work when the worker cannot leave freely or has no proper break room."""
    daily_rest_minutes: int = 660
    """§ 10-8 (1)."""
    weekly_rest_minutes: int = 2100
    """§ 10-8 (2)."""
    night_starts: Minute = 21 * 60
    """§ 10-11 (1)."""
    night_ends: Minute = 6 * 60
    two_shift_starts: Minute = 6 * 60
    """§ 10-11 (1): a duty within two-shift hours is not night work."""
    two_shift_ends: Minute = DAY
    night_work: bool = False
    """§ 10-11 (2): night work is not allowed unless the nature of the work makes it necessary."""
    sunday_starts_day_before: Minute = 18 * 60
    """§ 10-10 (1)."""
    sunday_starts_eves: Minute = 15 * 60
    sunday_ends: Minute = 22 * 60
    sunday_work: bool = True
    """§ 10-10 (2): allowed where the nature of the work makes it necessary."""
    next_sunday_off: bool = True
    """§ 10-8 (4): a driver who worked on a Sunday or public holiday is off on the next one."""
    sign_on_minutes: int = 15
    sign_off_minutes: int = 15
    agreement: str = ""
    validity: Validity = ALWAYS
    provenance: Provenance = UNSTATED
    sources: tuple[RuleSource, ...] = ()

    def __post_init__(self) -> None:
        check_id(self.id, "rule profile")
        for name in MINUTE_RULES:
            value, (low, high) = getattr(self, name), limits_of(name)
            if not low <= value <= high:
                self._refuse(name, f"{name} is {value}", value, f"{low} to {high} minutes")
        for name, other in (
            ("shortest_break_minutes", "break_minutes"),
            ("break_minutes", "long_duty_break_minutes"),
            ("long_duty_break_minutes", "longest_break_minutes"),
            ("break_after_minutes", "long_duty_minutes"),
            ("longest_week_minutes_with_sundays", "longest_week_minutes"),
        ):
            if getattr(self, name) > getattr(self, other):
                self._refuse(
                    name, f"{name} is longer than {other}", getattr(self, name), f"at most {getattr(self, other)}"
                )

    def _refuse(self, rule: str, what: str, value: int, allowed: str) -> None:
        raise Invalid("bad-duty-rule", f"rule profile {self.id}: {what}", given=f"{rule} = {value}", allowed=allowed)

    @property
    def longest_span(self) -> int:
        """Longest span of a duty with all its permitted unpaid breaks, after which the driver is rested 24 h after sign-on."""
        unpaid = 0 if self.breaks_are_paid else self.longest_break_minutes
        return min(self.longest_duty_minutes + unpaid, DAY - self.daily_rest_minutes)

    def break_needed(self, span: int) -> int:
        """The least sum of breaks, in minutes, on a duty of that span."""
        if span >= self.long_duty_minutes:
            return self.long_duty_break_minutes
        return self.break_minutes if span > self.break_after_minutes else 0

    def break_allowed(self, span: int) -> int:
        """The largest sum of breaks, in minutes, on a duty of that span: 0 where no break is needed."""
        return self.longest_break_minutes if span > self.break_after_minutes else 0


MINUTE_RULES = tuple(field.name for field in fields(RuleProfile) if field.type is int)
"""Rules that are minutes or times of day, in the order of the Act."""

FLAG_RULES = tuple(field.name for field in fields(RuleProfile) if field.type is bool)
"""Rules that are true or false."""

CLOCK_RULES = frozenset(name for name in MINUTE_RULES if not name.endswith(("_minutes", "_minutes_with_sundays")))
"""Rules of `MINUTE_RULES` that are times of day, written as such in files."""

WEEK = 7 * DAY

_LIMITS = {
    "longest_duty_minutes": (60, DAY),
    "longest_week_minutes": (60, WEEK),
    "longest_week_minutes_with_sundays": (60, WEEK),
    "longest_piece_minutes": (30, DAY),
    "shortest_break_minutes": (1, DAY),
    "weekly_rest_minutes": (0, WEEK),
    "sign_on_minutes": (0, 240),
    "sign_off_minutes": (0, 240),
}


def limits_of(rule: str) -> tuple[int, int]:
    """Smallest and largest value of a rule of `MINUTE_RULES`."""
    return _LIMITS.get(rule, (0, DAY))


THE_ACT = RuleProfile(id="act", name="Arbeidsmiljøloven uten avtale")
"""The Act without agreement, by the defaults. Its paragraphs are in the file of duty rules."""
