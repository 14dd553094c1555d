"""Edits of facts, in and out of the database."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.timetable.fact_edits import FactEdit, FactKind
from shuttle.store.engine.rows import readable
from shuttle.store.tables.timetables import FactEditRow


def read_edits(session: Session) -> tuple[FactEdit, ...]:
    """Every edit that no later one has replaced, the earliest first."""
    query = select(FactEditRow).order_by(FactEditRow.version, FactEditRow.row)
    return tuple(readable(session.scalars(query), _edit))


def _edit(row: FactEditRow) -> FactEdit:
    if row.kind not in set(FactKind):
        raise Invalid("unknown-fact", f"{row.kind!r} is no kind of fact", given=row.kind, allowed=", ".join(FactKind))
    starts = None if row.first_start is None or row.last_start is None else (row.first_start, row.last_start)
    return FactEdit(
        version=row.version,
        at=row.at,
        kind=FactKind(row.kind),
        key=row.key,
        dates=Validity(row.first_date, row.last_date),
        starts=starts,
    )


def add_edits(session: Session, edits: Iterable[FactEdit]) -> None:
    """Add edits. One of the same fact, dates and minutes takes the place of the earlier one, so that the table stays small."""
    stored = list(session.scalars(select(FactEditRow)))
    rows = {_what(edit): row for row in stored for edit in readable([row], _edit)}
    for edit in edits:
        row = rows.get(_what(edit))
        if row is None:
            first_start, last_start = edit.starts or (None, None)
            row = FactEditRow(
                kind=edit.kind.value,
                key=edit.key,
                first_date=edit.dates.first,
                last_date=edit.dates.last,
                first_start=first_start,
                last_start=last_start,
            )
            session.add(row)
        row.version, row.at = edit.version, edit.at
    session.flush()


def _what(edit: FactEdit) -> tuple[object, ...]:
    return (edit.kind, edit.key, edit.dates, edit.starts)
