"""iCalendar (RFC 5545) as text: lines, escapes, moments and the one time zone.

Written by hand, since what readers make of a calendar hangs on details that libraries get wrong: the time zone's rules are
yearly rules and nothing else, a moment is wall time with TZID, and nothing here depends on the clock, so that an unchanged
calendar is the same bytes tomorrow.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property, lru_cache
from zoneinfo import ZoneInfo

from shuttle.domain.clock import DAY, LATEST, Minute, instant

OSLO = "Europe/Oslo"

VTIMEZONE_OSLO = """\
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
"""

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
"""The last change of what has no record of one."""


def escaped(text: str) -> str:
    """A TEXT value (3.3.11): backslash, semicolon, comma and newline escaped; other control characters left out."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r\n", "\n").replace("\n", "\\n")
    return text if text.isprintable() else "".join(c for c in text if c >= " " and c != "\x7f")


def folded(line: str) -> str:
    """A content line (3.1): at most 75 octets a physical line, never cut inside a character."""
    if len(line) <= 75 and (line.isascii() or len(line.encode()) <= 75):
        return line
    lines, current, octets = [], "", 0
    for character in line:
        width = len(character.encode())
        if octets + width > 75:
            lines.append(current)
            current, octets = " ", 1
        current += character
        octets += width
    return "\n".join([*lines, current])


def text_line(name: str, value: str) -> str:
    """A property with a TEXT value, folded, with its line end."""
    return folded(f"{name}:{escaped(value)}") + "\n"


def utc_stamp(moment: datetime | None) -> str:
    """`20260514T090000Z`; EPOCH where no moment is known."""
    return _stamped((moment or EPOCH).astimezone(UTC))


@lru_cache(maxsize=1024)
def _stamped(moment: datetime) -> str:
    """Takes UTC only: two moments of a zone that differ by their fold alone are equal, and would share an answer."""
    return moment.strftime("%Y%m%dT%H%M%SZ")


@cache
def _wall(minute: Minute) -> str:
    return f"{minute // 60:02d}{minute % 60:02d}00"


@dataclass(frozen=True)
class Moments:
    """Writes the minutes of one service day as DTSTART and DTEND.

    On a day without a clock change that is plain wall time; near one it goes by way of the instant, and the hour that
    comes twice in autumn is written in UTC: wall time cannot say which of the two is meant, and readers disagree.
    """

    day: date
    zone: ZoneInfo

    def lines(self, starts: Minute, ends: Minute) -> str:
        """Both lines of an event; one that takes no time has no end (DTEND has to be later, 3.8.2.2)."""
        begins, finishes = self._values(starts, ends)
        return f"DTSTART{begins}\n" if starts == ends else f"DTSTART{begins}\nDTEND{finishes}\n"

    def _values(self, starts: Minute, ends: Minute) -> tuple[str, str]:
        if self._is_plain:
            return f";TZID={OSLO}:{self._plain(starts)}", f";TZID={OSLO}:{self._plain(ends)}"
        first, last = instant(self.day, starts, self.zone), instant(self.day, ends, self.zone)
        if self.zone.key != OSLO or _comes_twice(first) or _comes_twice(last):
            return f":{utc_stamp(first)}", f":{utc_stamp(last)}"
        return f";TZID={OSLO}:{first:%Y%m%dT%H%M%S}", f";TZID={OSLO}:{last:%Y%m%dT%H%M%S}"

    @cached_property
    def _is_plain(self) -> bool:
        return self.zone.key == OSLO and _has_one_offset(self.day)

    @cached_property
    def _date(self) -> str:
        return self.day.strftime("%Y%m%dT")

    def _plain(self, minute: Minute) -> str:
        if minute < DAY:
            return self._date + _wall(minute)
        return (self.day + timedelta(days=minute // DAY)).strftime("%Y%m%dT") + _wall(minute % DAY)


def _comes_twice(moment: datetime) -> bool:
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


@cache
def _has_one_offset(day: date) -> bool:
    """Whether Oslo's clocks stand still from the first to the last minute of a service day."""
    zone = ZoneInfo(OSLO)
    return instant(day, 0, zone).utcoffset() == instant(day, LATEST, zone).utcoffset() == _midnight_offset(day, zone)


def _midnight_offset(day: date, zone: ZoneInfo) -> timedelta | None:
    return datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset()


def calendar(name: str, about: str, language: str, zone: ZoneInfo, events: Iterable[str]) -> bytes:
    """A whole calendar (RFC 5545 3.4, RFC 7986 5): UTF-8 with CRLF. `events` are texts from BEGIN to END:VEVENT."""
    head = "".join(
        (
            "BEGIN:VCALENDAR\nVERSION:2.0\n",
            f"PRODID:-//shuttle//timetable//{language.upper()}\n",
            "CALSCALE:GREGORIAN\nMETHOD:PUBLISH\n",
            text_line("NAME", name),
            text_line("X-WR-CALNAME", name),
            text_line("DESCRIPTION", about),
            text_line("X-WR-CALDESC", about),
            "REFRESH-INTERVAL;VALUE=DURATION:PT1H\nX-PUBLISHED-TTL:PT1H\n",
            VTIMEZONE_OSLO if zone.key == OSLO else "",
        )
    )
    return f"{head}{''.join(events)}END:VCALENDAR\n".replace("\n", "\r\n").encode()
