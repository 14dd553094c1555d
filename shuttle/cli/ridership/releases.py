"""`shuttle releases`: fortnightly figures with small numbers suppressed, for readers outside."""

from typing import Annotated

import typer

from shuttle.cli.common import TERMINAL, errors, print_json, print_table, the_context
from shuttle.services.ridership import releases as release_service
from shuttle.store.ridership.releases import StoredRelease

app = typer.Typer(no_args_is_help=True)


@app.callback()
def releases() -> None:
    """Figures of whole fortnights with small numbers hidden; a released figure never changes."""


@app.command("list")
def list_releases(json: Annotated[bool, typer.Option("--json", help="A JSON document")] = False) -> None:
    """All released fortnights."""
    with the_context() as (context, _settings):
        stored = release_service.released(context, TERMINAL)
    if json:
        print_json({"releases": [release_service.release_document(release) for release in stored]})
    else:
        print_table("", ("from", "to", "boardings", "departures", "counted"), [_row(release) for release in stored])


@app.command()
def freeze() -> None:
    """Release every fortnight that is due; a released figure never changes."""
    with the_context() as (context, settings):
        new = release_service.freeze_due(context, TERMINAL, settings.suppression_threshold, settings.fortnight_anchor)
    errors.print(f"{len(new)} fortnights released" if new else "nothing is due")


def _row(stored: StoredRelease) -> tuple[str, ...]:
    total = (
        "hidden" if stored.release.total is None else str(stored.release.total) if stored.is_counted else "not counted"
    )
    fortnight, run = stored.fortnight, stored.run
    return (fortnight.first.isoformat(), fortnight.last.isoformat(), total, str(run.run), str(run.counted))
