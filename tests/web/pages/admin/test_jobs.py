"""Findings and reports of the nightly jobs appear on the pages of the roles that act on them."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.outcome import JobOutcome
from shuttle.domain.ridership.boardings import Count
from shuttle.language import words
from shuttle.language.outcomes import outcome_text
from shuttle.services.app_context import AppContext
from shuttle.services.operation import nightly_jobs
from shuttle.services.operation.wall_clock import WallClockWatch, unconfirmed_leap
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.timetable.changes import override_day
from shuttle.store.timetable.schedule import raise_version
from tests.web.pages.conftest import SignIn, signed_in

__all__ = ["signed_in"]

DRIVER = Person("d", "Kari", Role.DRIVER)
PLANNER = Person("p", "Petra", Role.PLANNER)


def test_the_room_says_what_waits_for_a_planner(signed_in: SignIn, context: AppContext) -> None:
    planner = signed_in(Role.PLANNER)
    page = planner.get("/plan").text
    assert "2 dager er ikke bestemt: 24. desember, 31. desember." in page
    assert "ikke telt" not in page
    assert "Den siste rutetabellen slutter" not in page
    record_and_wait(
        context,
        DRIVER,
        Count(departure="2026-11-20.gyldenpris-weekday-1000", stop="vagsbunnen", boardings=4),
        "a-key-for-this-count",
    )
    with context.transaction() as session:
        override_day(session, PLANNER, date(2026, 12, 24), "holiday", "Julaften", context.now())
        session.execute(text("UPDATE publications SET valid_to = '2027-01-10'"))
        raise_version(session)
    page = planner.get("/plan").text
    assert "De siste sju dagene er 10 av 11 avganger ikke telt." in page
    assert "Én dag er ikke bestemt: 31. desember." in page
    assert "Den siste rutetabellen slutter 10. januar 2027, om 48 dager." in page


def test_the_clock_writes_down_the_same(context: AppContext) -> None:
    assert nightly_jobs.report_uncounted(context) == JobOutcome("nothing-to-count")
    for trip in ("1100", "1530"):
        count = Count(departure=f"2026-11-22.gyldenpris-holiday-{trip}", stop="vagsbunnen", boardings=0)
        record_and_wait(context, DRIVER, count, f"a-key-for-this-count-{trip}")
    told_uncounted = outcome_text(nightly_jobs.report_uncounted(context), words("nb")).text
    assert told_uncounted == "Ikke talt dagen før: 1 av 3 avganger (13.30)."
    amounts = {"undecided": 2, "without": 0, "tables": 0, "days": 60}
    assert nightly_jobs.look_ahead(context) == JobOutcome("looked-ahead", amounts)
    with context.transaction() as session:
        session.execute(text("UPDATE publications SET valid_to = '2027-01-10'"))
        raise_version(session)
    assert nightly_jobs.look_ahead(context) == JobOutcome("looked-ahead", {**amounts, "without": 12, "tables": 1})


def test_demand_of_the_night_is_a_table_for_planners(signed_in: SignIn, context: AppContext) -> None:
    planner = signed_in(Role.PLANNER)
    assert "Ingen har anslått noe ennå" in planner.get("/plan/demand").text
    for day in (18, 19, 20):
        count = Count(departure=f"2026-11-{day}.gyldenpris-weekday-1000", stop="vagsbunnen", boardings=6)
        record_and_wait(context, DRIVER, count, f"a-key-for-this-count-{day}")
    nightly_jobs.estimate(context)
    page = planner.get("/plan/demand").text
    assert "Hverdag: Vågsbunnen – MO Gyldenpris" in page
    assert "3 telte dager" in page
    assert "30. september 2026" not in page
    assert "28. september 2026 – 22. november 2026" in page
    assert 'href="/plan/demand"' in planner.get("/plan").text


def test_a_leap_of_the_clock_is_confirmed_on_the_page(signed_in: SignIn, context: AppContext) -> None:
    now = context.now()
    context.now = lambda: now - timedelta(days=2)
    WallClockWatch(context).look()
    context.now = lambda: now
    admin = signed_in(Role.ADMIN)
    assert "Klokken har hoppet" not in admin.get("/admin").text
    WallClockWatch(context).look()
    page = admin.get("/admin").text
    assert "Klokken har hoppet" in page and "Tiden er riktig, gå videre" in page
    assert admin.post("/admin/clock/confirm").status_code == 200
    assert unconfirmed_leap(context) is None
    assert "Klokken har hoppet" not in admin.get("/admin").text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_written_reports_are_offered_to_who_may_see_exact_figures(signed_in: SignIn, context: AppContext) -> None:
    record_and_wait(
        context,
        DRIVER,
        Count(departure="2026-11-12.gyldenpris-weekday-1000", stop="vagsbunnen", boardings=4),
        "a-key-for-this-count",
    )
    staff = signed_in(Role.STAFF)
    assert "filed" not in staff.get("/ridership").text
    nightly_jobs.write_reports(context, words("nb"), None)
    page = staff.get("/ridership").text
    link = "/ridership/reports/fortnight-2026-11-02-2026-11-15.pdf"
    assert f'href="{link}"' in page
    assert "To uker: 2. november 2026 – 15. november 2026 (PDF)" in page
    answer = staff.get(link)
    assert (answer.status_code, answer.headers["content-type"], answer.content[:5]) == (
        200,
        "application/pdf",
        b"%PDF-",
    )
    assert staff.get("/ridership/reports/shuttle.db").status_code == 404
    assert signed_in(Role.READER).get(link).status_code == 403
