"""The record of acts in the reader's language: who, what, upon what, and with which details."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from shuttle.language import Words
from shuttle.store.operation.audit_log import latest_entries, people_and_entries
from shuttle.store.tables.operation import ActRow

ACTS_SHOWN = 50
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, kw_only=True)
class AuditLine:
    """An act, said; `details`: names and values in words."""

    at: datetime
    person: str
    act: str
    subject: str
    details: tuple[tuple[str, str], ...]


def record_shown(session: Session, words: Words, who: str, act: str, before: int | None) -> dict[str, object]:
    """What the page shows of the record: the latest acts before a line of it, of one person or of one kind alone where known."""
    names, kinds = people_and_entries(session)
    who, act = who if who in names else "", act if act in kinds else ""
    acts = latest_entries(session, ACTS_SHOWN, before, who, act)
    further = urlencode({"who": who, "act": act, "before": acts[-1].row}) if len(acts) == ACTS_SHOWN else ""
    everything = ("", words.say("admin.all"))
    return {
        "acts": audit_lines(acts, words),
        "older": f"/admin?{further}" if further else "",
        "who": who,
        "act_chosen": act,
        "people_named": [everything, *((name, name) for name in names)],
        "acts_named": [everything, *((kind, entry_name(kind, words)) for kind in kinds)],
    }


def audit_lines(acts: list[ActRow], words: Words) -> list[AuditLine]:
    """In the order given."""
    return [
        AuditLine(
            at=act.at,
            person=_who(act, words),
            act=entry_name(act.act, words),
            subject=act.subject,
            details=_details(act.details, words),
        )
        for act in acts
    ]


def entry_name(act: str, words: Words) -> str:
    """An act in words, or its own name where nobody has put it in words: a newer program may have written it."""
    return words.say(f"act.{act}") if words.knows(f"act.{act}") else act.replace("-", " ")


def _who(act: ActRow, words: Words) -> str:
    """The program's own names in words; those of people as they are."""
    key = f"acting.{act.person}"
    return words.say(key) if words.knows(key) else act.person


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
    """None where it only looks like one: what people named themselves stands in the record, too."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
