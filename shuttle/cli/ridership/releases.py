"""`shuttle releases`: the figures that those outside may see."""

from typing import Annotated

import typer

from shuttle.cli.common import TERMINAL, errors, print_json, print_table, the_context
from shuttle.services.ridership import releases as acts
from shuttle.store.ridership.releases import StoredRelease

app = typer.Typer(no_args_is_help=True)


@app.callback()
def releases() -> None:
    """Figures of whole fortnights with small numbers hidden, decided once."""


@app.command("list")
def list_releases(json: Annotated[bool, typer.Option("--json", help="A JSON document")] = False) -> None:
    """What has been released."""
    with the_context() as (context, _settings):
        found = acts.released(context, TERMINAL)
    if json:
        print_json({"releases": [acts.release_document(frozen) for frozen in found]})
    else:
        print_table("", ("from", "to", "boardings", "departures", "counted"), [_row(frozen) for frozen in found])


@app.command()
def freeze() -> None:
    """Release every fortnight that is over and has been waited for; what is released never changes."""
    with the_context() as (context, settings):
        made = acts.freeze_due(context, TERMINAL, settings.suppression_threshold, settings.fortnight_anchor)
    errors.print(f"{len(made)} fortnights released" if made else "nothing is due")


def _row(frozen: StoredRelease) -> tuple[str, ...]:
    total = (
        "hidden" if frozen.release.total is None else str(frozen.release.total) if frozen.is_counted else "not counted"
    )
    fortnight, run = frozen.fortnight, frozen.run
    return (fortnight.first.isoformat(), fortnight.last.isoformat(), total, str(run.run), str(run.counted))
