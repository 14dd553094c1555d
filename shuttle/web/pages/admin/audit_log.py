"""The audit log as shown to administrators: person, act, subject and details in the reader's language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from shuttle.domain.timetable.departures import Schedule
from shuttle.language import Words
from shuttle.language.findings import trip_text
from shuttle.store.operation.audit_log import latest_entries, people_and_entries
from shuttle.store.ridership.trials import trials
from shuttle.store.tables.operation import AuditLogRow

ENTRIES_SHOWN = 50
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, kw_only=True)
class AuditLine:
    """An entry in words; `details`: names and values."""

    at: datetime
    person: str
    act: str
    subject: str
    details: tuple[tuple[str, str], ...]


def audit_log_page(
    session: Session, words: Words, schedule: Schedule, who: str, act: str, before: int | None
) -> dict[str, object]:
    """Template values of the log: the latest ENTRIES_SHOWN entries before a row, filtered by person and act where these exist."""
    names, kinds = people_and_entries(session)
    who, act = who if who in names else "", act if act in kinds else ""
    entries = latest_entries(session, ENTRIES_SHOWN, before, who, act)
    is_full = len(entries) == ENTRIES_SHOWN
    older = urlencode({"who": who, "act": act, "before": entries[-1].row}) if is_full else ""
    everything = ("", words.say("admin.all"))
    return {
        "acts": audit_lines(entries, words, schedule, _questions(session)),
        "older": f"/admin?{older}" if older else "",
        "who": who,
        "act_chosen": act,
        "people_named": [everything, *((name, name) for name in names)],
        "acts_named": [everything, *((kind, entry_name(kind, words)) for kind in kinds)],
    }


def audit_lines(
    entries: list[AuditLogRow], words: Words, schedule: Schedule, questions: Mapping[str, str]
) -> list[AuditLine]:
    """The entries in words, in the same order. `questions`: a trial's id -> its question."""
    named = _Names(words, schedule, questions)
    return [
        AuditLine(
            at=entry.at,
            person=_person(entry, words),
            act=entry_name(entry.act, words),
            subject=named.subject(entry),
            details=named.details(entry),
        )
        for entry in entries
    ]


def entry_name(act: str, words: Words) -> str:
    """An act in words; its code where no text exists, as for one that a newer program wrote."""
    return words.say(f"act.{act}") if words.knows(f"act.{act}") else act.replace("-", " ")


def _person(entry: AuditLogRow, words: Words) -> str:
    """The program's own actors in words; names of people unchanged."""
    key = f"acting.{entry.person}"
    return words.say(key) if words.knows(key) else entry.person


NAMED_IN_DETAILS = frozenset(
    {"create-token", "revoke-token", "add-tablet", "pair-tablet", "revoke-tablet", "revoke-phone", "rename-account"}
)
"""Acts whose subject is an id, or an old name, and whose name stands in the details."""
NAMELESS = frozenset({"ask-plan", "cancel-plan", "restart-plan"})
"""Acts whose subject is a random id of something without a name."""


@dataclass(frozen=True)
class _Names:
    """Names for people in place of ids: of stops, trips, kinds of day, timetables, trials and findings."""

    words: Words
    schedule: Schedule
    questions: Mapping[str, str]

    def subject(self, entry: AuditLogRow) -> str:
        if entry.act in NAMED_IN_DETAILS and entry.details.get("name") and entry.act != "rename-account":
            return str(entry.details["name"])
        if entry.act in NAMELESS:
            return ""
        if entry.act.endswith("-departure") or entry.act == "withdraw-change":
            return self.text(str(entry.details.get("trip") or ""))
        return self.text(entry.subject)

    def details(self, entry: AuditLogRow) -> tuple[tuple[str, str], ...]:
        shown = (
            (name, value)
            for name, value in entry.details.items()
            if value not in (None, "", [])
            and not (name == "name" and entry.act in NAMED_IN_DETAILS and entry.act != "rename-account")
            and not (name == "trip" and self.subject(entry) == self.text(str(value)))
        )
        return tuple((_label(name, self.words), self.value(name, value)) for name, value in shown)

    def value(self, name: str, value: Any) -> str:
        if isinstance(value, list):
            return ", ".join(self.value(name, each) for each in value)
        if isinstance(value, int) and not isinstance(value, bool):
            return self.words.number(value)
        key = f"{name}.{value}"
        return self.words.say(key) if self.words.knows(key) else self.text(str(value))

    def text(self, text: str) -> str:
        """A name for an id or a date; any other text unchanged, since names that people chose stand in the log too."""
        day = _date(text)
        if day is not None:
            return self.words.date_short(day)
        if text in self.questions:
            return self.questions[text]
        if text in self.schedule.timetable_by_id:
            return self.schedule.timetable_by_id[text].name
        kinds = {kind.id: kind.names.of(self.words.language) for kind in self.schedule.calendar.day_types}
        if text in kinds:
            return kinds[text]
        timetable, slash, duty = text.partition("/")
        if slash and timetable in self.schedule.timetable_by_id:
            return f"{self.schedule.timetable_by_id[timetable].name}, {duty}"
        stop = self.schedule.network.stop_name(text, date.max)
        return stop if stop != text else trip_text(self.schedule, text, date.max, self.words)


def _questions(session: Session) -> dict[str, str]:
    return {trial.id: trial.question for trial in trials(session)}


def _label(name: str, words: Words) -> str:
    return words.say(f"detail.{name}") if words.knows(f"detail.{name}") else name


def _date(text: str) -> date | None:
    """The date that a text is; None for any other text, since names that people chose stand in the log too."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
