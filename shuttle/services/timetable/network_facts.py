"""Changes of the network by planners: stops, running times, vehicles and patterns, each an act that can be undone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.errors import Invalid, Refused
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.facts.changes import Basis, FactGroup, grouped, with_value, without_value
from shuttle.domain.timetable.network import Costs, Network, Pattern, RunningTime, Stop, Vehicle
from shuttle.domain.timetable.trips import check_id
from shuttle.services.timetable.facts import FactChange, Moment, change_facts, check_stop, date_text
from shuttle.store.tables.facts import FactActRow


def change_stop(session: Session, person: Person | None, stop: Stop, first: date | None, moment: Moment) -> FactActRow:
    """A new stop, or new values of one, from a date; without a date what is entered is confirmed.

    Raises Invalid (`bad-id`, `no-date`, `no-source`), Refused (`fact-in-the-past`, `nothing-changed`).
    """
    basis = Basis(first, stop.provenance)
    check_id(stop.id, "stop")

    def change(network: Network) -> Network:
        own = [each for each in network.stops if each.id == stop.id]
        values = with_value(own, stop, basis.first, moment.today)
        return replace(network, stops=grouped(network.stops, values, "id"))

    return _changed(session, person, (FactGroup.STOP, stop.id), basis, change, moment)


def close_stop(session: Session, person: Person | None, stop: str, first: date, moment: Moment) -> FactActRow:
    """A stop that is no more from a date on. Raises NotFound (`unknown-stop`), Refused (`departures-would-break`)."""

    def change(schedule: Schedule) -> Schedule:
        check_stop(schedule, stop)
        network = schedule.network
        own = [each for each in network.stops if each.id == stop]
        kept = without_value(own, first, moment.today)
        if not kept:
            raise Refused("stop-not-open", f"{stop} opens later than {first}", given=first.isoformat())
        return replace(schedule, network=replace(network, stops=grouped(network.stops, kept, "id")))

    details = {"from": date_text(first)}
    act = FactChange(group=FactGroup.STOP, key=stop, first=first, details=details)
    return change_facts(session, person, act, change, moment)


def change_running_time(
    session: Session, person: Person | None, link: RunningTime, first: date | None, moment: Moment
) -> FactActRow:
    """The running times of a link from a date; without a date what is entered is confirmed. Raises as `change_stop`, and
    Invalid (`unknown-stop`, `same-stop`).
    """
    basis = Basis(first, link.provenance)

    def change(network: Network) -> Network:
        if link.origin == link.destination:
            raise Invalid("same-stop", "a link goes to another stop", given=link.origin, allowed="two different stops")
        for stop in (link.origin, link.destination):
            _check_known(network, stop)
        own = [
            each for each in network.running_times if (each.origin, each.destination) == (link.origin, link.destination)
        ]
        values = with_value(own, link, basis.first, moment.today)
        return replace(network, running_times=grouped(network.running_times, values, "origin", "destination"))

    key = f"{link.origin} {link.destination}"
    return _changed(session, person, (FactGroup.RUNNING_TIME, key), basis, change, moment)


def change_vehicle(
    session: Session, person: Person | None, vehicle: Vehicle, first: date | None, moment: Moment
) -> FactActRow:
    """A new vehicle, or new values of one, from a date; without a date what is entered is confirmed. Raises as `change_stop`."""
    basis = Basis(first, vehicle.provenance)
    check_id(vehicle.id, "vehicle")

    def change(network: Network) -> Network:
        own = [each for each in network.vehicles if each.id == vehicle.id]
        values = with_value(own, vehicle, basis.first, moment.today)
        return replace(network, vehicles=grouped(network.vehicles, values, "id"))

    return _changed(session, person, (FactGroup.VEHICLE, vehicle.id), basis, change, moment)


def change_costs(
    session: Session, person: Person | None, costs: Costs, first: date | None, moment: Moment
) -> FactActRow:
    """The cost rates from a date; without a date what is entered is confirmed. Raises as `change_stop`, and Invalid
    (`unknown-day-type`) for a supplement.
    """
    basis = Basis(first, costs.provenance)

    def change(schedule: Schedule) -> Schedule:
        for day_type in (each for extra in costs.supplements for each in extra.day_types):
            schedule.calendar.names_of(day_type)
        values = with_value(schedule.network.costs, costs, basis.first, moment.today)
        return replace(schedule, network=replace(schedule.network, costs=values))

    details = {"from": date_text(basis.first), "source": basis.provenance.source}
    act = FactChange(group=FactGroup.COSTS, key="", first=basis.first, details=details)
    return change_facts(session, person, act, change, moment)


def change_pattern(session: Session, person: Person | None, pattern: Pattern, moment: Moment) -> FactActRow:
    """A new pattern, or the source of one that is there: its stops stay, since trips run on it.

    Raises Invalid (`bad-id`, `short-pattern`, `repeated-stop`, `no-source`, `unknown-stop`), Refused
    (`pattern-exists`).
    """
    basis = Basis(None, pattern.provenance)
    check_id(pattern.id, "pattern")

    def change(network: Network) -> Network:
        for stop in pattern.stops:
            _check_known(network, stop)
        old = network.pattern_by_id.get(pattern.id)
        if old is not None and old.stops != pattern.stops:
            raise Refused(
                "pattern-exists",
                f"pattern {pattern.id} has other stops already",
                given=pattern.id,
                allowed="another id for other stops",
            )
        others = tuple(each for each in network.patterns if each.id != pattern.id)
        return replace(network, patterns=(*others, pattern))

    return _changed(session, person, (FactGroup.PATTERN, pattern.id), basis, change, moment)


def _changed(
    session: Session,
    person: Person | None,
    what: tuple[FactGroup, str],
    basis: Basis,
    change: Callable[[Network], Network],
    moment: Moment,
) -> FactActRow:
    group, key = what
    details = {"from": date_text(basis.first), "source": basis.provenance.source}
    act = FactChange(group=group, key=key, first=basis.first, details=details)
    return change_facts(
        session, person, act, lambda schedule: replace(schedule, network=change(schedule.network)), moment
    )


def _check_known(network: Network, stop: str) -> None:
    """Raises Invalid (`unknown-stop`)."""
    names = list(dict.fromkeys(each.id for each in network.stops))
    if stop not in names:
        allowed = ", ".join(names)
        raise Invalid(
            "unknown-stop", f"there is no stop {stop!r}; the stops are {allowed}", given=stop, allowed=allowed
        )
