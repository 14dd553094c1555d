"""Components of iCalendar (RFC 5545): a calendar, its one time zone, its events and their moments.

The icalendar library escapes, folds and writes. Readers disagree about the rest, which is decided here: the time zone is two
yearly rules, a moment is wall time with TZID, and the hour that comes twice in autumn is written in UTC. Nothing depends on the
clock, so that an unchanged calendar is the same bytes tomorrow.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from unicodedata import category
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, Event, Parameters, vDate, vDatetime, vDuration, vText, vTime, vUri
from icalendar.parser import Contentline

from shuttle.domain.basics.service_time import DAY, LATEST, Minute, instant

OSLO = "Europe/Oslo"
IN_OSLO = b";%s:" % Parameters({"TZID": OSLO}).to_ical()

VTIMEZONE_OSLO = b"""\
BEGIN:VTIMEZONE
TZID:Europe/Oslo
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
""".replace(b"\n", b"\r\n")
"""Written out: the library's `add_missing_timezones()` lists dates, which some readers take an hour wrong, until 2038."""

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
"""LAST-MODIFIED of an event without a recorded change."""

AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Site:
    """The installation that a calendar comes from. `domain`: right-hand side of every UID; it never changes, even if the host does.

    `address`: scheme and host of the pages, without a slash at the end; "" where it is unknown.
    """

    domain: str = "shuttle"
    address: str = ""


SITE = Site()
"""Of a schedule outside every installation, as in an export of files."""


def calendar(name: str, about: str, language: str, zone: ZoneInfo, events: Iterable[bytes]) -> bytes:
    """A whole calendar (RFC 5545 3.4, RFC 7986 5): UTF-8 with CRLF. `events` are those that `event` wrote.

    It has no METHOD: PUBLISH would ask for an ORGANIZER (RFC 5546 3.2.1).
    """
    whole = Calendar()
    whole.add("VERSION", "2.0")
    whole.add("PRODID", f"-//shuttle//timetable//{language.upper()}")
    whole.add("CALSCALE", "GREGORIAN")
    for key, value in (("NAME", name), ("X-WR-CALNAME", name), ("DESCRIPTION", about), ("X-WR-CALDESC", about)):
        whole.add(key, _text(value))
    whole.add("REFRESH-INTERVAL", vDuration(AN_HOUR), {"VALUE": "DURATION"})
    whole.add("X-PUBLISHED-TTL", vDuration(AN_HOUR))
    zones = [VTIMEZONE_OSLO] if zone.key == OSLO else []
    return b"".join([_without_end(whole), *zones, *events, b"END:VCALENDAR\r\n"])


def event(uid: str, when: Iterable[bytes], body: bytes, site: Site = SITE, page: str = "") -> bytes:
    """A whole event. `uid`: a function of the event's subject; `when`: the lines of its moments.

    `page`: path and query of the page that shows it; its address is written where the site's is known.
    """
    lines = [_line("UID", vText(f"{uid}@{site.domain}"))]
    if page and site.address:
        lines.append(_line("URL", vUri(f"{site.address}{page}")))
    return b"".join([body, *lines, *when, b"END:VEVENT\r\n"])


def _line(name: str, value: vText | vUri) -> bytes:
    line = Contentline.from_parts(name, Parameters(), value)
    written = line.encode() if len(line) < 75 and line.isascii() else line.to_ical()  # a fold looks at each character
    return bytes(written) + b"\r\n"


def event_body(
    summary: str,
    location: str,
    lines: Iterable[str],
    *,
    cancelled: bool = False,
    busy: bool = True,
    changed_at: datetime | None = None,
    revision: int = 0,
    position: tuple[float, float] | None = None,
) -> bytes:
    """An event without what belongs to its date alone: one body serves many events.

    `changed_at`: its DTSTAMP and LAST-MODIFIED. `revision`: its SEQUENCE. `position`: latitude and longitude. A cancelled event
    is transparent (3.8.2.7): it blocks no time.
    """
    body = Event()
    body.add("DTSTAMP", changed_at or EPOCH)
    body.add("LAST-MODIFIED", changed_at or EPOCH)
    body.add("SEQUENCE", revision)
    for key, value in (("SUMMARY", summary), ("LOCATION", location), ("DESCRIPTION", "\n".join(lines))):
        if value:
            body.add(key, _text(value))
    if position:
        body.add("GEO", position)
    body.add("STATUS", "CANCELLED" if cancelled else "CONFIRMED")
    if cancelled or not busy:
        body.add("TRANSP", "TRANSPARENT")
    return _without_end(body)


def _without_end(component: Component) -> bytes:
    """The library's lines of a component up to its END: finished lines follow."""
    written: bytes = component.to_ical(sorted=False)
    return written.removesuffix(f"END:{component.name}\r\n".encode())


def _text(text: str) -> vText:
    """A TEXT value, without the control characters that the standard forbids (3.3.11)."""
    return vText(text if text.isprintable() else "".join(c for c in text if c == "\n" or category(c) != "Cc"))


@dataclass(frozen=True)
class Moments:
    """Writes the minutes of one service day as DTSTART and DTEND.

    On a day without a clock change it is plain wall time. Near one it is worked out from the instant. The hour that comes twice in
    autumn is written in UTC: wall time cannot tell the two apart, and readers disagree.
    """

    day: date
    zone: ZoneInfo

    def lines(self, starts: Minute, ends: Minute) -> list[bytes]:
        """Both lines of an event; one that takes no time has no end (DTEND has to be later, 3.8.2.2)."""
        if self._is_plain:
            first, last = self._wall(starts), self._wall(ends)
        else:
            first, last = self._instants(starts, ends)
        return [b"DTSTART%s\r\n" % first] if starts == ends else [b"DTSTART%s\r\n" % first, b"DTEND%s\r\n" % last]

    def _instants(self, starts: Minute, ends: Minute) -> tuple[bytes, bytes]:
        """In wall time where Oslo has that moment once, else both in UTC."""
        first, last = instant(self.day, starts, self.zone), instant(self.day, ends, self.zone)
        if self.zone.key != OSLO or _comes_twice(first) or _comes_twice(last):
            return b":" + vDatetime(first.astimezone(UTC)).to_ical(), b":" + vDatetime(last.astimezone(UTC)).to_ical()
        return IN_OSLO + vDatetime(first).to_ical(), IN_OSLO + vDatetime(last).to_ical()

    def _wall(self, minute: Minute) -> bytes:
        day = self._date if minute < DAY else vDate(self.day + timedelta(days=minute // DAY)).to_ical()
        return b"%s%sT%s" % (IN_OSLO, day, _time_of_day(minute % DAY))

    @cached_property
    def _is_plain(self) -> bool:
        return self.zone.key == OSLO and _has_one_offset(self.day)

    @cached_property
    def _date(self) -> bytes:
        return bytes(vDate(self.day).to_ical())


@cache
def _time_of_day(minute: Minute) -> bytes:
    return str(vTime(time(*divmod(minute, 60))).to_ical()).encode()


def _comes_twice(moment: datetime) -> bool:
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


@cache
def _has_one_offset(day: date) -> bool:
    """Whether Oslo's clocks stand still from the first to the last minute of a service day."""
    zone = ZoneInfo(OSLO)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset()
    return instant(day, 0, zone).utcoffset() == instant(day, LATEST, zone).utcoffset() == midnight
