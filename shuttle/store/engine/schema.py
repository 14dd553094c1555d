"""The schema's version, and how an older database is brought up to date.

An upgrade is one transaction: killed in the middle, the database has the old schema, never one between. When nothing is
to be done nothing is imported either, so that a start after a crash is quick.
"""

import re
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

from shuttle.domain.basics.errors import Refused
from shuttle.store.engine.database import is_postgres, saying_unavailable
from shuttle.store.engine.deadlines import deadline

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def newest() -> str:
    """The newest revision, read from the names of the files (`0003_people.py` is revision `0003`)."""
    return max(
        found[1] for path in (MIGRATIONS / "versions").glob("*.py") if (found := re.match(r"(\d{4})_", path.name))
    )


def current(engine: Engine) -> str | None:
    """The database's revision, or None for an empty one."""
    with saying_unavailable(), engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(engine: Engine) -> bool:
    """Bring the schema up to date; True when something was done.

    Raises Refused (`newer-database`) when a later version of the program has already changed it.
    """
    now = current(engine)
    if now == newest():
        return False
    if now is not None and now > newest():
        raise Refused(
            "newer-database",
            f"the database has schema {now}, and this program knows up to {newest()}; use the newer program",
            given=now,
            allowed=f"up to {newest()}",
        )
    from alembic import command

    with deadline(each=inf), saying_unavailable(), engine.execution_options(writing=True).begin() as connection:
        if is_postgres(connection):  # several hosts may start at once: one upgrades, the others find it done
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
