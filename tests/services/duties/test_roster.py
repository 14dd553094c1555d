"""Assigning and withdrawing duties, on both databases."""

from dataclasses import replace
from datetime import date, timedelta
from threading import Thread

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import NotAllowed, NotFound, Refused, ShuttleError
from shuttle.domain.duties.roster import Assignment
from shuttle.domain.duties.rules import THE_ACT
from shuttle.services.access.account_changes import disable_account
from shuttle.services.app_context import AppContext
from shuttle.services.duties.roster import RosterChange, give_duty
from shuttle.store.duties import roster as store
from shuttle.store.operation.audit_log import latest_entries
from tests.rosters import ADMIN, PLANNER, a_driver, give, publish_duties, take_back, wish

TODAY = date(2026, 11, 23)
DECEMBER = date(2026, 12, 14)
WORKING_DAYS = frozenset(range(5))
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Runs on one kind of database: decided before any query."""


@pytest.fixture
def kari(context: AppContext) -> str:
    publish_duties(context)
    return a_driver(context)


def assigned_duties(context: AppContext) -> list[tuple[date, str, str]]:
    with context.reading() as session:
        return [(each.date, each.duty, each.driver) for each in store.assignments(session, TODAY, date(2027, 12, 31))]


def refusal(context: AppContext, driver: str, *arguments: object, **more: object) -> ShuttleError:
    with pytest.raises(ShuttleError) as refused:
        give(context, driver, wish(*arguments, **more))  # type: ignore[arg-type]
    return refused.value


def test_a_duty_is_given_on_the_dates_on_which_it_is_driven(context: AppContext, kari: str) -> None:
    assert give(context, kari, wish("weekday-1", DECEMBER, 12)) == RosterChange(9, 0), "the last is Christmas Day"
    assert [day.day for day, _, _ in assigned_duties(context)] == [14, 15, 16, 17, 18, 21, 22, 23, 24]
    with context.reading() as session:
        act = latest_entries(session, 1)[0]
    assert (act.person, act.act, act.subject) == ("Petra", "give-duty", "with-duties/weekday-1")
    assert act.details == {
        "driver": "Kari",
        "dates": 9,
        "profile": "act",
        "from": "2026-12-14",
        "to": "2026-12-25",
    }


@on_sqlite
def test_a_repeated_assignment_changes_nothing_short_notice_is_reported(context: AppContext, kari: str) -> None:
    assert give(context, kari, wish("weekday-1", TODAY, 19, WORKING_DAYS)) == RosterChange(15, 10)
    assert give(context, kari, wish("weekday-1", TODAY, 19, WORKING_DAYS)) == RosterChange(0, 0)


def test_one_duty_has_one_driver_and_one_driver_one_duty_a_day(context: AppContext, kari: str) -> None:
    ola = a_driver(context, "Ola")
    give(context, kari, wish("weekday-1", DECEMBER, 2))
    taken = refusal(context, ola, "weekday-1", DECEMBER, 5)
    assert (taken.code, [fault.where for fault in taken.faults]) == ("duty-taken", ["2026-12-14", "2026-12-15"])
    assert refusal(context, kari, "weekday-2", DECEMBER).code == "driver-has-duty"
    assert len(assigned_duties(context)) == 2, "all of it is done or nothing"


def test_the_database_itself_keeps_a_duty_with_one_driver(context: AppContext, kari: str) -> None:
    ola = a_driver(context, "Ola")
    give(context, kari, wish("weekday-1", DECEMBER))
    for day, duty, driver in ((DECEMBER, "weekday-1", ola), (DECEMBER, "weekday-2", kari)):
        with pytest.raises(Refused, match="changed by another person"), context.transaction() as session:
            store.add_assignments(
                session,
                [Assignment(date=day, timetable="with-duties", duty=duty, driver=driver, made_at=context.now())],
                "Petra",
            )


@on_sqlite
def test_a_broken_rest_rule_is_refused_and_another_profile_may_allow_it(context: AppContext, kari: str) -> None:
    sunday = date(2026, 12, 13)
    give(context, kari, wish("holiday-1", sunday))
    broken = refusal(context, kari, "holiday-1", sunday + timedelta(days=7))
    assert (broken.code, broken.given) == ("rota-broken", "act")
    assert [(fault.code, fault.where) for fault in broken.faults] == [("next_sunday_off", "2026-12-20")]
    agreed = type(THE_ACT)(id="agreed", name="Agreed", next_sunday_off=False)
    assert give(context, kari, wish("holiday-1", sunday + timedelta(days=7)), agreed).dates == 1


def test_duties_that_two_planners_give_at_once_keep_the_rules_together(context: AppContext, kari: str) -> None:
    sunday = date(2026, 12, 13)
    refused: list[str] = []

    def the_other() -> None:
        refused.append(refusal(context, kari, "holiday-1", sunday + timedelta(days=7)).code)

    meanwhile = Thread(target=the_other)
    with context.transaction() as session:
        first = wish("holiday-1", sunday)
        give_duty(session, PLANNER, first, kari, THE_ACT, context.now(), context.today())
        meanwhile.start()
        meanwhile.join(0.3)
        assert meanwhile.is_alive(), "the other waits until this is decided"
    meanwhile.join()
    assert refused == ["rota-broken"]


def test_a_duty_is_taken_back_from_whoever_has_it_and_free_again(context: AppContext, kari: str) -> None:
    ola = a_driver(context, "Ola")
    give(context, kari, wish("weekday-1", DECEMBER, 5))
    assert take_back(context, wish("weekday-1", DECEMBER, 2)) == RosterChange(2, 0)
    give(context, ola, wish("weekday-1", DECEMBER))
    assert assigned_duties(context)[:2] == [
        (DECEMBER, "weekday-1", ola),
        (DECEMBER + timedelta(days=2), "weekday-1", kari),
    ]
    with context.reading() as session:
        mine = store.assignments_of_driver(session, kari, DECEMBER, DECEMBER)
    assert [each.in_force for each in mine] == [False], "the driver's calendar has to say that it is gone"
    with pytest.raises(NotFound, match="is assigned on none"):
        take_back(context, wish("weekday-1", DECEMBER + timedelta(days=1)))


def test_a_lapsed_duty_gives_way_to_one_of_the_new_timetable(context: AppContext, kari: str) -> None:
    give(context, kari, wish("weekday-1", DECEMBER, 2))
    publish_duties(context, DECEMBER + timedelta(days=1), "newer")
    newer = wish("weekday-1", DECEMBER, 2)
    assert give(context, kari, replace(newer, timetable="newer")).dates == 1
    with context.reading() as session:
        assignments = store.assignments(session, DECEMBER, DECEMBER + timedelta(days=1))
    assert [each.timetable for each in assignments] == ["with-duties", "newer"]


@on_sqlite
@pytest.mark.parametrize(
    ("code", "duty", "first"),
    [
        ("past-date", "weekday-1", TODAY - timedelta(days=1)),
        ("duty-on-no-date", "weekday-9", TODAY),
        ("duty-on-no-date", "holiday-1", TODAY),
    ],
)
def test_what_cannot_be_given_is_refused_with_its_reason(
    context: AppContext, kari: str, code: str, duty: str, first: date
) -> None:
    assert refusal(context, kari, duty, first).code == code


@on_sqlite
def test_duties_are_for_drivers_whose_account_is_in_use(context: AppContext, kari: str) -> None:
    with context.transaction() as session:
        disable_account(session, ADMIN, "Kari", context.now())
    refused = refusal(context, kari, "weekday-1", TODAY)
    assert (refused.code, refused.allowed) == ("unknown-driver", "none: an administrator adds them")


@on_sqlite
def test_only_who_rosters_gives_duties(context: AppContext, kari: str) -> None:
    staff = Person("s", "Siri", Role.STAFF)
    assert PLANNER.role is Role.PLANNER
    with pytest.raises(NotAllowed), context.transaction() as session:
        give_duty(session, staff, wish("weekday-1", TODAY), kari, THE_ACT, context.now(), TODAY)
