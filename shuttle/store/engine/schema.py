"""Schema version and upgrade (Alembic).

An upgrade is one transaction: killed in the middle, it leaves the old schema. A database with the newest schema imports
no Alembic, so that a restart after a crash is quick.
"""

import re
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

from shuttle.domain.basics.errors import Refused
from shuttle.store.engine.database import is_postgres, translating_errors
from shuttle.store.engine.deadlines import deadline

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def newest() -> str:
    """The newest revision, read from the file names (`0003_people.py` is revision `0003`)."""
    return max(
        match[1] for path in (MIGRATIONS / "versions").glob("*.py") if (match := re.match(r"(\d{4})_", path.name))
    )


def current(engine: Engine) -> str | None:
    """The database's revision; None for an empty database."""
    with translating_errors(), engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(engine: Engine) -> bool:
    """Bring the schema up to date; True when there was something to do.

    Raises Refused (`newer-database`) when a later version of the program has already upgraded it.
    """
    revision = current(engine)
    if revision == newest():
        return False
    if revision is not None and revision > newest():
        raise Refused(
            "newer-database",
            f"the database has schema {revision}, and this program supports up to {newest()}; use the newer program",
            given=revision,
            allowed=f"up to {newest()}",
        )
    from alembic import command

    with deadline(each=inf), translating_errors(), engine.execution_options(writing=True).begin() as connection:
        if is_postgres(connection):  # several hosts may start at once: one upgrades, the others wait and find it done
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(7486241)"))
        command.upgrade(_configured(connection), "head")
    return True


def _configured(connection: object) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
