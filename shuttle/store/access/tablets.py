"""Shared tablets in the database. All secrets are passed and stored as hashes."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person, Role
from shuttle.store.tables.access import CentreCodeRow, TabletRow


def add_tablet(session: Session, tablet: TabletRow) -> None:
    """Add a tablet that waits for pairing."""
    session.add(tablet)
    session.flush()


def waiting(session: Session, link_hash: str, at: datetime) -> TabletRow | None:
    """The tablet whose link is valid, without using it; None for any other."""
    return session.scalars(select(TabletRow).where(_waits(link_hash, at))).one_or_none()


def pair(session: Session, link_hash: str, secret_hash: str, at: datetime, ends_at: datetime) -> TabletRow | None:
    """Replace the link's secret by the tablet's own; None for an invalid link. Of two concurrent attempts one succeeds."""
    query = (
        update(TabletRow)
        .where(_waits(link_hash, at))
        .values(secret=secret_hash, paired_at=at, last_used_at=at, ends_at=ends_at)
        .returning(TabletRow)
    )
    return session.scalars(query).one_or_none()


def paired(session: Session, secret_hash: str, at: datetime) -> TabletRow | None:
    """The paired tablet, unless revoked or past its end; None for any other. The caller checks how long it was unused."""
    query = select(TabletRow).where(TabletRow.secret == secret_hash, TabletRow.paired_at.is_not(None), _in_use(at))
    return session.scalars(query).one_or_none()


def touch(session: Session, tablet_id: str, at: datetime) -> None:
    """Store the time of the latest use."""
    session.execute(update(TabletRow).where(TabletRow.id == tablet_id).values(last_used_at=at))


def tablets_in_use(session: Session, at: datetime) -> list[TabletRow]:
    """Paired tablets and those with a valid link, newest first."""
    query = select(TabletRow).where(_in_use(at)).order_by(TabletRow.created_at.desc(), TabletRow.id)
    return list(session.scalars(query))


def revoke(session: Session, tablet_id: str, at: datetime) -> TabletRow | None:
    """Revoke a tablet; None where no such tablet is in use."""
    query = update(TabletRow).where(TabletRow.id == tablet_id, _in_use(at)).values(revoked_at=at).returning(TabletRow)
    return session.scalars(query).one_or_none()


def revoke_by_secret(session: Session, secret_hash: str, at: datetime) -> None:
    """Revoke the tablet with that cookie secret, if any."""
    which = and_(TabletRow.secret == secret_hash, TabletRow.paired_at.is_not(None), TabletRow.revoked_at.is_(None))
    session.execute(update(TabletRow).where(which).values(revoked_at=at))


def centre_codes(session: Session) -> dict[str, str]:
    """A centre's stop -> the code that signs its tablets out."""
    return {row.stop: row.code for row in session.scalars(select(CentreCodeRow))}


def set_code(session: Session, stop: str, code: str) -> None:
    """Give a centre another code."""
    session.merge(CentreCodeRow(stop=stop, code=code))
    session.flush()


def person_of(tablet: TabletRow) -> Person:
    """The tablet as the acting person: staff of its centre."""
    return Person(f"tablet:{tablet.id}", tablet.name, Role.STAFF, tablet.stop)


def _in_use(at: datetime) -> ColumnElement[bool]:
    return and_(TabletRow.revoked_at.is_(None), TabletRow.ends_at > at)


def _waits(link_hash: str, at: datetime) -> ColumnElement[bool]:
    return and_(TabletRow.secret == link_hash, TabletRow.paired_at.is_(None), _in_use(at))
