"""What waits for a planner is said where planners begin, until somebody has done something about it."""

from datetime import date

from sqlalchemy import text

from shuttle.domain.access import Person, Role
from shuttle.domain.boardings import Count
from shuttle.services import upkeep
from shuttle.services.boardings import record_and_wait
from shuttle.services.changes import override_day
from shuttle.services.house import House
from shuttle.store.schedule import raise_version
from tests.web.pages.conftest import SignIn, signed_in

__all__ = ["signed_in"]

DRIVER = Person("d", "Kari", Role.DRIVER)
PLANNER = Person("p", "Petra", Role.PLANNER)


def test_the_room_says_what_waits_for_a_planner(signed_in: SignIn, house: House) -> None:
    planner = signed_in(Role.PLANNER)
    page = planner.get("/plan").text
    assert "2 dager er ikke bestemt: 24. desember, 31. desember." in page
    assert "ikke telt" not in page
    assert "Den siste rutetabellen slutter" not in page
    record_and_wait(house, DRIVER, Count("2026-11-20.gyldenpris-weekday-1000", "vagsbunnen", 4), "a-key-for-this-count")
    with house.transaction() as session:
        override_day(session, PLANNER, date(2026, 12, 24), "holiday", "Julaften", house.now())
        session.execute(text("UPDATE publications SET valid_to = '2027-01-10'"))
        raise_version(session)
    page = planner.get("/plan").text
    assert "De siste sju dagene er 10 av 11 avganger ikke telt." in page
    assert "Én dag er ikke bestemt: 31. desember." in page
    assert "Den siste rutetabellen slutter 2027-01-10, om 48 dager." in page


def test_the_clock_writes_down_the_same(house: House) -> None:
    assert upkeep.name_uncounted(house) == "0 of 0 departures of 2026-11-22 were not counted"
    for trip in ("1100", "1530"):
        count = Count(f"2026-11-22.gyldenpris-holiday-{trip}", "vagsbunnen", 0)
        record_and_wait(house, DRIVER, count, f"a-key-for-this-count-{trip}")
    assert upkeep.name_uncounted(house) == "1 of 3 departures of 2026-11-22 were not counted: 13:30"
    assert upkeep.look_ahead(house) == "2 undecided days, 0 days without a timetable in the next 60"
    with house.transaction() as session:
        session.execute(text("UPDATE publications SET valid_to = '2027-01-10'"))
        raise_version(session)
    said = "2 undecided days, 12 days without a timetable in the next 60; the last timetable ends on 2027-01-10, in 48 days"
    assert upkeep.look_ahead(house) == said
