"""A ridership report for a meeting: one page, as HTML, as a tagged PDF (PDF/UA-1) and as CSV.

All three are written from one `Report`, which holds finished texts in one language. Figures stand beside their base (departures
that ran, departures counted); departures that were not counted are stated.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typst
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shuttle.domain.basics.errors import Refused
from shuttle.domain.ridership.summaries import Span
from shuttle.feeds.printed.pictures import Picture
from shuttle.feeds.printed.typesetting import typeset
from shuttle.language import Words

Format = Literal["html", "pdf", "csv", "csv-plain"]
FORMATS: tuple[Format, ...] = ("html", "pdf", "csv", "csv-plain")
"""`csv` is for a person's spreadsheet in the report's language, `csv-plain` for programs."""

MEDIA = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "csv-plain": "text/csv; charset=utf-8",
}

_HERE = Path(__file__).parent
_REGIONS = {"nb": "NO", "nn": "NO", "en": "GB"}
_SCALES = (1.0, 0.9, 0.8, 0.7)
_SHEET, _LINE = 785.0, 1.75
"""Points of a sheet of A4 between its margins, and of a line for each point of its letters."""

_PICTURE_LINES = 11
_SMALLEST, _LARGEST = 5.0, 9.0
_TOO_LONG = "more than one page"
_FORMULA = frozenset("=+-@\t\r")


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
    headline: str = ""
    sentences: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()


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
    pictures = _PICTURE_LINES * len(report.pictures) + len(report.sentences)
    return round(max(_SMALLEST, min(_LARGEST, _SHEET / ((tables + notes + pictures + 10) * _LINE))), 2)


def as_csv(report: Report) -> bytes:
    """A line for each figure: table, row, column, value; for a spreadsheet in the report's language.

    Norwegian spreadsheets separate fields by semicolons, since the comma is in their numbers. A byte order mark makes them read æ, ø
    and å, and a text that would be a formula begins with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter="," if report.words.language == "en" else ";")
    writer.writerows([_no_formula(cell) or "–" for cell in row] for row in _lines(report, _without_spaces))
    return out.getvalue().encode("utf-8-sig")


def as_plain_csv(report: Report) -> bytes:
    """The same lines for programs: UTF-8 without a mark, commas between fields, a point in numbers. The report is in English."""
    out = io.StringIO()
    csv.writer(out).writerows(_lines(report, _plain_number))
    return out.getvalue().encode()


def _lines(report: Report, value_of: Callable[[str], str]) -> Iterator[list[str]]:
    say = report.words.say
    yield [say(f"report.csv.{column}") for column in ("table", "row", "column", "value")]
    for sentence in (report.headline, *report.sentences):
        if sentence:
            yield [report.about, sentence, "", ""]
    for fact in report.facts:
        yield [report.about, fact.name, fact.note, value_of(fact.value)]
    for table in report.tables:
        for row in table.rows:
            for (column, _), value in zip(table.columns[1:], row[1:], strict=True):
                yield [table.caption, row[0], column, value_of(value)]
    for note in report.notes:
        yield [report.about, note, "", ""]


def _no_formula(cell: str) -> str:
    """A cell that no spreadsheet runs; a negative number stays one."""
    is_number = re.fullmatch(r"[-−+]?\d+([.,]\d+)?", cell) is not None
    return f"'{cell}" if cell[:1] in _FORMULA and not is_number else cell


def _without_spaces(value: str) -> str:
    """A number without the signs between its thousands, which no spreadsheet takes for a number."""
    plain = "".join(value.split())
    return plain if plain.replace(",", "").replace(".", "").isdecimal() else value


def _plain_number(value: str) -> str:
    """An English number without commas between its thousands."""
    return value.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})*(\.\d+)?", value) else value


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
        "headline": report.headline,
        "sentences": list(report.sentences),
        "pictures": [
            {"caption": picture.caption, "alternative": picture.alternative, "svg": picture.on_paper}
            for picture in report.pictures
        ],
    }
    return typeset(_HERE / "report.typ", data, report.span.last, fonts)
