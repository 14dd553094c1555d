"""`shuttle db`: the schema."""

import typer

from shuttle.cli.common import errors
from shuttle.services.installation import open_house
from shuttle.settings import read_settings
from shuttle.store import schema

app = typer.Typer(no_args_is_help=True)


@app.callback()
def database() -> None:
    """The database's schema."""


@app.command()
def upgrade() -> None:
    """Bring the database's schema up to date; does nothing when it is."""
    settings = read_settings()
    house = open_house(settings.database, settings.zone)
    done = schema.upgrade(house.engine)
    errors.print(f"schema {schema.newest()}" + ("" if done else ", nothing to do"))
    house.close()
