"""Table of the installation itself."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class InstallationRow(Base):
    """One row for ever, made with the table: a random name, which no address, host or restart changes."""

    __tablename__ = "installation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
