"""The installation's id, and its key for hashes of networks."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.store.tables.installation import InstallationRow


def installation_id(session: Session) -> str:
    """32 hexadecimal digits; never changes."""
    return session.scalars(select(InstallationRow.id)).one()


def network_key(session: Session) -> str:
    """32 hexadecimal digits; never shown."""
    return session.scalars(select(InstallationRow.network_key)).one()
