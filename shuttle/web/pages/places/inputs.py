"""Inputs of the forms of facts: windows, dates, sources, as people type them.

A source is a text; with the tick for unconfirmed facts the same text is the reason of the assumption.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.datastructures import FormData

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.basics.service_time import DAY, Minute, parse_date, parse_time_of_day
from shuttle.domain.timetable.facts.changes import LONGEST_SPAN, Basis
from shuttle.domain.timetable.opening_hours import Window, check_windows

LONGEST = 400


@dataclass(frozen=True)
class Inputs:
    """The texts of a form, as they were sent."""

    form: FormData

    def text(self, name: str) -> str:
        return str(self.form.get(name, "")).strip()[:2000]

    def texts(self, name: str) -> list[str]:
        return [str(value).strip()[:40] for value in self.form.getlist(name)]

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Opening and closing times as typed: `<name>.opens` and `<name>.closes`, each several times."""
        return self.pairs_of(f"{name}.opens", f"{name}.closes")

    def pairs_of(self, one: str, other: str) -> tuple[tuple[str, str], ...]:
        """The texts of two inputs that stand several times side by side."""
        return tuple(zip(self.texts(one), self.texts(other), strict=False))

    def date(self, name: str) -> date | None:
        """Raises Invalid (`bad-date`, `date-outside`)."""
        return parse_date(text) if (text := self.text(name)) else None

    def basis(self) -> Basis:
        """Raises Invalid (`bad-date`, `date-outside`, `no-source`, `long-text`)."""
        source, assumed = self.text("source"), bool(self.text("assumed"))
        provenance = Provenance("", True, source) if assumed else Provenance(source)
        return Basis(self.date("from"), provenance)


def windows_of(pairs: Sequence[tuple[str, str]], whose: str) -> tuple[Window, ...]:
    """Windows of typed times; a pair without any text is none, and closing at 00:00 is midnight.

    Raises Invalid (`bad-time`, `half-a-window`, `bad-opening-hours`).
    """
    windows = []
    for opens, closes in pairs:
        if not opens and not closes:
            continue
        if not opens or not closes:
            value, allowed = f"{opens or '?'}–{closes or '?'}", "both times, or none for closed"
            raise Invalid("half-a-window", "opening or closing time is missing", given=value, allowed=allowed)
        windows.append((parse_time_of_day(opens), _closing(parse_time_of_day(closes))))
    windows.sort()
    check_windows(tuple(windows), whose)
    return tuple(windows)


def _closing(minute: Minute) -> Minute:
    return DAY if minute == 0 else minute


def identifier(name: str) -> str:
    """An id after a name: `MO Sentrum øst` -> `mo-sentrum-ost`; `stop` where no letter of the name can stand in an id."""
    plain = name.lower().replace("æ", "ae").replace("ø", "o").replace("å", "a")
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:70].strip("-") or "stop"


def span_of(first: date | None, last: date | None) -> list[date]:
    """The dates from the first to the last (left out: the first alone). Raises Invalid (`no-date`, `long-span`)."""
    if first is None:
        raise Invalid("no-date", "the date is missing", given="no date", allowed="a date from today on")
    days = ((last or first) - first).days + 1
    if not 1 <= days <= LONGEST_SPAN:
        value, allowed = f"{first} – {last}", f"1–{LONGEST_SPAN}"
        raise Invalid("long-span", "the dates are too many, or run backwards", given=value, allowed=allowed)
    return [first + timedelta(days=n) for n in range(days)]
