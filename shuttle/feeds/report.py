"""A ridership report for a meeting: one page, as HTML, as a tagged PDF (PDF/UA-1) and as CSV.

The three say the same: all are written from one `Report`, which holds finished texts in one language. Figures stand beside
what they rest on (departures that ran, departures counted), and what is not counted is said, never left out.
"""

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Literal

import typst
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shuttle.domain.ridership import Span
from shuttle.language import Words

Format = Literal["html", "pdf", "csv"]
FORMATS: tuple[Format, ...] = ("html", "pdf", "csv")

_HERE = Path(__file__).parent
_REGIONS = {"nb": "NO", "nn": "NO", "en": "GB"}


@dataclass(frozen=True)
class Fact:
    """A figure with its name, and a word on what it rests on."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Table:
    """Columns: name and whether it holds numbers. The first column names the row."""

    caption: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
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
    """A page of its own, that prints on one sheet and needs nothing from elsewhere."""
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html").render(report=report, language=report.words.language).encode()


def as_csv(report: Report) -> bytes:
    """A line for each figure: table, row, column, value. With a byte order mark, so that a spreadsheet reads æ, ø and å."""
    said = report.words.say
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([said(f"report.csv.{column}") for column in ("table", "row", "column", "value")])
    for fact in report.facts:
        writer.writerow([report.about, fact.name, fact.note, fact.value])
    for table in report.tables:
        for row in table.rows:
            for (column, _), value in zip(table.columns[1:], row[1:], strict=True):
                writer.writerow([table.caption, row[0], column, value])
    return out.getvalue().encode("utf-8-sig")


def as_pdf(report: Report, fonts: Path | None) -> bytes:
    """One page of A4. `fonts` is a folder with Inter, without it a serif stands in."""
    data = {
        "lang": report.words.language,
        "region": _REGIONS[report.words.language],
        "author": report.words.say("service.name"),
        "title": report.title,
        "about": report.about,
        "facts": [[fact.name, fact.value, fact.note] for fact in report.facts],
        "tables": [
            {
                "caption": table.caption,
                "columns": [[name, numeric] for name, numeric in table.columns],
                "rows": [list(row) for row in table.rows],
            }
            for table in report.tables
        ],
        "notes": list(report.notes),
    }
    compiled = typst.compile(
        _HERE / "report.typ",
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[fonts] if fonts else []),
        pdf_standards="ua-1",
        timestamp=datetime.combine(report.span.last, time(), UTC),
    )
    assert isinstance(compiled, bytes)
    return compiled
