"""`shuttle demo`: fill an empty database with a year of example data."""

from time import perf_counter

import typer

from shuttle.cli.common import TERMINAL, errors, our_words, the_context
from shuttle.services.operation.demo import fill_demo

app = typer.Typer()


@app.command()
def demo() -> None:
    """Fill an empty database with a year of believable data, marked as an example on every page."""
    began = perf_counter()
    with the_context() as (context, settings):
        words = our_words(settings)
        filled = fill_demo(context, TERMINAL, settings.suppression_threshold, settings.fortnight_anchor, words.say)
    seconds = f"{perf_counter() - began:.0f}"
    print(words.say("demo.done", counts=filled.counts, changes=filled.changes, seconds=seconds))
    errors.print(words.say("demo.next"))
