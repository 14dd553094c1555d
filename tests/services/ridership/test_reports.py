"""Printed reports: equal figures in every format and language, one page, released figures only for readers."""

import csv
import io
import random
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid, NotAllowed, NotFound
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.language import LANGUAGES, words
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import accepted
from shuttle.services.ridership.figures import figures
from shuttle.services.ridership.releases import freeze_due
from shuttle.services.ridership.reports import report, written_report
from shuttle.services.timetable.changes import ChangeRequest, change_departures
from shuttle.store.ridership.boardings import Arrival
from shuttle.store.tables.operation import AuditLogRow

ADMIN = Person("a", "Admin", Role.ADMIN)
DRIVER = Person("d", "Bus", Role.DRIVER)
READER = Person("r", "Reader", Role.READER)


@pytest.fixture
def counted(context: AppContext) -> Iterator[AppContext]:
    """Ten weeks with most departures counted."""
    chance, waiting = random.Random(3), []
    for back in range(1, 71):
        day = context.today() - timedelta(back)
        for departure in context.schedule().departures_on(day).departures:
            if chance.random() < 0.8:
                arrival = accepted(
                    context,
                    DRIVER,
                    Count(departure=departure.id, stop="vagsbunnen", boardings=chance.randint(0, 9)),
                    departure.id,
                )
                assert isinstance(arrival, Arrival)
                waiting.append(context.writer.put(arrival))
    for promise in waiting:
        promise.result()
    yield context  # noqa: PT022


