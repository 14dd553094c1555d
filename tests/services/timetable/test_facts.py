"""Changes of facts from a date, and their undoing, on both databases."""

from datetime import date, timedelta

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid, NotAllowed, NotFound, Refused
from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.timetable.facts.changes import Basis
from shuttle.domain.timetable.opening_hours import Window
from shuttle.services.app_context import AppContext
from shuttle.services.timetable import facts
from shuttle.services.timetable.facts import Moment
from shuttle.store.operation.audit_log import latest_entries
from shuttle.store.tables.facts import FactActRow

PLANNER = Person("p", "Planner", Role.PLANNER)
EVENING: tuple[Window, ...] = ((540, 1260),)
MARCH = date(2027, 3, 1)
DECIDED = Provenance("Vedtak 1. desember")
STOP = "mo-nesttun"


def moment(context: AppContext) -> Moment:
    return Moment(context.now(), context.today())


def to_the_evening(context: AppContext, first: date | None = MARCH, person: Person = PLANNER) -> FactActRow:
    with context.transaction() as session:
        act = facts.change_hours(session, person, STOP, {"weekday": EVENING}, Basis(first, DECIDED), moment(context))
        session.expunge(act)
    return act


def windows(context: AppContext, day: date) -> tuple[Window, ...] | None:
    return context.schedule().windows(STOP, day)


def test_new_hours_begin_on_their_date_and_the_past_stays(context: AppContext) -> None:
    before = windows(context, MARCH - timedelta(days=3))
    to_the_evening(context)
    assert windows(context, MARCH - timedelta(days=3)) == before == ((540, 900),)
    assert windows(context, MARCH) == EVENING
    assert windows(context, date(2027, 3, 6)) == (), "the weekend is left alone"
    values = [each for each in context.schedule().opening_times.regular if each.stop == STOP]
    assert [(each.validity.first, each.validity.last) for each in values if each.day_type == "weekday"] == [
        (None, MARCH - timedelta(days=1)),
        (MARCH, None),
    ]


def test_hours_between_two_steps_end_where_the_next_begins(context: AppContext) -> None:
    to_the_evening(context, date(2028, 1, 3))
    step: tuple[Window, ...] = ((540, 1080),)
    with context.transaction() as session:
        facts.change_hours(session, PLANNER, STOP, {"weekday": step}, Basis(MARCH, DECIDED), moment(context))
    assert windows(context, date(2027, 12, 31)) == step
    assert windows(context, date(2028, 1, 3)) == EVENING


def test_undoing_puts_everything_back_and_can_be_undone(context: AppContext) -> None:
    before = context.schedule().opening_times
    act = to_the_evening(context)
    with context.transaction() as session:
        again = facts.undo(session, PLANNER, act.id, moment(context)).id
    assert set(context.schedule().opening_times.regular) == set(before.regular)
    with pytest.raises(Refused, match="undone already"), context.transaction() as session:
        facts.undo(session, PLANNER, act.id, moment(context))
    with context.transaction() as session:
        facts.undo(session, PLANNER, again, moment(context))
    assert windows(context, MARCH) == EVENING
    with context.reading() as session:
        acts = [entry.act for entry in latest_entries(session, 3)]
    assert acts == ["undo-fact", "undo-fact", "change-fact"]


def test_what_somebody_has_changed_since_is_not_undone(context: AppContext) -> None:
    act = to_the_evening(context)
    to_the_evening(context, date(2027, 4, 1))
    with pytest.raises(Refused, match="changed this since"), context.transaction() as session:
        facts.undo(session, PLANNER, act.id, moment(context))


def test_a_value_is_confirmed_without_a_date(context: AppContext) -> None:
    present = {"weekday": ((540, 900),)}
    with context.transaction() as session:
        facts.change_hours(session, PLANNER, STOP, present, Basis(None, DECIDED), moment(context))
    regular = context.schedule().opening_times.regular_on(STOP, "weekday", date(2026, 1, 5))
    assert regular and regular.provenance == DECIDED and regular.validity.first is None


@pytest.mark.parametrize(
    ("first", "source", "code"),
    [
        (date(2026, 11, 22), DECIDED, "fact-in-the-past"),
        (None, DECIDED, "no-date"),
        (MARCH, Provenance(), "no-source"),
        (MARCH, Provenance(assumed=True), "no-source"),
        (date(1999, 12, 31), DECIDED, "date-outside"),
    ],
)
def test_hours_that_cannot_be_are_refused(
    context: AppContext, first: date | None, source: Provenance, code: str
) -> None:
    before = context.schedule()
    with pytest.raises((Invalid, Refused)) as refusal, context.transaction() as session:
        basis = Basis(first, source)
        facts.change_hours(session, PLANNER, STOP, {"weekday": EVENING}, basis, moment(context))
    assert refusal.value.code == code
    assert context.schedule() == before


def test_who_may_not_and_what_is_not_there(context: AppContext) -> None:
    with pytest.raises(NotAllowed):
        to_the_evening(context, person=Person("s", "Staff", Role.STAFF))
    with pytest.raises(NotFound), context.transaction() as session:
        facts.change_hours(session, PLANNER, "nowhere", {"weekday": ()}, Basis(MARCH, DECIDED), moment(context))
    with pytest.raises(Invalid), context.transaction() as session:
        facts.change_hours(session, PLANNER, STOP, {"moonday": ()}, Basis(MARCH, DECIDED), moment(context))
    to_the_evening(context)
    with pytest.raises(Refused, match="entered already"):
        to_the_evening(context)


def test_special_hours_of_christmas_come_and_go(context: AppContext) -> None:
    days = [date(2026, 12, 24) + timedelta(days=n) for n in range(3)]
    with context.transaction() as session:
        facts.change_special_hours(session, PLANNER, STOP, days, (), "Jul", moment(context))
    assert [windows(context, day) for day in days] == [(), (), ()]
    with context.transaction() as session:
        facts.change_special_hours(session, PLANNER, STOP, days[:1], None, "", moment(context))
    assert windows(context, days[0]) == ((540, 900),)
    with pytest.raises(NotFound), context.transaction() as session:
        facts.change_special_hours(session, PLANNER, STOP, days[:1], None, "", moment(context))
