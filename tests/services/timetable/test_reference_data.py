"""Import of reference data."""

from dataclasses import replace
from datetime import date

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.timetable.network import Stop
from shuttle.services.app_context import AppContext
from shuttle.services.timetable.reference_data import import_reference_data

PLANNER = Person("p", "Planner", Role.PLANNER)


def test_a_stop_that_moves_has_a_history(context: AppContext) -> None:
    schedule = context.schedule()
    old, *others = schedule.network.stops
    last = date(2026, 12, 31)
    moved = replace(old, name="Vågsbunnen øst", validity=Validity(date(2027, 1, 1)))
    stops = (replace(old, validity=Validity(None, last)), moved, *others)
    with context.transaction() as session:
        changed = replace(schedule, network=replace(schedule.network, stops=stops))
        import_reference_data(session, PLANNER, changed, context.now(), context.today())
    names = [context.schedule().network.on(day).stop("vagsbunnen").name for day in (last, date(2027, 1, 1))]
    assert names == ["Vågsbunnen", "Vågsbunnen øst"]


def test_a_new_centre_can_open(context: AppContext) -> None:
    schedule = context.schedule()
    centre = Stop(id="mo-sentrum", name="MO Sentrum", validity=Validity(date(2027, 6, 1)))
    with context.transaction() as session:
        network = replace(schedule.network, stops=(*schedule.network.stops, centre))
        import_reference_data(session, PLANNER, replace(schedule, network=network), context.now(), context.today())
    assert "mo-sentrum" not in context.schedule().network.on(date(2027, 5, 31)).stops
    assert "mo-sentrum" in context.schedule().network.on(date(2027, 6, 1)).stops


def test_an_import_that_would_break_a_departure_is_refused(context: AppContext) -> None:
    schedule = context.schedule()
    without_times = replace(schedule.network, running_times=())
    without_stop = replace(schedule.network, stops=schedule.network.stops[:1])
    for network in (without_times, without_stop):
        with pytest.raises(Refused, match=r"running time|does not exist"), context.transaction() as session:
            import_reference_data(session, PLANNER, replace(schedule, network=network), context.now(), context.today())
    assert context.schedule().network == schedule.network
