"""The installation's id, and its key for hashes of networks."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shuttle.store.tables.installation import InstallationRow
from shuttle.store.tables.ridership import CountRow, HourSumRow, ObservationRow, TripSumRow


def installation_id(session: Session) -> str:
    """32 hexadecimal digits; never changes."""
    return session.scalars(select(InstallationRow.id)).one()


def network_key(session: Session) -> str:
    """32 hexadecimal digits; never shown."""
    return session.scalars(select(InstallationRow.network_key)).one()


def try_counting(session: Session) -> None:
    """Read the first and newest rows of the tables that a count goes into, and write a row without keeping it. Raises what the database
    raises.
    """
    for table, newest in (
        (ObservationRow, ObservationRow.order),
        (CountRow, CountRow.service_date),
        (HourSumRow, HourSumRow.service_date),
        (TripSumRow, TripSumRow.service_date),
    ):
        for query in (select(table), select(table).order_by(newest.desc())):
            session.execute(query.limit(1)).first()
    session.execute(update(InstallationRow).values(network_key=InstallationRow.network_key))
    session.rollback()
