"""`shuttle db`: bring the schema up to date, and copy everything to another database."""

from typing import Annotated

import typer

from shuttle.cli.common import TERMINAL, errors, the_context
from shuttle.services.operation import backups
from shuttle.services.operation.installation import open_app_context
from shuttle.settings import read_settings
from shuttle.store.engine import schema

app = typer.Typer(no_args_is_help=True)


@app.callback()
def database() -> None:
    """The database: its schema, and copying everything to another one."""


@app.command()
def upgrade() -> None:
    """Bring the database's schema up to date; does nothing when it is."""
    settings = read_settings()
    context = open_app_context(settings.database, settings.zone)
    is_upgraded = schema.upgrade(context.engine)
    errors.print(f"schema {schema.newest()}" + ("" if is_upgraded else ", nothing to do"))
    context.close()


@app.command()
def copy(
    target: Annotated[str, typer.Argument(help="Address of an empty database, as postgresql://user@host/name")],
) -> None:
    """Copy everything into an empty database of either kind, and verify that the copy is equal."""
    with the_context() as (context, _settings):
        contents = backups.copy(context, TERMINAL, target)
    errors.print(f"copied {sum(contents.values())} rows of {len(contents)} tables, proven equal")
