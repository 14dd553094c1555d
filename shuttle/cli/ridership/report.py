"""`shuttle report`: ridership of a period on one page, as HTML, PDF or CSV."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from shuttle.cli.common import TERMINAL, errors, the_context
from shuttle.cli.timetable.exports import write_whole
from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import parse_date
from shuttle.domain.ridership.fortnights import ANCHOR, Period, latest
from shuttle.domain.ridership.summaries import Span
from shuttle.language import LANGUAGES, words
from shuttle.services.ridership.releases import check_fortnights
from shuttle.services.ridership.reports import written_report
from shuttle.settings import PRINT_FONTS

app = typer.Typer()


@app.command()
def report(
    first: Annotated[str | None, typer.Option("--from", help="First date, YYYY-MM-DD")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last date, YYYY-MM-DD")] = None,
    period: Annotated[Period, typer.Option(help="Without dates: the last one that is over")] = Period.FORTNIGHT,
    file_format: Annotated[str, typer.Option("--format", help="html, pdf or csv")] = "html",
    language: Annotated[str | None, typer.Option(help="nb, nn or en")] = None,
    output: Annotated[Path | None, typer.Option(help="File; standard output if left out")] = None,
) -> None:
    """Ridership of a fortnight, six weeks or a year, on one page."""
    with the_context() as (context, settings):
        chosen = language or settings.language
        if chosen not in LANGUAGES:
            raise Invalid("unknown-language", f"there is no language {chosen!r}", given=chosen, allowed="nb, nn, en")
        check_fortnights(context, settings.fortnight_anchor)
        span = report_span(first, last, period, context.today(), settings.fortnight_anchor)
        fonts = PRINT_FONTS if PRINT_FONTS.is_dir() else None
        body = written_report(context, TERMINAL, span, words(chosen), file_format, fonts)
    if output is None:
        sys.stdout.buffer.write(body)
    else:
        write_whole(output, body)
        errors.print(f"{output}: {len(body)} bytes")


def report_span(first: str | None, last: str | None, period: Period, today: date, anchor: date = ANCHOR) -> Span:
    """The span of the two dates; without them the last period that is over. Raises Invalid (`half-a-span`)."""
    if first is None and last is None:
        return latest(period, today, anchor)
    if first is None or last is None:
        raise Invalid(
            "half-a-span",
            "a report has a first and a last date",
            given=first or last,
            allowed="--from and --to, or neither",
        )
    return Span(parse_date(first), parse_date(last))
