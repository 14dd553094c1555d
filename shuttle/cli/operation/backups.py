"""`shuttle backup` and `shuttle restore`: a file that holds everything, and back."""

from pathlib import Path
from typing import Annotated

import typer

from shuttle.cli.common import TERMINAL, errors, the_context
from shuttle.services.operation import backups as acts
from shuttle.services.operation.backups import Contents

app = typer.Typer()

File = Annotated[Path, typer.Argument(help="The file, as shuttle-2026-11-23.db")]


@app.command()
def backup(file: File) -> None:
    """Save everything to a file while the program runs, and prove that it can be restored."""
    with the_context() as (context, _settings):
        errors.print(f"{file}: {_said(acts.backup(context, TERMINAL, file))}, verified by restoring it")


@app.command()
def restore(file: File) -> None:
    """Put a backup in the place of what is there; refused while that would lose a count."""
    with the_context() as (context, _settings):
        errors.print(f"restored {_said(acts.restore(context, TERMINAL, file))}")


def _said(contents: Contents) -> str:
    return f"{sum(contents.values())} rows of {len(contents)} tables"
