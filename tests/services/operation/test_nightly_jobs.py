"""Nightly jobs: reports of ended periods, demand estimates, and failures."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import NotAllowed, NotFound, Refused
from shuttle.domain.basics.outcome import JobOutcome
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.fortnights import Period
from shuttle.domain.ridership.summaries import Span
from shuttle.language import words
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.services.operation import nightly_jobs
from shuttle.services.operation.installation import open_app_context
from shuttle.services.operation.stored_reports import read_stored_report, stored_reports, write_due
from shuttle.services.ridership import rollup
from shuttle.services.ridership.boardings import accepted, record_and_wait
from shuttle.services.ridership.demand_estimates import estimate_demand, newest_estimate
from shuttle.store.operation.stored_reports import StoredReport, put
from shuttle.store.ridership.boardings import Arrival
from tests.conftest import NOON, OSLO

ADMIN = Person("a", "Admin", Role.ADMIN)
DRIVER = Person("d", "Bus", Role.DRIVER)
STAFF = Person("s", "Desk", Role.STAFF)
READER = Person("r", "Reader", Role.READER)
PLANNER = Person("p", "Petra", Role.PLANNER)
NB = words("nb")
on_one = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Runs on one kind of database: independent of it."""


def names(context: AppContext) -> list[str]:
    """Names of the fortnight's reports; the six weeks that end with it have others."""
    return sorted(report.name for report in stored_reports(context, STAFF) if report.period == "fortnight")


def stand_on(context: AppContext, day: date) -> None:
    context.now = lambda: datetime(day.year, day.month, day.day, 2, 25, tzinfo=UTC)


def count(context: AppContext, day: str, trip: str, boardings: int) -> None:
    departure = f"{day}.gyldenpris-weekday-{trip}"
    record_and_wait(
        context, DRIVER, Count(departure=departure, stop="vagsbunnen", boardings=boardings), f"key-{departure}"
    )


def test_a_report_is_preliminary_after_its_period_and_final_a_week_later(context: AppContext) -> None:
    stand_on(context, date(2026, 11, 16))  # the Monday after a fortnight
    assert nightly_jobs.write_reports(context, NB, None) == JobOutcome("none-due")
    count(context, "2026-11-12", "1000", 4)
    names_written = str(nightly_jobs.write_reports(context, NB, None).amounts["reports"])
    first = [f"fortnight-2026-11-02-2026-11-15-preliminary.{kind}" for kind in ("csv", "pdf")]
    assert names(context) == first
    assert first[0] in names_written
    assert "six-weeks-2026-10-05-2026-11-15-preliminary.pdf" in names_written
    stand_on(context, date(2026, 11, 22))
    assert write_due(context, ADMIN, NB, None) == ()
    count(context, "2026-11-13", "1000", 300)
    stand_on(context, date(2026, 11, 23))
    write_due(context, ADMIN, NB, None)
    assert names(context) == ["fortnight-2026-11-02-2026-11-15.csv", "fortnight-2026-11-02-2026-11-15.pdf"]
    report, content = read_stored_report(context, STAFF, "fortnight-2026-11-02-2026-11-15.csv")
    assert "304" in content.decode(), "the late count is in it"
    assert not report.preliminary
    count(context, "2026-11-13", "1200", 200)
    assert write_due(context, ADMIN, NB, None) == ()


@on_one
def test_a_year_has_a_report_of_its_own(context: AppContext) -> None:
    count(context, "2026-11-12", "1000", 4)
    stand_on(context, date(2027, 1, 4))
    written = {report.name for report in write_due(context, ADMIN, NB, None)}
    assert "year-2026-01-01-2026-12-31-preliminary.pdf" in written


@on_one
def test_a_written_report_is_for_who_may_see_exact_figures(context: AppContext) -> None:
    count(context, "2026-11-12", "1000", 4)
    write_due(context, ADMIN, NB, None)
    assert [(report.period, report.wanted) for report in stored_reports(context, STAFF)] == [
        ("fortnight", "pdf"),
        ("fortnight", "csv"),
        ("six-weeks", "pdf"),
        ("six-weeks", "csv"),
    ]
    with pytest.raises(NotAllowed):
        stored_reports(context, READER)
    for name in (
        "fortnight-2026-11-02-2026-11-15-preliminary.csv",
        "fortnight-2026-99-01-2026-99-15.csv",
        "../shuttle.db",
    ):
        with pytest.raises(NotFound):
            read_stored_report(context, STAFF, name)


