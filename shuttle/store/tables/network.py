"""Tables of the network: stops, patterns, running times, vehicles, opening hours, and the service's one row of its own."""

from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base, Dated, Sourced


class ServiceRow(Base):
    """One row: the base stop, what service costs, and the version that every schedule-changing transaction raises."""

    __tablename__ = "service"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    base_stop: Mapped[str] = mapped_column(String(80))
    costs: Mapped[dict[str, Any]]


class StopRow(Dated, Sourced, Base):
    __tablename__ = "stops"

    row: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(80), index=True)
    name: Mapped[str] = mapped_column(String(120))
    lat: Mapped[float | None]
    lon: Mapped[float | None]


class PatternRow(Sourced, Base):
    __tablename__ = "patterns"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    headsign: Mapped[str] = mapped_column(String(120))
    direction: Mapped[int]
    stops: Mapped[list[Any]]


class RunningTimeRow(Dated, Sourced, Base):
    """`bands`: pairs of the first minute of the day and the running minutes."""

    __tablename__ = "running_times"

    row: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(String(80))
    destination: Mapped[str] = mapped_column(String(80))
    bands: Mapped[list[Any]]
    km: Mapped[float | None]


class VehicleRow(Dated, Sourced, Base):
    __tablename__ = "vehicles"

    row: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(80), index=True)
    seats: Mapped[int]
    wheelchair_places: Mapped[int]


class OpeningHoursRow(Dated, Sourced, Base):
    """`windows`: pairs of opening and closing minute; none is closed."""

    __tablename__ = "opening_hours"

    row: Mapped[int] = mapped_column(primary_key=True)
    stop: Mapped[str] = mapped_column(String(80), index=True)
    day_type: Mapped[str] = mapped_column(String(80))
    windows: Mapped[list[Any]]
