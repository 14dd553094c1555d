"""Table of the installation."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class InstallationRow(Base):
    """The installation's random id: one row, inserted by its migration, independent of address, host and restart."""

    __tablename__ = "installation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    network_key: Mapped[str] = mapped_column(String(32))
    """Random key for hashes of clients' networks in logs; it never leaves the database."""
