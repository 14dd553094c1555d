"""`shuttle retention`: what is forgotten, and when."""

from typing import Annotated

import typer

from shuttle.cli.common import TERMINAL, the_context
from shuttle.services.ridership.retention import forget

app = typer.Typer()


@app.command()
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be forgotten, and forget nothing")] = False,
) -> None:
    """Forget who counted on days long past, and sign-ins that are over. The figures stay."""
    with the_context() as (context, settings):
        done = forget(context, TERMINAL, settings.keep_observers_days, settings.keep_sign_ins_days, dry_run)
    said = "would be" if dry_run else "were"
    print(f"{done.observers} counts {said} made nobody's, {done.superseded} superseded ones {said} removed")
    print(f"{done.sign_ins} sign-ins {said} removed")
