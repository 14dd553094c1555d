"""Changes of stops, running times, vehicles and patterns from a date, on both databases."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid, Refused
from shuttle.domain.basics.provenance import ALWAYS, Provenance, Validity
from shuttle.domain.timetable.network import Pattern, RunningTime, Stop, Vehicle
from shuttle.services.app_context import AppContext
from shuttle.services.timetable import facts, network_facts
from shuttle.services.timetable.facts import Moment
from shuttle.services.timetable.timetables import add_draft

PLANNER = Person("p", "Planner", Role.PLANNER)
MARCH = date(2027, 3, 1)
SOURCE = Provenance("the centre")
STOP = Stop(
    id="mo-nesttun",
    name="MO Nesttun",
    lat=60.32,
    lon=5.35,
    name_nn="MO Nesttun sør",
    name_en="Nesttun centre",
    address="Nesttunveien 1",
    way="Past the library",
    wheelchair=False,
    quay="B",
    provenance=SOURCE,
)


def moment(context: AppContext) -> Moment:
    return Moment(context.now(), context.today())


def test_every_value_of_a_stop_is_stored_from_its_date(context: AppContext) -> None:
    before = context.schedule().network
    with context.transaction() as session:
        act = network_facts.change_stop(session, PLANNER, STOP, MARCH, moment(context)).id
    network = context.schedule().network
    assert network.on(MARCH).stops[STOP.id] == replace(STOP, validity=Validity(MARCH))
    assert (
        replace(network.on(MARCH - timedelta(days=1)).stops[STOP.id], validity=ALWAYS)
        == before.on(MARCH).stops[STOP.id]
    )
    assert [network.stop_name(STOP.id, MARCH, each) for each in ("nb", "nn", "en")] == [
        "MO Nesttun",
        "MO Nesttun sør",
        "Nesttun centre",
    ]
    with context.transaction() as session:
        facts.undo(session, PLANNER, act, moment(context))
    assert context.schedule().network == before


def test_a_stop_that_departures_call_at_does_not_close(context: AppContext) -> None:
    with pytest.raises(Refused, match="does not exist then"), context.transaction() as session:
        network_facts.close_stop(session, PLANNER, "mo-gyldenpris", MARCH, moment(context))
    assert "mo-gyldenpris" in context.schedule().network.on(MARCH).stops
    with context.transaction() as session:
        network_facts.close_stop(session, PLANNER, "mo-nesttun", MARCH, moment(context))
    assert "mo-nesttun" not in context.schedule().network.on(MARCH).stops


def test_a_link_and_a_bus_change_from_their_date_and_are_undone(context: AppContext) -> None:
    before = context.schedule().network
    link = RunningTime(
        origin="vagsbunnen", destination="mo-gyldenpris", bands=((0, 10), (900, 14)), km=2.2, provenance=SOURCE
    )
    with context.transaction() as session:
        acts = [
            network_facts.change_running_time(session, PLANNER, link, MARCH, moment(context)).id,
            network_facts.change_vehicle(
                session, PLANNER, Vehicle(id="minibus-1", seats=16, provenance=SOURCE), MARCH, moment(context)
            ).id,
        ]
    network = context.schedule().network.on(MARCH)
    assert network.running_times["vagsbunnen", "mo-gyldenpris"].minutes(901) == 14
    assert network.vehicles["minibus-1"].seats == 16
    with context.transaction() as session:
        for act in acts:
            facts.undo(session, PLANNER, act, moment(context))
    assert context.schedule().network == before


def test_a_pattern_that_departures_run_on_is_not_undone(context: AppContext) -> None:
    pattern = Pattern(
        id="round", stops=("vagsbunnen", "mo-nesttun", "vagsbunnen"), headsign="MO Nesttun", provenance=SOURCE
    )
    with context.transaction() as session:
        act = network_facts.change_pattern(session, PLANNER, pattern, moment(context)).id
    today = context.schedule().timetables[0]
    trip = replace(today.trips[0], pattern="round", departs=540)
    with context.transaction() as session:
        add_draft(session, PLANNER, replace(today, id="draft", trips=(trip,)), context.now())
    with pytest.raises(Refused, match="departures run on round"), context.transaction() as session:
        facts.undo(session, PLANNER, act, moment(context))


def test_what_is_not_there_or_cannot_be_is_refused(context: AppContext) -> None:
    nowhere = RunningTime(origin="vagsbunnen", destination="nowhere", bands=((0, 10),), provenance=SOURCE)
    itself = RunningTime(origin="vagsbunnen", destination="vagsbunnen", bands=((0, 10),), provenance=SOURCE)
    for link in (nowhere, itself):
        with pytest.raises(Invalid), context.transaction() as session:
            network_facts.change_running_time(session, PLANNER, link, MARCH, moment(context))
    with pytest.raises(Invalid), context.transaction() as session:
        network_facts.change_stop(session, PLANNER, replace(STOP, id="MO Nesttun!"), MARCH, moment(context))
    with pytest.raises(Invalid):
        Stop(id="half", name="Half", lat=60.0)