def fortnight(context: AppContext) -> Span:
    return Span(context.today() - timedelta(14), context.today() - timedelta(1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_format_says_the_same_figures(counted: AppContext, language: str) -> None:
    w = words(language)
    made = report(counted, ADMIN, fortnight(counted), w)
    page = written_report(counted, ADMIN, fortnight(counted), w, "html", None).decode()
    sheet = written_report(counted, ADMIN, fortnight(counted), w, "csv", None).decode("utf-8-sig")
    values = {(row[1], row[3]) for row in csv.reader(io.StringIO(sheet), delimiter="," if language == "en" else ";")}
    assert f'<html lang="{language}">' in page
    for fact in made.facts:
        assert f"<dt>{fact.name}</dt><dd>{fact.value}" in page
        assert (fact.name, fact.value) in values
    for table in made.tables:
        for row in table.rows:
            assert {(row[0], value) for value in row[1:]} <= values


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the figures on it are those of the other formats
@pytest.mark.parametrize("days", [14, 42, 366])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printed_page_is_one_tagged_page(counted: AppContext, language: str, days: int) -> None:
    span = Span(counted.today() - timedelta(days), counted.today() - timedelta(1))
    pdf = written_report(counted, ADMIN, span, words(language), "pdf", None)
    assert pdf.startswith(b"%PDF-")
    assert re.findall(rb"/Type\s*/Pages\s*/Count (\d+)", pdf) == [b"1"]
    assert b"pdfuaid" in pdf
    assert words(language).language.encode() in pdf


def test_the_sums_of_the_tables_are_the_sum_of_the_page(counted: AppContext) -> None:
    made = report(counted, ADMIN, fortnight(counted), words("en"))
    total = next(fact.value for fact in made.facts if fact.name == "Boardings")
    for table in made.tables:
        column = [name for name, _ in table.columns].index("Boardings") if ("Boardings", True) in table.columns else 0
        if column:
            assert sum(int(row[column]) for row in table.rows if row[column] != "–") == int(total)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_departure_of_a_fortnight_that_nobody_counted_is_named(counted: AppContext, language: str) -> None:
    w = words(language)
    made = report(counted, ADMIN, fortnight(counted), w)
    missing = figures(counted, ADMIN, fortnight(counted), w, 62).uncounted
    (note,) = (note for note in made.notes if note.startswith(f"{len(missing)} "))
    assert len(missing) > 12
    assert len(re.findall(r"\d\d[.:]\d\d", note)) == len(missing)


def test_of_many_that_nobody_counted_the_latest_are_named_and_said_to_be(context: AppContext) -> None:
    span = Span(context.today() - timedelta(42), context.today() - timedelta(1))
    made = report(context, ADMIN, span, words("nb"))
    assert any("De siste: 22. november 11.00, 13.30, 15.30; 21. november" in note for note in made.notes)


def test_cancelled_departures_stand_with_their_reasons(context: AppContext) -> None:
    first = context.today() - timedelta(3)
    now, context.now = context.now, lambda: datetime(2026, 11, 1, tzinfo=UTC)
    request = ChangeRequest(
        kind=ChangeKind.CANCEL, first=first, last=first, reason=ReasonCode.WEATHER, trip="gyldenpris-weekday-1000"
    )
    with context.transaction() as session:
        change_departures(session, ADMIN, request, context.now())
    context.now = now
    made = report(context, ADMIN, fortnight(context), words("nb"))
    assert made.notes[0] == "1 avgang (1,6\N{NO-BREAK SPACE}%) var innstilt: Været 1."


@pytest.mark.parametrize(
    ("first", "last", "title"),
    [
        ("2025-01-01", "2025-12-31", "Reisende i 2025"),
        ("2026-10-12", "2026-11-22", "Reisende i seks uker"),
        ("2026-11-09", "2026-11-22", "Reisende i fjorten dager"),
        ("2026-11-09", "2026-11-11", "Reisende i perioden"),
    ],
)
def test_the_title_says_what_the_span_is(context: AppContext, first: str, last: str, title: str) -> None:
    made = report(context, ADMIN, Span(date.fromisoformat(first), date.fromisoformat(last)), words("nb"))
    assert made.title == title


def test_a_year_is_told_month_by_month_and_no_month_is_left_out(counted: AppContext) -> None:
    span = Span(date(2025, 11, 23), date(2026, 11, 22))
    trend = report(counted, ADMIN, span, words("nb")).tables[0]
    assert [row[0] for row in trend.rows][::12] == ["november 2025", "november 2026"]
    assert len(trend.rows) == 13


def test_the_timetables_of_the_span_are_named(context: AppContext) -> None:
    name = next(timetable.name for timetable in context.schedule().timetables)
    assert f"Den første dagen gjaldt «{name}»." in report(context, ADMIN, fortnight(context), words("nb")).notes


def test_a_reader_gets_what_was_released_and_nothing_exact(counted: AppContext) -> None:
    span = Span(counted.today() - timedelta(70), counted.today())
    with pytest.raises(NotFound, match="released"):
        report(counted, READER, span, words("nb"))
    freeze_due(counted, ADMIN, 5)
    made = report(counted, READER, span, words("nb"))
    assert made.title == words("nb").say("report.title.released")
    (table,) = made.tables
    assert [row[0] for row in table.rows][-1] == "02.11.2026 – 15.11.2026"
    stops = {stop.name for stop in counted.schedule().network.stops}
    assert stops & {name for name, _ in table.columns} == {"Vågsbunnen"}, "nobody gets on where the bus ends"
    with pytest.raises(NotAllowed):
        report(counted, DRIVER, span, words("nb"))


def test_each_exact_report_is_written_down_with_its_span_and_who(counted: AppContext) -> None:
    report(counted, Person("s", "Sol", Role.STAFF), fortnight(counted), words("nb"))
    with counted.reading() as session:
        acts = session.scalars(select(AuditLogRow).where(AuditLogRow.act == "export-report")).all()
    assert [(act.person, act.subject) for act in acts] == [("Sol", "2026-11-09 2026-11-22")]


def test_what_does_not_fit_on_a_page_or_is_no_format_is_refused(context: AppContext) -> None:
    with pytest.raises(Invalid, match="does not fit"):
        report(context, ADMIN, Span(context.today() - timedelta(400), context.today()), words("nb"))
    with pytest.raises(Invalid, match="no report as 'docx'"):
        written_report(context, ADMIN, fortnight(context), words("nb"), "docx", None)


def test_a_span_without_counts_says_not_recorded_and_not_zero(context: AppContext) -> None:
    made = report(context, ADMIN, fortnight(context), words("nb"))
    assert made.facts[0].value == words("nb").say("ridership.not_recorded")
