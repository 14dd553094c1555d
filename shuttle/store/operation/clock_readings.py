"""Readings of the wall clock in the database, and a leap of it that waits for confirmation."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shuttle.store.tables.operation import ClockReadingRow

_ONLY = 1


@dataclass(frozen=True)
class Leap:
    """A leap of the wall clock: what it should have shown, and what it showed."""

    expected: datetime
    shown: datetime


@dataclass(frozen=True)
class ClockReading:
    """The last reading, and the first leap since the last confirmation; None: none."""

    read_at: datetime
    leap: Leap | None = None


def reading(session: Session) -> ClockReading | None:
    """The last reading; None before the first."""
    row = session.get(ClockReadingRow, _ONLY)
    if row is None:
        return None
    leap = Leap(row.leapt_from, row.leapt_to) if row.leapt_from is not None and row.leapt_to is not None else None
    return ClockReading(row.read_at, leap)


def put_reading(session: Session, now: ClockReading) -> None:
    """Replace the last reading."""
    row = session.get(ClockReadingRow, _ONLY)
    if row is None:
        row = ClockReadingRow(row=_ONLY)
        session.add(row)
    row.read_at = now.read_at
    row.leapt_from = now.leap.expected if now.leap else None
    row.leapt_to = now.leap.shown if now.leap else None
    session.flush()
