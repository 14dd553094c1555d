"""`shuttle rollup`: whether the sums are what was counted."""

import typer

from shuttle.cli.common import TERMINAL, errors, the_context
from shuttle.services.ridership import rollup as acts

app = typer.Typer(no_args_is_help=True)


@app.callback()
def rollup() -> None:
    """The sums of ridership: proven equal to the counts, or made anew."""


@app.command()
def check() -> None:
    """Compare the sums with every count; ends with 1, and says where, when they differ."""
    with the_context() as (context, _settings):
        found = acts.check(context, TERMINAL)
    for difference in found:
        print(difference)
    if found:
        errors.print(f"{len(found)} differences; `shuttle rollup rebuild` makes the sums anew")
        raise typer.Exit(1)
    errors.print("the sums are what was counted")


@app.command()
def rebuild() -> None:
    """Make the sums anew from the counts; nothing counted is touched."""
    with the_context() as (context, _settings):
        wrong = acts.rebuild(context, TERMINAL)
    for difference in wrong:
        print(difference)
    errors.print(f"made anew; {len(wrong)} differences mended" if wrong else "made anew; nothing had differed")
