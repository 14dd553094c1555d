"""`shuttle rollup`: compare the stored sums of ridership with the counts, or compute them again."""

import typer

from shuttle.cli.common import TERMINAL, errors, the_context
from shuttle.services.ridership import rollup as rollup_service

app = typer.Typer(no_args_is_help=True)


@app.callback()
def rollup() -> None:
    """The stored sums of ridership: compare them with the counts, or compute them again."""


@app.command()
def check() -> None:
    """Compare the sums with all counts; print the differences and end with 1 where there are any."""
    with the_context() as (context, _settings):
        differences = rollup_service.check(context, TERMINAL)
    for difference in differences:
        print(difference)
    if differences:
        errors.print(f"{len(differences)} differences; `shuttle rollup rebuild` computes the sums again")
        raise typer.Exit(1)
    errors.print("the sums equal the counts")


@app.command()
def rebuild() -> None:
    """Compute the sums again from the counts, which do not change."""
    with the_context() as (context, _settings):
        differences = rollup_service.rebuild(context, TERMINAL)
    for difference in differences:
        print(difference)
    errors.print(f"rebuilt; {len(differences)} differences corrected" if differences else "rebuilt; no differences")
