"""`shuttle report`: the printed page for a meeting."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from shuttle.cli.common import TERMINAL, errors, the_house
from shuttle.domain.clock import parse_date
from shuttle.domain.errors import Invalid
from shuttle.domain.ridership import Span
from shuttle.language import LANGUAGES, words
from shuttle.services.reports import written_report
from shuttle.settings import PRINT_FONTS

app = typer.Typer()


@app.command()
def report(
    first: Annotated[str, typer.Option("--from", help="First date, YYYY-MM-DD")],
    last: Annotated[str, typer.Option("--to", help="Last date, YYYY-MM-DD")],
    wanted: Annotated[str, typer.Option("--format", help="html, pdf or csv")] = "html",
    language: Annotated[str | None, typer.Option(help="nb, nn or en")] = None,
    output: Annotated[Path | None, typer.Option(help="File; standard output if left out")] = None,
) -> None:
    """Ridership of a fortnight, six weeks or a year, on one page."""
    with the_house() as (house, settings):
        chosen = language or settings.language
        if chosen not in LANGUAGES:
            raise Invalid("unknown-language", f"there is no language {chosen!r}", given=chosen, allowed="nb, nn, en")
        span = Span(parse_date(first), parse_date(last))
        fonts = PRINT_FONTS if PRINT_FONTS.is_dir() else None
        body = written_report(house, TERMINAL, span, words(chosen), wanted, fonts)
    if output is None:
        sys.stdout.buffer.write(body)
    else:
        output.write_bytes(body)
        errors.print(f"{output}: {len(body)} bytes")
