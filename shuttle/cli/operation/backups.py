"""`shuttle backup` and `shuttle restore`: the whole database as one verified file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from shuttle.cli.common import TERMINAL, errors, the_context
from shuttle.services.operation import backups
from shuttle.services.operation.backups import Contents

app = typer.Typer()

File = Annotated[Path, typer.Argument(help="The file, as shuttle-2026-11-23.db")]


@app.command()
def backup(file: File) -> None:
    """Save the database to a file while the program runs, and verify it by restoring it."""
    with the_context() as (context, _settings):
        errors.print(f"{file}: {_summary(backups.backup(context, TERMINAL, file))}, verified by restoring it")


@app.command()
def restore(file: File) -> None:
    """Replace the database by a backup; refused where that would lose a count."""
    with the_context() as (context, _settings):
        errors.print(f"restored {_summary(backups.restore(context, TERMINAL, file))}")


def _summary(contents: Contents) -> str:
    return f"{sum(contents.values())} rows of {len(contents)} tables"
