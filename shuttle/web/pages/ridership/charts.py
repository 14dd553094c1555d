"""Charts of the ridership page, as Vega-Lite documents.

A chart holds the rows of a `RidershipTable` and axis titles in the reader's language. Its colours come from the page (charts/chart.js), so that
one document serves light and dark; only the heat map brings its own shades. Colour alone carries no meaning: cells and points have
their numbers beside them, and every chart stands above its table.
"""

from datetime import date
from typing import Any

from shuttle.feeds.printed.ridership_sheets import RidershipTable, monday_of
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


def _decimals(words: Words) -> Document:
    """An axis of numbers with the reader's decimal sign."""
    return {} if words.language == "en" else {"labelExpr": "replace(datum.label, '.', ',')"}


def trend(sheet: RidershipTable, beginnings: list[tuple[date, str]], today: date, words: Words) -> Document:
    """Mean boardings per counted departure and week, each named by its Monday; a rule in the week where a timetable or the phase of
    a trial begins. A week that is not over is hollow.
    """
    x = _weeks(words)
    y = {
        "field": "mean",
        "type": "quantitative",
        "title": words.say("ridership.column.mean"),
        "scale": {"zero": True},
        "axis": _decimals(words),
    }
    running = monday_of(today).isoformat()
    line: Document = {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"x": x, "y": y}}
    over, hollow = f"datum.week < '{running}'", f"datum.week >= '{running}'"
    points: list[Document] = [
        {
            "transform": [{"filter": chosen}],
            "mark": {"type": "point", "filled": filled, "size": 70, "strokeWidth": 2},
            "encoding": {"x": x, "y": y},
        }
        for chosen, filled in ((over, True), (hollow, False))
    ]
    marks = [{"week": monday_of(day).isoformat(), "name": name} for day, name in beginnings]
    rules: list[Document] = [
        {
            "data": {"values": marks},
            "mark": {"type": "rule", "strokeDash": [4, 4]},
            "encoding": {"x": x},
        },
        {
            "data": {"values": marks},
            "mark": {"type": "text", "align": "left", "dx": 4, "y": 8},
            "encoding": {"x": x, "text": {"field": "name"}},
        },
    ]
    return _document(sheet, words, height=220, layer=[line, *points, *(rules if marks else [])])


def heat_map(sheet: RidershipTable, words: Words) -> Document:
    """A square for each departure and week; one without a count is empty, not 0."""
    y = {"field": "departure", "type": "ordinal", "title": words.say("ridership.column.departure")}
    return _document(sheet, words, height={"step": 30}, layer=_squares(_weeks(words), y, sheet))


def _squares(x: Document, y: Document, sheet: RidershipTable) -> list[Document]:
    """Shaded squares with their means written in them."""
    colour = {
        "field": "mean",
        "type": "quantitative",
        "scale": {"scheme": "blues", "zero": True},
        "legend": None,
    }
    square = {
        "mark": {"type": "rect", "invalid": None},
        "encoding": {
            "x": x,
            "y": y,
            "color": {**colour, "condition": {"test": "datum.mean === null", "value": "transparent"}},
        },
    }
    number = {
        "transform": [{"filter": "datum.mean !== null"}],
        "mark": {"type": "text", "fontSize": 11},
        "encoding": {
            "x": x,
            "y": y,
            "text": {"field": "written"},
            "color": {
                "condition": {"test": f"datum.mean > {WHITE_FROM * _most(sheet)}", "value": "white"},
                "value": "black",
            },
        },
    }
    return [square, number]


def weekday_and_hour(sheet: RidershipTable, words: Words) -> Document:
    """A square for each weekday and hour, in the order of the table; one that nobody counted stays empty, and is not 0."""
    x = {
        "field": "hour",
        "type": "ordinal",
        "title": words.say("ridership.column.hour"),
        "axis": {"labelAngle": 0, "orient": "top"},
    }
    y = {"field": "weekday", "type": "ordinal", "title": None, "sort": None}
    return _document(sheet, words, height={"step": 30}, layer=_squares(x, y, sheet))


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
            "y": {
                "field": "load",
                "type": "quantitative",
                "title": words.say("ridership.column.load"),
                "axis": _decimals(words),
            },
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
