"""Time of day, as minutes of a service day; and which dates a service day may have.

A `Minute` counts from noon minus twelve hours of the service date: on the two nights when clocks change that is not
midnight, and so 10:00 is 600 on every day of the year and a trip past midnight is 1450, still on the date it belongs
to (the definition of time in GTFS). Only `instant` turns it into a moment, and only there a time zone is needed.

A date of service lies from `FIRST_DATE` to `LAST_DATE`. Whatever comes in is held to that (`service_date`, `parse_date`). What was
stored before this rule is not: arithmetic on stored dates ends at the ends of the calendar (`days_after`) and never fails.
"""

import re
from datetime import date, datetime, time, timedelta, tzinfo

from shuttle.domain.basics.errors import Invalid

Minute = int
"""Minutes after noon minus 12 h of the service date; 0 to 1799 (29:59)."""

DAY: Minute = 24 * 60
LATEST: Minute = 30 * 60 - 1

FIRST_DATE = date(2000, 1, 1)
LAST_DATE = date(2100, 12, 31)
"""The first and the last date of service that anybody may name."""

DATES_ALLOWED = f"{FIRST_DATE} – {LAST_DATE}"

CLOCKS_APART = timedelta(minutes=10)
"""How far the clock of a phone may run ahead of the server's; a moment later than that is in the future."""

_CLOCK = re.compile(r"(?P<hour>\d{1,2})[:.]?(?P<minute>\d{2})")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_time_of_day(text: str) -> Minute:
    """Read a time of day as people type it: `10:00`, `10.00`, `1000`, `930`, and `25:10` for past midnight.

    Raises Invalid with code `bad-time`.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None or int(match["minute"]) > 59 or int(match["hour"]) > 29:
        raise Invalid(
            "bad-time",
            f"the time {text!r} cannot be read; write hours and minutes, as 13:00, 13.00 or 1300 (29:59 at the latest)",
            given=text,
            allowed="13:00, 13.00 or 1300, at the latest 29:59",
        )
    return int(match["hour"]) * 60 + int(match["minute"])


def time_of_day_text(minute: Minute) -> str:
    """Write a minute of the service day as `HH:MM`; past midnight the hours go on (`25:10`)."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def parse_date(text: str) -> date:
    """Read a date of service as `YYYY-MM-DD`. Raises Invalid (`bad-date`, `date-outside`)."""
    try:
        day = date.fromisoformat(text.strip()) if _DATE.fullmatch(text.strip()) else None
    except ValueError:
        day = None
    if day is not None:
        return service_date(day)
    raise Invalid(
        "bad-date",
        f"the date {text!r} cannot be read; write year, month and day as 2026-05-14",
        given=text,
        allowed="YYYY-MM-DD",
    )


def service_date(day: date) -> date:
    """Give the date back. Raises Invalid (`date-outside`) unless it lies from `FIRST_DATE` to `LAST_DATE`."""
    if not FIRST_DATE <= day <= LAST_DATE:
        raise Invalid(
            "date-outside",
            f"the date {day} is no date of service; dates lie from {FIRST_DATE} to {LAST_DATE}",
            given=day.isoformat(),
            allowed=DATES_ALLOWED,
        )
    return day


def days_after(day: date, days: int) -> date:
    """The date so many days later (negative: earlier), or the calendar's own first or last date where that lies beyond it."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


def instant(day: date, minute: Minute, zone: tzinfo) -> datetime:
    """The moment at which `minute` of the service date `day` falls, with the zone's offset at that moment."""
    noon = datetime.combine(day, time(12), zone)
    elapsed = timedelta(minutes=minute - 12 * 60)
    return datetime.fromtimestamp((noon.timestamp() + elapsed.total_seconds()), zone)


def minute_at(moment: datetime, day: date, zone: tzinfo) -> Minute:
    """The minute of the service date `day` at an aware moment: `instant` backwards, whole minutes, rounded down."""
    noon = datetime.combine(day, time(12), zone)
    return 12 * 60 + int((moment.timestamp() - noon.timestamp()) // 60)


def dates(first: date, last: date) -> list[date]:
    """Every date from `first` to `last`, both included; none when `last` lies before `first`."""
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]
