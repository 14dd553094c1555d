"""The audit log as shown to administrators: person, act, subject and details in the reader's language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from shuttle.language import Words
from shuttle.store.operation.audit_log import latest_entries, people_and_entries
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


def audit_log_page(session: Session, words: Words, who: str, act: str, before: int | None) -> dict[str, object]:
    """Template values of the log: the latest ENTRIES_SHOWN entries before a row, filtered by person and act where these exist."""
    names, kinds = people_and_entries(session)
    who, act = who if who in names else "", act if act in kinds else ""
    entries = latest_entries(session, ENTRIES_SHOWN, before, who, act)
    is_full = len(entries) == ENTRIES_SHOWN
    older = urlencode({"who": who, "act": act, "before": entries[-1].row}) if is_full else ""
    everything = ("", words.say("admin.all"))
    return {
        "acts": audit_lines(entries, words),
        "older": f"/admin?{older}" if older else "",
        "who": who,
        "act_chosen": act,
        "people_named": [everything, *((name, name) for name in names)],
        "acts_named": [everything, *((kind, entry_name(kind, words)) for kind in kinds)],
    }


def audit_lines(entries: list[AuditLogRow], words: Words) -> list[AuditLine]:
    """The entries in words, in the same order."""
    return [
        AuditLine(
            at=entry.at,
            person=_person(entry, words),
            act=entry_name(entry.act, words),
            subject=entry.subject,
            details=_details(entry.details, words),
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


def _details(details: Mapping[str, Any], words: Words) -> tuple[tuple[str, str], ...]:
    return tuple(
        (words.say(f"detail.{name}") if words.knows(f"detail.{name}") else name, _value(name, value, words))
        for name, value in details.items()
        if value not in (None, "", [])
    )


def _value(name: str, value: Any, words: Words) -> str:
    if isinstance(value, list):
        return ", ".join(_value(name, each, words) for each in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return words.number(value)
    key = f"{name}.{value}"
    if words.knows(key):
        return words.say(key)
    day = _date(str(value))
    return words.date_short(day) if day else str(value)


def _date(text: str) -> date | None:
    """The date that a text is; None for any other text, since names that people chose stand in the log too."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
