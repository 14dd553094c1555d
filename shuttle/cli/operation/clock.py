"""`shuttle clock`: whether the wall clock has leapt, and `shuttle clock confirm`."""

import typer

from shuttle.cli.common import TERMINAL, errors, the_context
from shuttle.services.operation.wall_clock import check_clock, confirm_clock

app = typer.Typer(invoke_without_command=True)


@app.callback()
def clock(typer_context: typer.Context) -> None:
    """Whether the clock has leapt by more than a day; `clock confirm` lets releases, reports and retention go on."""
    if typer_context.invoked_subcommand is not None:
        return
    with the_context() as (context, _settings):
        check_clock(context)
        print(
            f"the clock has not leapt; it shows {context.now().astimezone(context.zone).isoformat(timespec='minutes')}"
        )


@app.command()
def confirm() -> None:
    """Confirm that the clock shows the right time now."""
    with the_context() as (context, _settings):
        confirm_clock(context, TERMINAL)
    errors.print("confirmed; releases, reports and retention go on")
