"""Form drafts: unsaved inputs of a planner, kept through a change of language and an ended session.

A draft belongs to one person and one page. It is no revision of a scenario: no other person sees it, and the audit log does not
record it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid
from shuttle.store.planning import form_drafts as store
from shuttle.store.tables.planning import FormDraftRow

KEPT = timedelta(days=30)
LONGEST = 300_000
"""Characters of a draft: more is no scenario."""

Inputs = Mapping[str, Sequence[str]]


def keep(session: Session, person: Person | None, page: str, inputs: Inputs, now: datetime) -> None:
    """Store the inputs (name -> texts) of a page. Raises Invalid (`draft-too-long`)."""
    person = allow(person, Action.PLAN)
    length = sum(len(name) + sum(map(len, texts)) for name, texts in inputs.items())
    if length > LONGEST:
        raise Invalid("draft-too-long", "the form is too long", given=str(length), allowed=f"{LONGEST} characters")
    document = {name: list(texts) for name, texts in inputs.items()}
    row = FormDraftRow(person=person.id[:120], form=page[:120], inputs=document, kept_at=now)
    store.put(session, row, now - KEPT)


def draft_of(session: Session, person: Person | None, page: str) -> FormDraftRow | None:
    """The draft of a page; None where there is none."""
    return store.get(session, allow(person, Action.PLAN).id[:120], page[:120])


def forget(session: Session, person: Person | None, page: str) -> None:
    """Delete the draft of a page."""
    store.remove(session, allow(person, Action.PLAN).id[:120], page[:120])
