"""Tables of notifications: what each account chose to be told, and the queue of what is sent.

The queue does not copy e-mail addresses: the address is looked up when a mail is sent, so that one that was deleted gets none.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.access import AccountRow
from shuttle.store.tables.base import Base


class NotificationChoicesRow(Base):
    """The choices of an account. `kinds`: kind -> `when` and `since`; `hour`: local hour of the summary."""

    __tablename__ = "notification_choices"

    account: Mapped[str] = mapped_column(ForeignKey(AccountRow.id), primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column("lang", String(2))
    hour: Mapped[int]
    kinds: Mapped[dict[str, Any]]


class NotificationRow(Base):
    """A notification to one recipient. `key`: of what and to whom, so that it exists once; `batch`: what is sent together; `account` empty: to
    the webhook; `state`: waiting, sent, failed or expired; `claimed_until`: a worker is sending it; `failure`: code of the last failed try.
    """

    __tablename__ = "notifications"

    row: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(400), unique=True)
    batch: Mapped[str] = mapped_column(String(120), index=True)
    account: Mapped[str] = mapped_column(String(40), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12), index=True)
    made_at: Mapped[datetime]
    try_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    tries: Mapped[int]
    sent_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(String(60))
