"""A ridership report for a meeting: one page, as HTML, as a tagged PDF (PDF/UA-1) and as CSV.

All three are written from one `Report`, which holds finished texts in one language. Figures stand beside their base (departures
that ran, departures counted); departures that were not counted are stated.
"""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typst
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shuttle.domain.basics.errors import Refused
from shuttle.domain.ridership.summaries import Span
from shuttle.feeds.printed.typesetting import typeset
from shuttle.language import Words

Format = Literal["html", "pdf", "csv"]
FORMATS: tuple[Format, ...] = ("html", "pdf", "csv")
MEDIA = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}

_HERE = Path(__file__).parent
_REGIONS = {"nb": "NO", "nn": "NO", "en": "GB"}
_SCALES = (1.0, 0.9, 0.8, 0.7)
_SHEET, _LINE = 785.0, 1.75
"""Points of a sheet of A4 between its margins, and of a line for each point of its letters."""

_SMALLEST, _LARGEST = 5.0, 9.0
_TOO_LONG = "more than one page"


@dataclass(frozen=True)
class Fact:
    """A figure with its name and a note on its base."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Table:
    """Columns: name and whether it holds numbers. The first column names the row. `wide`: over the whole page."""

    caption: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    wide: bool = False


@dataclass(frozen=True, kw_only=True)
class Report:
    """A page, finished but for its format."""

    title: str
    span: Span
    about: str
    facts: tuple[Fact, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...]
    words: Words


def as_html(report: Report) -> bytes:
    """A page without outside files that prints on one sheet."""
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page = environment.get_template("report.html")
    return page.render(report=report, language=report.words.language, size=print_size(report)).encode()


def print_size(report: Report) -> float:
    """Points of an em on paper: as many as let the lines that stand beneath each other fit on a sheet.

    Two tables stand side by side, and each row of them is as high as its longer one; notes run over about 110 letters a line.
    """
    beside = [len(table.rows) + 3 for table in report.tables if not table.wide]
    tables = sum(max(beside[at : at + 2]) for at in range(0, len(beside), 2))
    tables += sum(len(table.rows) + 3 for table in report.tables if table.wide)
    notes = sum(len(note) // 110 + 2 for note in report.notes)
    return round(max(_SMALLEST, min(_LARGEST, _SHEET / ((tables + notes + 10) * _LINE))), 2)


def as_csv(report: Report) -> bytes:
    """A line for each figure: table, row, column, value. With a byte order mark, so that a spreadsheet reads æ, ø and å."""
    say = report.words.say
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([say(f"report.csv.{column}") for column in ("table", "row", "column", "value")])
    for fact in report.facts:
        writer.writerow([report.about, fact.name, fact.note, _without_spaces(fact.value)])
    for table in report.tables:
        for row in table.rows:
            for (column, _), value in zip(table.columns[1:], row[1:], strict=True):
                writer.writerow([table.caption, row[0], column, _without_spaces(value)])
    for note in report.notes:
        writer.writerow([report.about, note, "", ""])
    return out.getvalue().encode("utf-8-sig")


def _without_spaces(value: str) -> str:
    """A number without the spaces between its thousands, which no spreadsheet takes for a number."""
    plain = "".join(value.split())
    return plain if plain.isdecimal() else value


def as_pdf(report: Report, fonts: Path | None) -> bytes:
    """One page of A4, in smaller type where there are many lines. `fonts` is the folder of the fonts, without it a serif stands in.

    Raises Refused (`too-long-for-a-page`).
    """
    for scale in _SCALES:
        try:
            return _set(report, scale, fonts)
        except typst.TypstError as problem:
            if _TOO_LONG not in problem.message:
                raise
    raise Refused(
        "too-long-for-a-page",
        f"the report of {report.span.first} to {report.span.last} has too many lines for a page",
        given=f"{sum(len(table.rows) for table in report.tables)} lines",
        allowed="about 100 lines; as html or csv it has no end",
    )


def _set(report: Report, scale: float, fonts: Path | None) -> bytes:
    data: dict[str, object] = {
        "scale": scale,
        "lang": report.words.language,
        "region": _REGIONS[report.words.language],
        "author": report.words.say("service.name"),
        "title": report.title,
        "about": report.about,
        "facts": [[fact.name, fact.value, fact.note] for fact in report.facts],
        "tables": [
            {
                "caption": table.caption,
                "wide": table.wide,
                "columns": [[name, numeric] for name, numeric in table.columns],
                "rows": [list(row) for row in table.rows],
            }
            for table in report.tables
        ],
        "notes": list(report.notes),
    }
    return typeset(_HERE / "report.typ", data, report.span.last, fonts)
