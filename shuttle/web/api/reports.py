"""API of reports: ridership of a period on one page, as HTML, PDF or CSV."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from shuttle.domain.basics.service_time import parse_iso_date
from shuttle.domain.ridership.summaries import Span
from shuttle.feeds.printed.report import MEDIA
from shuttle.language import words
from shuttle.services.ridership.reports import written_report
from shuttle.settings import PRINT_FONTS
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import run_in_executor, state_of

router = APIRouter(prefix="/api/v1", tags=["ridership"], responses=ANY_PROBLEM)


@router.get(
    "/reports",
    response_class=Response,
    responses={200: {"content": {media.partition(";")[0]: {} for media in MEDIA.values()}}},
)
async def report(
    request: Request,
    asking: Asking,
    first: Annotated[str, Query(alias="from", description="The first service date, YYYY-MM-DD")],
    last: Annotated[str, Query(alias="to", description="The last service date, YYYY-MM-DD")],
    file_format: Annotated[Literal["html", "pdf", "csv", "csv-plain"], Query(alias="format")] = "html",
    lang: Literal["nb", "nn", "en"] = "nb",
) -> Response:
    """Ridership of a fortnight, six weeks or a year on one page; a reader gets released figures only.

    `csv` is for a spreadsheet in the language of `lang` (in Norwegian with semicolons and a decimal comma), `csv-plain` for programs.
    """
    span = Span(parse_iso_date(first), parse_iso_date(last))
    fonts = PRINT_FONTS if PRINT_FONTS.is_dir() else None
    context = state_of(request).context
    body = await run_in_executor(
        request, lambda: written_report(context, asking, span, words(lang), file_format, fonts)
    )
    name = f"ridership-{span.first}-{span.last}.{file_format.partition('-')[0]}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(body, media_type=MEDIA[file_format], headers=headers)
