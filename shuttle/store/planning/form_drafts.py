"""Unsaved inputs of planning forms in the database, by person and page; old ones are deleted."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shuttle.store.tables.planning import FormDraftRow


def put(session: Session, row: FormDraftRow, forget_before: datetime) -> None:
    """Store a person's inputs on a page in place of earlier ones, and delete all drafts older than `forget_before`."""
    session.merge(row)
    session.execute(delete(FormDraftRow).where(FormDraftRow.kept_at < forget_before))


def get(session: Session, person: str, page: str) -> FormDraftRow | None:
    """Stored inputs of the person on a page; None without any."""
    return session.get(FormDraftRow, (person, page))


def remove(session: Session, person: str, page: str) -> None:
    """Delete the person's inputs on a page."""
    session.execute(delete(FormDraftRow).where(FormDraftRow.person == person, FormDraftRow.form == page))
