"""Time of day, as minutes of a service day.

A `Minute` counts from noon minus twelve hours of the service date: on the two nights when clocks change that is not
midnight, and so 10:00 is 600 on every day of the year and a trip past midnight is 1450, still on the date it belongs
to (the definition of time in GTFS). Only `instant` turns it into a moment, and only there a time zone is needed.
"""

import re
from datetime import date, datetime, time, timedelta, tzinfo

from shuttle.domain.errors import Invalid

Minute = int
"""Minutes after noon minus 12 h of the service date; 0 to 1799 (29:59)."""

DAY: Minute = 24 * 60
LATEST: Minute = 30 * 60 - 1

_CLOCK = re.compile(r"(?P<hour>\d{1,2})[:.]?(?P<minute>\d{2})")


def parse_clock(text: str) -> Minute:
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


def clock(minute: Minute) -> str:
    """Write a minute of the service day as `HH:MM`; past midnight the hours go on (`25:10`)."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def parse_date(text: str) -> date:
    """Read a date as `YYYY-MM-DD`. Raises Invalid with code `bad-date`."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass
    raise Invalid(
        "bad-date",
        f"the date {text!r} cannot be read; write year, month and day as 2026-05-14",
        given=text,
        allowed="YYYY-MM-DD",
    )


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
