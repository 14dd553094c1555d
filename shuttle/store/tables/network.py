"""Tables of the network: service and its details, stops, patterns, running times, vehicles and regular opening hours."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base, Dated, Sourced


class ServiceRow(Base):
    """One row: base stop, and the schedule version, which every transaction that changes the schedule raises.

    `changed_at`: when the version was raised, on a second of its own; null: never since the database was filled.
    """

    __tablename__ = "service"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    changed_at: Mapped[datetime | None]
    base_stop: Mapped[str] = mapped_column(String(80))


class ServiceDetailRow(Base):
    """A name, the agency, or a text at the foot of the pages, by key: `name.nb`, `agency.url`, `about.contact`."""

    __tablename__ = "service_details"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    text: Mapped[str] = mapped_column(String(4000))


class StopRow(Dated, Sourced, Base):
    """A stop while its validity lasts; `lat`, `lon` in degrees (WGS 84); `street`: the address."""

    __tablename__ = "stops"

    row: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(80), index=True)
    name: Mapped[str] = mapped_column(String(120))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    name_nn: Mapped[str] = mapped_column(String(120), default="")
    name_en: Mapped[str] = mapped_column(String(120), default="")
    street: Mapped[str] = mapped_column(String(200), default="")
    way: Mapped[str] = mapped_column(String(400), default="")
    wheelchair: Mapped[bool | None]
    quay: Mapped[str] = mapped_column(String(20), default="")
    mark: Mapped[int] = mapped_column(default=0, server_default="0")


class StopPictureRow(Base):
    """The picture of a stop. `content`: its bytes in base64, so that an act on it is kept as JSON like every other."""

    __tablename__ = "stop_pictures"

    stop: Mapped[str] = mapped_column(String(80), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(20))
    width: Mapped[int]
    height: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    alt: Mapped[str] = mapped_column(String(200))
    alt_nn: Mapped[str] = mapped_column(String(200), default="")
    alt_en: Mapped[str] = mapped_column(String(200), default="")
    content: Mapped[str] = mapped_column(Text)


class CostsRow(Dated, Sourced, Base):
    """Cost rates while they hold. `supplements`: name, day types, minutes, NOK per hour and provenance of each."""

    __tablename__ = "costs"

    row: Mapped[int] = mapped_column(primary_key=True)
    nok_per_driver_hour: Mapped[float]
    nok_per_km: Mapped[float]
    supplements: Mapped[list[Any]]


class PatternRow(Sourced, Base):
    """A pattern. `stops`: stop ids in order; `direction`: 0 or 1, as in GTFS."""

    __tablename__ = "patterns"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    headsign: Mapped[str] = mapped_column(String(120))
    direction: Mapped[int]
    stops: Mapped[list[Any]]


class RunningTimeRow(Dated, Sourced, Base):
    """Running time of a link. `bands`: pairs of the first minute of the day and the running minutes."""

    __tablename__ = "running_times"

    row: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(String(80))
    destination: Mapped[str] = mapped_column(String(80))
    bands: Mapped[list[Any]]
    km: Mapped[float | None]


class VehicleRow(Dated, Sourced, Base):
    """A vehicle while its validity lasts."""

    __tablename__ = "vehicles"

    row: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(80), index=True)
    seats: Mapped[int]
    wheelchair_places: Mapped[int]


class OpeningHoursRow(Dated, Sourced, Base):
    """Opening hours of a stop on a day type. `windows`: pairs of opening and closing minute; empty: closed."""

    __tablename__ = "opening_hours"

    row: Mapped[int] = mapped_column(primary_key=True)
    stop: Mapped[str] = mapped_column(String(80), index=True)
    day_type: Mapped[str] = mapped_column(String(80))
    windows: Mapped[list[Any]]
