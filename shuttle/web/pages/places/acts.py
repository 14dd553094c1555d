"""The latest acts on facts in words, each with a button that undoes it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.facts.changes import FactGroup
from shuttle.language import Words
from shuttle.services.timetable.facts import fact_name
from shuttle.store.tables.facts import FactActRow
from shuttle.store.timetable.fact_acts import latest_acts

SHOWN = 10
OF_A_STOP = (FactGroup.STOP, FactGroup.OPENING_HOURS, FactGroup.SPECIAL_HOURS, FactGroup.PICTURE)


@dataclass(frozen=True, kw_only=True)
class FactAct:
    """An act. `stop`: the stop that it is about, else empty. `may_undo`: neither undone nor older than the date from which it holds."""

    id: str
    stop: str
    text: str
    made_by: str
    made_at: datetime
    first: date | None
    undone_by: str
    may_undo: bool


def fact_acts(session: Session, schedule: Schedule, today: date, words: Words) -> list[FactAct]:
    """The latest acts, the newest first."""
    return [_act(row, schedule, today, words) for row in latest_acts(session, SHOWN)]


def _act(row: FactActRow, schedule: Schedule, today: date, words: Words) -> FactAct:
    name = fact_name(schedule, FactGroup(row.kind), row.key)
    return FactAct(
        id=row.id,
        stop=row.key if row.kind in OF_A_STOP else "",
        text=words.say(f"places.act.{row.kind}", name=name),
        made_by=row.made_by,
        made_at=row.made_at,
        first=row.first_date,
        undone_by=row.undone_by,
        may_undo=row.undone_at is None and (row.first_date is None or row.first_date >= today),
    )
