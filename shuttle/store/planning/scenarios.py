"""Saved scenarios in the database. Revisions are append-only."""

from sqlalchemy import and_, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shuttle.domain.basics.errors import NotFound, Refused
from shuttle.store.tables.planning import ScenarioRow


def latest(session: Session) -> list[ScenarioRow]:
    """The latest revision of each scenario, the last saved first."""
    last = select(ScenarioRow.scenario, func.max(ScenarioRow.revision).label("revision"))
    newest = last.group_by(ScenarioRow.scenario).subquery()
    same = and_(ScenarioRow.scenario == newest.c.scenario, ScenarioRow.revision == newest.c.revision)
    query = select(ScenarioRow).join(newest, same).order_by(ScenarioRow.saved_at.desc(), ScenarioRow.scenario)
    return list(session.scalars(query))


def revisions(session: Session, scenario: str) -> list[ScenarioRow]:
    """All revisions of a scenario, newest first; empty for an unknown one."""
    query = select(ScenarioRow).where(ScenarioRow.scenario == scenario).order_by(ScenarioRow.revision.desc())
    return list(session.scalars(query))


def revision(session: Session, scenario: str, number: int | None = None) -> ScenarioRow:
    """One revision; without a number the latest. Raises NotFound (`unknown-scenario`)."""
    for row in revisions(session, scenario):
        if number in (None, row.revision):
            return row
    label = scenario if number is None else f"{scenario} {number}"
    raise NotFound("unknown-scenario", f"no scenario {label!r} has been saved", given=label)


def add(session: Session, row: ScenarioRow) -> None:
    """Add a revision. Raises Refused (`saved-meanwhile`) where another transaction added the same one."""
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise Refused(
            "saved-meanwhile", f"scenario {row.scenario} was saved by another at this moment", given=row.scenario
        ) from None
