"""Counts, in and out of the database."""

from collections.abc import Sequence

from sqlalchemy.orm import Session


def departures_with_counts(_session: Session, _departure_ids: Sequence[str]) -> set[str]:
    """Those of the departures on which somebody has been counted; none, as long as nothing is counted."""
    return set()
