"""Table of released figures: what has once left the house, as it left."""

import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class ReleaseRow(Base):
    """One fortnight, decided once. `total` null and parts null: hidden. `breakdowns`: name -> part -> number or null, and
    under `not_counted`: name -> parts that nobody counted (older rows have them as 0)."""

    __tablename__ = "releases"

    first: Mapped[datetime.date] = mapped_column(primary_key=True)
    last: Mapped[datetime.date]
    frozen_at: Mapped[datetime.datetime]
    threshold: Mapped[int]
    total: Mapped[int | None]
    breakdowns: Mapped[dict[str, Any]]
    departures_run: Mapped[int]
    departures_counted: Mapped[int]
