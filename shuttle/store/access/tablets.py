"""Tablets shared at a centre, in and out of the database. Whoever calls hands in hashes, never secrets."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person, Role
from shuttle.store.tables.access import TabletRow


def add_tablet(session: Session, tablet: TabletRow) -> None:
    session.add(tablet)
    session.flush()


def waiting(session: Session, link_hash: str, at: datetime) -> TabletRow | None:
    """The tablet whose link could be used now, without using it."""
    return session.scalars(select(TabletRow).where(_waits(link_hash, at))).one_or_none()


def pair(session: Session, link_hash: str, secret_hash: str, at: datetime, ends_at: datetime) -> TabletRow | None:
    """Put the tablet's own secret where its link's was; of two who try at once, one gets it."""
    query = (
        update(TabletRow)
        .where(_waits(link_hash, at))
        .values(secret=secret_hash, paired_at=at, last_used_at=at, ends_at=ends_at)
        .returning(TabletRow)
    )
    return session.scalars(query).one_or_none()


def paired(session: Session, secret_hash: str, at: datetime) -> TabletRow | None:
    """The tablet that is paired, not revoked and not past its end; how long it lay unused is the caller's to judge."""
    query = select(TabletRow).where(TabletRow.secret == secret_hash, TabletRow.paired_at.is_not(None), _in_use(at))
    return session.scalars(query).one_or_none()


def touch(session: Session, tablet_id: str, at: datetime) -> None:
    session.execute(update(TabletRow).where(TabletRow.id == tablet_id).values(last_used_at=at))


def tablets_in_use(session: Session, at: datetime) -> list[TabletRow]:
    """Tablets that are paired or whose link can still be used, the newest first."""
    query = select(TabletRow).where(_in_use(at)).order_by(TabletRow.created_at.desc(), TabletRow.id)
    return list(session.scalars(query))


def revoke(session: Session, tablet_id: str, at: datetime) -> TabletRow | None:
    """Revoke one that is in use, or None where there is no such tablet."""
    query = update(TabletRow).where(TabletRow.id == tablet_id, _in_use(at)).values(revoked_at=at).returning(TabletRow)
    return session.scalars(query).one_or_none()


def revoke_by_secret(session: Session, secret_hash: str, at: datetime) -> None:
    """Revoke the tablet whose cookie holds the secret, if it is one."""
    mine = and_(TabletRow.secret == secret_hash, TabletRow.paired_at.is_not(None), TabletRow.revoked_at.is_(None))
    session.execute(update(TabletRow).where(mine).values(revoked_at=at))


def person_of(tablet: TabletRow) -> Person:
    """The tablet as the one who asks: staff of its own centre."""
    return Person(f"tablet:{tablet.id}", tablet.name, Role.STAFF, tablet.stop)


def _in_use(at: datetime) -> ColumnElement[bool]:
    return and_(TabletRow.revoked_at.is_(None), TabletRow.ends_at > at)


def _waits(link_hash: str, at: datetime) -> ColumnElement[bool]:
    return and_(TabletRow.secret == link_hash, TabletRow.paired_at.is_(None), _in_use(at))
