"""`shuttle retention`: delete personal data whose time has passed: persons and moments of old counts and reports, old sign-ins and duties."""

from typing import Annotated

import typer

from shuttle.cli.common import TERMINAL, the_context
from shuttle.services.ridership.retention import forget

app = typer.Typer()


@app.command()
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be forgotten, and forget nothing")] = False,
) -> None:
    """Delete persons and moments of old counts and reports, old sign-ins and old duty assignments. The figures stay."""
    with the_context() as (context, settings):
        done = forget(
            context,
            TERMINAL,
            settings.keep_observers_days,
            settings.keep_sign_ins_days,
            dry_run,
            settings.keep_duties_days,
        )
    verb = "would lose" if dry_run else "lost"
    auxiliary = "would be" if dry_run else "were"
    print(f"{done.observers} counts {verb} their observer, {done.superseded} superseded ones {auxiliary} removed")
    print(f"{done.passings} passings and {done.skipped} skipped stops {verb} their person or moment")
    print(f"{done.sign_ins} sign-ins and {done.duties} duty assignments {auxiliary} removed")
