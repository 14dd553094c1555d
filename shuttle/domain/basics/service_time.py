"""Service time: minutes of a service day, and the range of service dates.

A `Minute` counts from noon minus 12 hours of the service date (the definition of time in GTFS). So 10:00 is 600 on every
date, also when clocks change, and 00:10 after midnight is 1450 of the date before. Only `instant` needs a time zone.
A service date lies from `FIRST_DATE` to `LAST_DATE`: `service_date` and `parse_date` refuse other dates in input. Older
stored dates may lie outside, so arithmetic on them stops at the ends of the calendar (`days_after`) and never fails.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo

from shuttle.domain.basics.errors import Invalid

Minute = int
"""Minutes after noon minus 12 h of the service date; 0 to 1799 (29:59)."""

DAY: Minute = 24 * 60
LATEST: Minute = 30 * 60 - 1

FIRST_DATE = date(2000, 1, 1)
LAST_DATE = date(2100, 12, 31)
"""The first and the last service date that an input may name."""

DATES_ALLOWED = f"{FIRST_DATE} – {LAST_DATE}"

CLOCKS_APART = timedelta(minutes=10)
"""How far a phone's clock may run ahead of the server's; a later moment is in the future."""

_TIME_OF_DAY = re.compile(r"(?P<hour>\d{1,2})[:.]?(?P<minute>\d{2})")
_DATE = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_TYPED_DATE = re.compile(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})")


def parse_time_of_day(text: str) -> Minute:
    """Parse a typed time of day: `10:00`, `10.00`, `1000`, `930`, and `25:10` for past midnight. Raises Invalid (`bad-time`)."""
    match = _TIME_OF_DAY.fullmatch(text.strip())
    if match is None or int(match["minute"]) > 59 or int(match["hour"]) > 29:
        raise Invalid(
            "bad-time",
            f"the time {text!r} cannot be read; write hours and minutes, as 13:00, 13.00 or 1300 (29:59 at the latest)",
            given=text,
            allowed="13:00, 13.00 or 1300, at the latest 29:59",
        )
    return int(match["hour"]) * 60 + int(match["minute"])


def time_of_day_text(minute: Minute) -> str:
    """A minute of the service day as `HH:MM`; hours count on past midnight (`25:10`)."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def parse_date(text: str) -> date:
    """Parse a service date as people type it, `YYYY-MM-DD` or `D.M.YYYY`. Raises Invalid (`bad-date`, `date-outside`)."""
    return _date(text, (_DATE, _TYPED_DATE), "2026-05-14, or 14.05.2026", "YYYY-MM-DD or DD.MM.YYYY")


def parse_iso_date(text: str) -> date:
    """Parse a service date of a program, `YYYY-MM-DD` alone (ISO 8601). Raises Invalid (`bad-date`, `date-outside`)."""
    return _date(text, (_DATE,), "2026-05-14", "YYYY-MM-DD")


def _date(text: str, forms: Iterable[re.Pattern[str]], example: str, allowed: str) -> date:
    match = next((match for form in forms if (match := form.fullmatch(text.strip()))), None)
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"])) if match else None
    except ValueError:
        day = None
    if day is not None:
        return service_date(day)
    what = f"the date {text!r} cannot be read; write year, month and day as {example}"
    raise Invalid("bad-date", what, given=text, allowed=allowed)


def service_date(day: date) -> date:
    """The date itself. Raises Invalid (`date-outside`) unless it lies from `FIRST_DATE` to `LAST_DATE`."""
    if not FIRST_DATE <= day <= LAST_DATE:
        raise Invalid(
            "date-outside",
            f"the date {day} is no date of service; dates lie from {FIRST_DATE} to {LAST_DATE}",
            given=day.isoformat(),
            allowed=DATES_ALLOWED,
        )
    return day


def days_after(day: date, days: int) -> date:
    """The date `days` later (negative: earlier), limited to `date.min` and `date.max`."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


def instant(day: date, minute: Minute, zone: tzinfo) -> datetime:
    """The aware moment of `minute` of the service date `day`, with the zone's offset at that moment."""
    noon = datetime.combine(day, time(12), zone)
    elapsed = timedelta(minutes=minute - 12 * 60)
    return datetime.fromtimestamp((noon.timestamp() + elapsed.total_seconds()), zone)


def minute_at(moment: datetime, day: date, zone: tzinfo) -> Minute:
    """The minute of the service date `day` at an aware moment, rounded down: the inverse of `instant`."""
    noon = datetime.combine(day, time(12), zone)
    return 12 * 60 + int((moment.timestamp() - noon.timestamp()) // 60)


def dates(first: date, last: date) -> list[date]:
    """Every date from `first` to `last`, both included; empty when `last` lies before `first`."""
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]
