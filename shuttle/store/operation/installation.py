"""The installation's id."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.store.tables.installation import InstallationRow


def installation_id(session: Session) -> str:
    """32 hexadecimal digits; never changes."""
    return session.scalars(select(InstallationRow.id)).one()
