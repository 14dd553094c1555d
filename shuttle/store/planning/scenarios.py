"""Saved scenarios in and out of the database. A revision is added and never changed."""

from sqlalchemy import and_, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shuttle.domain.basics.errors import NotFound, Refused
from shuttle.store.tables.planning import ScenarioRow


def latest(session: Session) -> list[ScenarioRow]:
    """The last revision of each scenario, what was saved last first."""
    last = select(ScenarioRow.scenario, func.max(ScenarioRow.revision).label("revision"))
    newest = last.group_by(ScenarioRow.scenario).subquery()
    same = and_(ScenarioRow.scenario == newest.c.scenario, ScenarioRow.revision == newest.c.revision)
    query = select(ScenarioRow).join(newest, same).order_by(ScenarioRow.saved_at.desc(), ScenarioRow.scenario)
    return list(session.scalars(query))


def revisions(session: Session, scenario: str) -> list[ScenarioRow]:
    """Every revision of a scenario, the newest first; none where nobody saved it."""
    query = select(ScenarioRow).where(ScenarioRow.scenario == scenario).order_by(ScenarioRow.revision.desc())
    return list(session.scalars(query))


def revision(session: Session, scenario: str, number: int | None = None) -> ScenarioRow:
    """One revision, without a number the newest. Raises NotFound (`unknown-scenario`)."""
    for row in revisions(session, scenario):
        if number in (None, row.revision):
            return row
    given = scenario if number is None else f"{scenario} {number}"
    raise NotFound("unknown-scenario", f"no scenario {given!r} has been saved", given=given)


def add(session: Session, row: ScenarioRow) -> None:
    """Raises Refused (`saved-meanwhile`) where somebody else saved the same revision at the same moment."""
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise Refused(
            "saved-meanwhile", f"scenario {row.scenario} was saved by another at this moment", given=row.scenario
        ) from None
