"""Readers of calendars by other people, each giving the same plain thing: what a subscriber sees."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import icalendar
import recurring_ical_events
from ical.calendar_stream import IcsCalendarStream


@dataclass(frozen=True, order=True)
class Seen:
    """An event as a reader sees it; moments in UTC."""

    uid: str
    starts: datetime
    ends: datetime
    cancelled: bool
    summary: str


def by_recurring_ical_events(content: bytes) -> Iterator[Seen]:
    calendar = icalendar.Calendar.from_ical(content)
    for event in recurring_ical_events.of(calendar, skip_bad_series=False).between(date(2000, 1, 1), date(2100, 1, 1)):
        starts = event["DTSTART"].dt
        ends = event["DTEND"].dt if "DTEND" in event else starts
        yield Seen(
            str(event["UID"]),
            starts.astimezone(UTC),
            ends.astimezone(UTC),
            event.get("STATUS") == "CANCELLED",
            str(event["SUMMARY"]),
        )


def by_ical(content: bytes) -> Iterator[Seen]:
    """allenporter's `ical`: a parser of another family."""
    calendar = IcsCalendarStream.calendar_from_ics(content.decode())
    for event in calendar.timeline:
        starts, ends = event.start_datetime, event.end_datetime
        yield Seen(
            event.uid or "",
            starts.astimezone(UTC),
            ends.astimezone(UTC),
            str(event.status or "").endswith("CANCELLED"),
            event.summary or "",
        )


Reader = Callable[[bytes], Iterator[Seen]]
READERS: tuple[Reader, ...] = (by_recurring_ical_events, by_ical)
