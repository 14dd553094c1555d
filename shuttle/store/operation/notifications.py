"""Notifications in the database: choices of accounts, and the queue.

A batch (the rows that are sent together) is claimed by a conditional update before it is sent, so that of several processes one sends it.
A claim ends by itself: a batch whose sender was killed is sent again, with the same identifier.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from shuttle.domain.access.notifications import Choice, NotificationChoices, NotificationKind, NotificationTime
from shuttle.domain.access.permissions import Person
from shuttle.store.access.people import person_of
from shuttle.store.engine.database import insert_into, is_postgres
from shuttle.store.tables.access import AccountRow
from shuttle.store.tables.notifications import NotificationChoicesRow, NotificationRow

WAITING, SENT, FAILED, EXPIRED = "waiting", "sent", "failed", "expired"
CLAIM = timedelta(minutes=5)
"""How long a sender may take."""


@dataclass(frozen=True, kw_only=True)
class Notification:
    """A notification of the queue; `account` empty: to the webhook; `data`: what it is about, as the webhook gets it."""

    key: str
    batch: str
    account: str
    kind: NotificationKind
    data: dict[str, Any]
    made_at: datetime
    try_at: datetime
    ends_at: datetime | None = None
    tries: int = 0


def choices_of(session: Session, account: str) -> NotificationChoices | None:
    """The choices of an account; None where it has none."""
    row = session.get(NotificationChoicesRow, account)
    return None if row is None else _choices(row)


def everybodys_choices(session: Session) -> list[tuple[Person, NotificationChoices]]:
    """The choices of all accounts that are not disabled."""
    query = select(AccountRow, NotificationChoicesRow).join(
        NotificationChoicesRow, NotificationChoicesRow.account == AccountRow.id
    )
    rows = session.execute(query.where(AccountRow.disabled_at.is_(None)).order_by(AccountRow.id))
    return [(person_of(account), _choices(row)) for account, row in rows]


def save_choices(session: Session, choices: NotificationChoices) -> None:
    """Store the choices in the place of the account's earlier ones."""
    session.merge(
        NotificationChoicesRow(
            account=choices.account,
            address=choices.address,
            language=choices.language,
            hour=choices.hour,
            kinds={
                kind.value: {"when": each.when.value, "since": each.since.isoformat()}
                for kind, each in choices.kinds.items()
            },
        )
    )
    session.flush()


def forget_account(session: Session, account: str) -> None:
    """Delete an account's address and choices, and what was or is to be sent to it."""
    session.execute(delete(NotificationChoicesRow).where(NotificationChoicesRow.account == account))
    session.execute(delete(NotificationRow).where(NotificationRow.account == account))


def forget_before(session: Session, moment: datetime) -> None:
    """Delete what was made before a moment and does not wait any more."""
    session.execute(delete(NotificationRow).where(NotificationRow.made_at < moment, NotificationRow.state != WAITING))


def add(session: Session, notifications: Iterable[Notification]) -> int:
    """Add notifications; one whose key exists already is left out. The number of new ones."""
    on_postgres, added = is_postgres(session.connection()), 0
    for each in notifications:
        statement = insert_into(NotificationRow, on_postgres).values(
            key=each.key,
            batch=each.batch,
            account=each.account,
            kind=each.kind.value,
            data=each.data,
            state=WAITING,
            made_at=each.made_at,
            try_at=each.try_at,
            ends_at=each.ends_at,
            tries=0,
            failure="",
        )
        row = session.scalar(statement.on_conflict_do_nothing().returning(NotificationRow.row))
        added += row is not None
    return added


def keys_among(session: Session, keys: list[str]) -> set[str]:
    """Those of the keys that the queue has."""
    stored: set[str] = set()
    for begin in range(0, len(keys), 500):  # SQLite's limit of variables
        some = keys[begin : begin + 500]
        stored |= set(session.scalars(select(NotificationRow.key).where(NotificationRow.key.in_(some))))
    return stored


def due_batches(session: Session, now: datetime) -> list[str]:
    """Batches that wait to be sent, the oldest first."""
    query = select(NotificationRow.batch, NotificationRow.row).where(_due(now)).order_by(NotificationRow.row)
    return list(dict.fromkeys(batch for batch, _ in session.execute(query)))


def claim(session: Session, batch: str, now: datetime) -> list[Notification]:
    """Claim a batch for sending, and count the try; empty where another process has it, or it was sent."""
    statement = (
        update(NotificationRow)
        .where(NotificationRow.batch == batch, _due(now))
        .values(claimed_until=now + CLAIM, tries=NotificationRow.tries + 1)
        .returning(NotificationRow)
        .execution_options(synchronize_session=False)
    )
    rows = sorted(session.scalars(statement), key=lambda row: row.row)
    return [_notification(row) for row in rows]


def end(session: Session, batch: str, state: str, now: datetime, failure: str = "") -> None:
    """End a claimed batch: SENT, FAILED or EXPIRED."""
    values: dict[str, Any] = {"state": state, "claimed_until": None, "failure": failure[:60]}
    if state == SENT:
        values["sent_at"] = now
    _update_waiting(session, batch, values)


def postpone(session: Session, batch: str, until: datetime, failure: str) -> None:
    """Let a claimed batch wait until its next try."""
    _update_waiting(session, batch, {"try_at": until, "claimed_until": None, "failure": failure[:60]})


def _update_waiting(session: Session, batch: str, values: dict[str, Any]) -> None:
    row = NotificationRow
    waiting = (row.batch == batch, row.state == WAITING)
    session.execute(update(row).where(*waiting).values(**values).execution_options(synchronize_session=False))


def _due(now: datetime) -> ColumnElement[bool]:
    """Waiting, its time has come, and nobody sends it. A claim that ends too late was made by a clock that has been set back since."""
    row = NotificationRow
    unclaimed = or_(row.claimed_until.is_(None), row.claimed_until <= now, row.claimed_until > now + 2 * CLAIM)
    return and_(row.state == WAITING, row.try_at <= now, unclaimed)


def _choices(row: NotificationChoicesRow) -> NotificationChoices:
    kinds = set(NotificationKind)
    return NotificationChoices(
        account=row.account,
        address=row.address,
        language=row.language,
        hour=row.hour,
        kinds={
            NotificationKind(kind): Choice(NotificationTime(each["when"]), datetime.fromisoformat(each["since"]))
            for kind, each in row.kinds.items()
            if kind in kinds  # of a newer program
        },
    )


def _notification(row: NotificationRow) -> Notification:
    return Notification(
        key=row.key,
        batch=row.batch,
        account=row.account,
        kind=NotificationKind(row.kind),
        data=row.data,
        made_at=row.made_at,
        try_at=row.try_at,
        ends_at=row.ends_at,
        tries=row.tries,
    )