@pytest.fixture
def other(database_url: str) -> Iterator[AppContext]:
    """The same installation on another host."""
    second = open_app_context(database_url, OSLO)
    second.now = lambda: NOON
    yield second
    second.close()


def test_what_one_host_wrote_every_host_offers_and_writes_no_second_time(
    context: AppContext, other: AppContext
) -> None:
    count(context, "2026-11-12", "1000", 4)
    written = write_due(context, ADMIN, NB, None)
    assert written and set(stored_reports(other, STAFF)) == set(written)
    name = "fortnight-2026-11-02-2026-11-15.pdf"
    assert read_stored_report(other, STAFF, name) == read_stored_report(context, STAFF, name)
    count(other, "2026-11-13", "1000", 300)
    assert write_due(other, ADMIN, NB, None) == ()


def test_of_two_concurrent_writers_of_a_report_the_first_succeeds(context: AppContext) -> None:
    report = StoredReport(Period.YEAR, Span(date(2025, 1, 1), date(2025, 12, 31)), "csv", preliminary=False)
    for content, is_first in ((b"\x00\xff first", True), (b"second", False)):
        with context.transaction() as session:
            assert put(session, report, context.now(), content) is is_first
    assert read_stored_report(context, STAFF, report.name) == (report, b"\x00\xff first")


def count_for_weeks(context: AppContext, boardings: int) -> None:
    """Counts on every departure of 25 days, with a given number each."""
    waiting = []
    for back in range(1, 26):
        for departure in context.schedule().departures_on(context.today() - timedelta(back)).departures:
            arrival = accepted(
                context,
                DRIVER,
                Count(departure=departure.id, stop="vagsbunnen", boardings=boardings),
                f"key-{departure.id}",
            )
            assert isinstance(arrival, Arrival)
            waiting.append(context.writer.put(arrival))
    for promise in waiting:
        promise.result()


def test_demand_is_estimated_by_night_and_kept_for_planners(context: AppContext) -> None:
    assert nightly_jobs.estimate(context) == JobOutcome("nothing-counted", {"weeks": 8})
    assert newest_estimate(context, PLANNER) is None
    count_for_weeks(context, 6)
    made = estimate_demand(context, ADMIN)
    assert made is not None
    assert newest_estimate(context, PLANNER) == made
    weekday, holiday = made.pairs
    assert (weekday.day_type, weekday.origin, weekday.destination) == ("weekday", "vagsbunnen", "mo-gyldenpris")
    assert weekday.days + holiday.days == 25
    assert sum(hour.passengers for hour in weekday.hours) == pytest.approx(5 * 6, abs=0.01)
    assert sum(hour.passengers for hour in holiday.hours) == pytest.approx(3 * 6, abs=0.01)
    assert all(hour.low <= hour.passengers <= hour.high for hour in weekday.hours)
    with pytest.raises(NotAllowed):
        newest_estimate(context, STAFF)
    for night in (date(2026, 11, 24), date(2027, 1, 2)):
        stand_on(context, night)
        nightly_jobs.estimate(context)
    with context.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM demand_estimates")) == 1


def test_sums_that_differ_are_a_job_that_failed(context: AppContext) -> None:
    count(context, "2026-11-12", "1000", 4)
    assert nightly_jobs.check_rollup(context) == JobOutcome("sums-equal")
    with context.transaction() as session:
        session.execute(text("UPDATE ridership_by_trip SET boardings = boardings + 1"))
    with pytest.raises(Refused, match="differences between sums and counts"):
        nightly_jobs.check_rollup(context)
    rollup.rebuild(context, ADMIN)
    assert nightly_jobs.check_rollup(context) == JobOutcome("sums-equal")


@pytest.mark.parametrize("statement", ["UPDATE acts SET person = 'somebody else'", "DELETE FROM acts"])
def test_the_database_itself_refuses_to_change_the_record_of_acts(context: AppContext, statement: str) -> None:
    with context.transaction() as session:
        create_token(session, ADMIN, Role.STAFF, "tablet", context.now())
    with pytest.raises(DBAPIError, match="only ever added"), context.transaction() as session:
        session.execute(text(statement))
        session.flush()
    with context.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM acts WHERE person = 'Admin'")) == 1
