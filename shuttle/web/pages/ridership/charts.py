"""Charts of the ridership page, as Vega-Lite documents.

A chart holds the rows of a `RidershipTable` and axis titles in the reader's language. Its colours come from the page (charts/chart.js), so that
one document serves light and dark; only the heat map brings its own shades. Colour alone carries no meaning: cells and points have
their numbers beside them, and every chart stands above its table.
"""

from datetime import date
from typing import Any

from shuttle.feeds.printed.ridership_sheets import RidershipTable
from shuttle.language import Words

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""Names the version of Vega-Lite; nothing is fetched from there."""

LIMIT = "limit"
"""The style of a limit line; the page gives its colour."""

WHITE_FROM = 0.74
"""The shade of the scheme `blues`, from 0 to 1, from which white text has a contrast of 4.5:1; black has it below."""

Document = dict[str, Any]


def _document(sheet: RidershipTable, words: Words, **more: Any) -> Document:
    values: list[Document] = [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows]
    for value in values:
        value["written"] = "" if value["mean"] is None else words.number(value["mean"], 1)
    return {
        "$schema": SCHEMA,
        "data": {"values": values},
        "width": "container",
        "autosize": {"type": "fit-x", "contains": "padding"},
        **more,
    }


def _weeks(words: Words) -> Document:
    axis = {"title": words.say("ridership.column.week"), "labelAngle": 0, "labelOverlap": True, "format": "%d.%m."}
    return {"field": "week", "type": "ordinal", "timeUnit": "yearmonthdate", "axis": axis}


def trend(sheet: RidershipTable, beginnings: list[tuple[date, str]], words: Words) -> Document:
    """Mean boardings per counted departure and week; a rule where a timetable or the phase of a trial begins."""
    x = {
        "field": "week",
        "type": "temporal",
        "axis": {"title": words.say("ridership.column.week"), "format": "%d.%m.", "tickCount": 6},
    }
    y = {"field": "mean", "type": "quantitative", "title": words.say("ridership.column.mean"), "scale": {"zero": True}}
    line = {
        "mark": {"type": "line", "point": {"filled": True, "size": 70}, "strokeWidth": 2},
        "encoding": {"x": x, "y": y},
    }
    marks = [{"week": day.isoformat(), "name": name} for day, name in beginnings]
    rules: list[Document] = [
        {
            "data": {"values": marks},
            "mark": {"type": "rule", "strokeDash": [4, 4]},
            "encoding": {"x": {"field": "week", "type": "temporal"}},
        },
        {
            "data": {"values": marks},
            "mark": {"type": "text", "align": "left", "dx": 4, "y": 8},
            "encoding": {"x": {"field": "week", "type": "temporal"}, "text": {"field": "name"}},
        },
    ]
    return _document(sheet, words, height=220, layer=[line, *(rules if marks else [])])


def heat_map(sheet: RidershipTable, words: Words) -> Document:
    """A square for each departure and week; one that nobody counted stays empty, and is not 0."""
    y = {"field": "departure", "type": "ordinal", "title": words.say("ridership.column.departure")}
    colour = {
        "field": "mean",
        "type": "quantitative",
        "scale": {"scheme": "blues", "zero": True},
        "legend": None,
    }
    square = {
        "mark": {"type": "rect", "invalid": None},
        "encoding": {
            "x": _weeks(words),
            "y": y,
            "color": {**colour, "condition": {"test": "datum.mean === null", "value": "transparent"}},
        },
    }
    number = {
        "transform": [{"filter": "datum.mean !== null"}],
        "mark": {"type": "text", "fontSize": 11},
        "encoding": {
            "x": _weeks(words),
            "y": y,
            "text": {"field": "written"},
            "color": {
                "condition": {"test": f"datum.mean > {WHITE_FROM * _most(sheet)}", "value": "white"},
                "value": "black",
            },
        },
    }
    return _document(sheet, words, height={"step": 30}, layer=[square, number])


def load_along_the_day(sheet: RidershipTable, words: Words) -> Document:
    """Mean of the largest load of each departure, as bars; the number of seats as a line."""
    x = {
        "field": "departure",
        "type": "ordinal",
        "title": words.say("ridership.column.departure"),
        "axis": {"labelAngle": 0, "labelOverlap": True},
    }
    bars = {
        "mark": "bar",
        "encoding": {
            "x": x,
            "y": {"field": "load", "type": "quantitative", "title": words.say("ridership.column.load")},
        },
    }
    seats = {
        "mark": {"type": "rule", "strokeDash": [6, 3], "style": LIMIT, "strokeWidth": 2},
        "encoding": {"y": {"field": "seats", "type": "quantitative", "aggregate": "max"}},
    }
    has_seats = any(row[sheet.columns.index("seats")] is not None for row in sheet.rows)
    return _document(sheet, words, height=220, layer=[bars, seats] if has_seats else [bars])


def _most(sheet: RidershipTable) -> float:
    values = [float(row[2]) for row in sheet.rows if row[2] is not None and not isinstance(row[2], str)]
    return max(values, default=0.0)
