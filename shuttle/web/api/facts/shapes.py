"""Requests and answers of the API of facts: provenance of a value, and the act that changed it."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, Field

from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.timetable.facts.changes import LONGEST_TEXT, Basis
from shuttle.services.timetable.facts import Moment
from shuttle.store.tables.facts import FactActRow
from shuttle.web.api.shapes import RequestBody, ServiceDate
from shuttle.web.server.state import state_of

SourceText = Annotated[str, Field(max_length=LONGEST_TEXT)]


class GivenBasis(RequestBody):
    """Start of validity and provenance of a value: a source, or `assumed` with the reason.

    `from` left out: the value is unchanged, and the source is stated for all of its dates.
    """

    from_: Annotated[ServiceDate | None, Field(alias="from")] = None
    source: SourceText = ""
    assumed: bool = False
    reason: Annotated[SourceText, Field(description="Why it is assumed")] = ""

    def basis(self) -> Basis:
        """Raises Invalid (`no-source`)."""
        return Basis(self.from_, Provenance(self.source.strip(), self.assumed, self.reason.strip()))


class FactActShape(BaseModel):
    """An act on a group of facts. `key`: the stop, link (`a b`), vehicle or pattern."""

    id: str
    kind: str
    key: str
    from_: Annotated[date | None, Field(alias="from")]
    made_by: str
    made_at: datetime
    undone_by: str | None
    undone_at: datetime | None


def act_document(row: FactActRow) -> dict[str, object]:
    """An act as its JSON document."""
    return {
        "id": row.id,
        "kind": row.kind,
        "key": row.key,
        "from": row.first_date.isoformat() if row.first_date else None,
        "made_by": row.made_by,
        "made_at": row.made_at.isoformat(),
        "undone_by": row.undone_by or None,
        "undone_at": row.undone_at.isoformat() if row.undone_at else None,
    }


def moment_of(request: Request) -> Moment:
    """The present of the service."""
    context = state_of(request).context
    return Moment(context.now(), context.today())
