"""Helpers for roster tests: publish a timetable with duties, add drivers, assign and withdraw duties."""

from dataclasses import replace
from datetime import date, timedelta

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.duties.roster import DutyAssignmentWish
from shuttle.domain.duties.rules import THE_ACT, RuleProfile
from shuttle.services.access.accounts import add_account
from shuttle.services.app_context import AppContext
from shuttle.services.duties.roster import RosterChange, give_duty, take_back_duty
from shuttle.services.timetable.publishing import publish
from shuttle.services.timetable.timetables import add_draft
from shuttle.store.access.people import account_named
from tests.builders import a_timetable_with_duties

ADMIN = Person("root", "root", Role.ADMIN)
PLANNER = Person("petra", "Petra", Role.PLANNER)
WITH_DUTIES = "with-duties"


def publish_duties(context: AppContext, first: date | None = None, timetable: str = WITH_DUTIES) -> None:
    """Today's timetable with its duties, in force from today on."""
    table = replace(a_timetable_with_duties(timetable), name="Rutetabell med vakter")
    with context.transaction() as session:
        add_draft(session, PLANNER, table, context.now())
        valid = Validity(first or context.today())
        publish(session, PLANNER, timetable, valid, context.now(), context.today(), ["outside-opening-hours"])


def a_driver(context: AppContext, name: str = "Kari") -> str:
    """The id of a new driver's account."""
    with context.transaction() as session:
        add_account(session, ADMIN, name, Role.DRIVER, context.now())
    return account_id(context, name)


def account_id(context: AppContext, name: str) -> str:
    with context.reading() as session:
        account = account_named(session, name)
        assert account is not None
        return account.id


def wish(duty: str, first: date, days: int = 1, weekdays: frozenset[int] = frozenset(range(7))) -> DutyAssignmentWish:
    return DutyAssignmentWish(
        timetable=WITH_DUTIES, duty=duty, first=first, last=first + timedelta(days=days - 1), weekdays=weekdays
    )


def give(context: AppContext, driver: str, wanted: DutyAssignmentWish, profile: RuleProfile = THE_ACT) -> RosterChange:
    with context.transaction() as session:
        return give_duty(session, PLANNER, wanted, driver, profile, context.now(), context.today())


def take_back(context: AppContext, wanted: DutyAssignmentWish) -> RosterChange:
    with context.transaction() as session:
        return take_back_duty(session, PLANNER, wanted, context.now(), context.today())
