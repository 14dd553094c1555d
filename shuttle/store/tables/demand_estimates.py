"""Table of demand as it was estimated from counts, night by night."""

import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class DemandEstimateRow(Base):
    """The estimate of a night, from the counts of `first` to `last`. `pairs`: documents of `services.demand_estimates`."""

    __tablename__ = "demand_estimates"

    night: Mapped[datetime.date] = mapped_column(primary_key=True)
    first: Mapped[datetime.date]
    last: Mapped[datetime.date]
    made_at: Mapped[datetime.datetime]
    pairs: Mapped[list[Any]]
