"""The installation's own name."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.store.tables.installation import InstallationRow


def installation_id(session: Session) -> str:
    """32 hexadecimal digits, the same for ever."""
    return session.scalars(select(InstallationRow.id)).one()
