"""Scenario files: what a planner asks, as TOML that a person can read, write and keep in git.

What a scenario leaves out (running times, opening hours) is taken from the schedule on the scenario's date, and what of that is
assumed makes the answer rest on an assumption. Every fault of a file is found in one reading.
"""

from datetime import date
from itertools import pairwise
from pathlib import Path

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.basics.service_time import Minute, time_of_day_text
from shuttle.domain.planning.scenario import (
    MOST_TRIPS,
    Demand,
    DemandProfile,
    Fleet,
    Front,
    Requirement,
    Scenario,
    Stops,
    Wish,
)
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import RunningTime
from shuttle.domain.timetable.opening_hours import Window, check_windows
from shuttle.feeds.scenario_files.requirements import Names, read_requirement
from shuttle.feeds.text_gate import SCENARIO
from shuttle.feeds.toml.lines import TomlDocument, parse_toml, read_toml
from shuttle.feeds.toml.tables import TomlTable

Hours = dict[str, dict[str, tuple[Window, ...]]]


def read_scenario_file(path: Path, schedule: Schedule, on: date) -> Scenario:
    """The scenario of a file. Raises Invalid (`bad-scenario`) with every fault, by line."""
    return _checked(read_toml(path, str(path), SCENARIO), schedule, on)


def read_scenario(text: str, schedule: Schedule, on: date, where: str = "scenario") -> Scenario:
    """The scenario of a text. Raises Invalid (`bad-scenario`) with every fault, by line."""
    return _checked(parse_toml(text, where, SCENARIO), schedule, on)


def _checked(document: TomlDocument, schedule: Schedule, on: date) -> Scenario:
    faults: list[Fault] = []
    found = _Reading(TomlTable.whole(document, faults), schedule, on).scenario()
    if found is None or faults:
        raise Invalid("bad-scenario", "; ".join(map(str, faults)), faults=faults)
    return found


class _Reading:
    """One reading of a scenario; `assumed` collects what of the schedule it rests on without confirmation."""

    def __init__(self, file: TomlTable, schedule: Schedule, on: date) -> None:
        self.file = file
        self.schedule = schedule
        self.on = on
        self.network = schedule.network.on(on)
        self.known_day_types = [day_type.id for day_type in schedule.calendar.day_types]
        self.assumed: set[str] = set()

    def scenario(self) -> Scenario | None:
        file = self.file
        identifier, name = file.identifier("id", "scenario"), file.text("name")
        base_stop = file.choice("base_stop", list(self.network.stops), "stop")
        grid = file.whole_number("grid_minutes", 1, 60)
        first, last = file.minute("first_departure"), file.minute("last_arrival")
        if grid and first % grid:
            allowed = f"a multiple of {grid} minutes from midnight"
            file.fault("the time is off the grid", "first_departure", given=time_of_day_text(first), allowed=allowed)
        day_types = file.texts("day_types")
        for position, day_type in enumerate(day_types):
            file.check_choice(day_type, self.known_day_types, "day type", "day_types", position)
        if file.has("day_types") and not day_types:
            file.fault("day_types is empty", "day_types", allowed="at least one day type", code="no-day-type")
        patterns = self._patterns(base_stop)
        fleet = self._fleet()
        running_times = self._running_times(patterns)
        if fleet.empty_returns:
            self._empty_returns(patterns, base_stop, running_times)
        hours = self._hours(day_types)
        demand = self._demand(day_types)
        base = (
            file.choice("base_timetable", list(self.schedule.timetable_by_id), "timetable")
            if file.has("base_timetable")
            else None
        )
        names = Names(
            day_types=day_types,
            patterns=patterns,
            stops=list(self.network.stops),
            with_hours=list(hours),
            grid=grid,
            has_base=base is not None,
        )
        requirements = self._requirements(names)
        front = self._front()
        self._closed_all_day(patterns, base_stop, hours, day_types)
        return file.build(
            lambda: Scenario(
                id=identifier,
                name=name,
                day_types=day_types,
                grid=grid,
                base_stop=base_stop,
                first_departure=first,
                last_arrival=last,
                patterns=patterns,
                fleet=fleet,
                running_times=running_times,
                hours=hours,
                demand=demand,
                requirements=requirements,
                front=front,
                base_timetable=base,
                assumed=tuple(sorted(self.assumed)),
            )
        )

    def _patterns(self, base_stop: str) -> tuple[Stops, ...]:
        patterns: list[Stops] = []
        for position, item in enumerate(self.file.items("patterns")):
            if not isinstance(item, list) or len(item) < 2 or not all(isinstance(stop, str) for stop in item):
                self.file.fault(
                    "a pattern is not a list of stops", "patterns", position, given=item, allowed='["a", "b", "a"]'
                )
                continue
            for place, stop in enumerate(item):
                self.file.check_choice(stop, list(self.network.stops), "stop", "patterns", position, place)
            if any(here == there for here, there in pairwise(item)):
                self.file.fault("a pattern calls twice in a row at a stop", "patterns", position, given=item)
            if item[0] != base_stop:
                self.file.fault("a pattern begins elsewhere", "patterns", position, given=item[0], allowed=base_stop)
            if tuple(item) in patterns:
                self.file.fault("a pattern stands twice", "patterns", position, given=item, allowed="each once")
            patterns.append(tuple(item))
        if self.file.has("patterns") and not patterns:
            self.file.fault("there is no pattern", "patterns", allowed="at least one")
        return tuple(patterns)

    def _fleet(self) -> Fleet:
        if not self.file.has("fleet"):
            return Fleet()
        table = self.file.table("fleet")
        found = Fleet(
            vehicles=table.whole_number("vehicles", 1, 50),
            seats=table.whole_number("seats", 1, 500) if table.has("seats") else None,
            turnaround=table.whole_number("turnaround_minutes", 0, 240, 0),
            dwell=table.whole_number("dwell_minutes", 0, 60, 0),
            empty_returns=table.flag("empty_returns") if table.has("empty_returns") else True,
        )
        table.refuse_unknown_keys()
        return found

    def _running_times(self, patterns: tuple[Stops, ...]) -> dict[tuple[str, str], RunningTime]:
        found = dict(self.network.running_times)
        if self.file.has("running_times"):
            table = self.file.table("running_times")
            for key, value in table.values.items():
                origin, _, destination = key.partition(" ")
                for stop in (origin, destination):
                    table.check_choice(stop, list(self.network.stops), "stop", key)
                known = found.get((origin, destination))
                running = table.attempt(
                    lambda o=origin, d=destination, v=value, k=key, n=known: RunningTime(  # type: ignore[misc]
                        origin=o, destination=d, bands=self._bands(table, k, v), km=n.km if n else None
                    ),
                    key,
                )
                if running is not None:
                    found[(origin, destination)] = running
        for position, stops in enumerate(patterns):
            for leg in pairwise(stops):
                if not set(leg) <= set(self.network.stops):
                    continue  # the stop has its own fault, and no running time could mend it
                if leg not in found:
                    self.file.fault(
                        f"no running time from {leg[0]} to {leg[1]} is known",
                        "patterns",
                        position,
                        given=" ".join(leg),
                        allowed=f'[running_times] "{leg[0]} {leg[1]}" = minutes',
                        code="no-running-time",
                    )
                elif found[leg].provenance.assumed:
                    self.assumed.add("running_times")
        return found

    def _empty_returns(
        self, patterns: tuple[Stops, ...], base_stop: str, running_times: dict[tuple[str, str], RunningTime]
    ) -> None:
        """A way home from where each pattern ends; one line for each that is not known."""
        missing: set[str] = set()
        for position, stops in enumerate(patterns):
            last = stops[-1]
            if last == base_stop or not {last, base_stop} <= set(self.network.stops):
                continue
            running = running_times.get((last, base_stop))
            if running is None and last not in missing:
                missing.add(last)
                self.file.fault(
                    f"no running time from {last} to {base_stop} is known, for the empty return",
                    "patterns",
                    position,
                    given=f"{last} {base_stop}",
                    allowed=f'[running_times] "{last} {base_stop}" = minutes, or [fleet] empty_returns = false',
                    code="no-running-time",
                )
            elif running is not None and running.provenance.assumed:
                self.assumed.add("running_times")

    def _bands(self, table: TomlTable, key: str, value: object) -> tuple[tuple[Minute, int], ...]:
        """`10`, or a table of bands by the start of the trip: `{"00:00" = 10, "15:00" = 14}`."""
        if isinstance(value, int) and not isinstance(value, bool):
            return ((0, value),)
        if isinstance(value, dict) and value and all(isinstance(m, int) for m in value.values()):
            return tuple(sorted((table.minute_from(start, key, start), minutes) for start, minutes in value.items()))
        table.fault("a running time is not minutes", key, given=value, allowed='10, or {"00:00" = 10, "15:00" = 14}')
        return ((0, 1),)

    def _hours(self, day_types: tuple[str, ...]) -> Hours:
        hours: Hours = {}
        for stop in sorted(self.schedule.opening_times.stops):
            for day_type in day_types:
                regular = self.schedule.opening_times.regular_on(stop, day_type, self.on)
                hours.setdefault(stop, {})[day_type] = regular.windows if regular else ()
        given = self.file.table("opening_hours") if self.file.has("opening_hours") else None
        for stop in given.values if given else ():
            assert given is not None
            given.check_choice(stop, list(self.network.stops), "stop", stop)
            table = given.table(stop)
            hours[stop] = dict.fromkeys(day_types, ())
            for key in table.values:
                table.check_choice(key, self.known_day_types, "day type", key)
                hours[stop][key] = self._windows(table, key)
        for stop in set(hours) - set(given.values if given else ()):
            if any(h.stop == stop and h.provenance.assumed for h in self.schedule.opening_times.regular):
                self.assumed.add("opening_hours")
        return hours

    @staticmethod
    def _windows(table: TomlTable, key: str) -> tuple[Window, ...]:
        windows: list[Window] = []
        for position, item in enumerate(table.items(key)):
            if isinstance(item, list) and len(item) == 2:
                opens, closes = (table.minute_from(edge, key, position, side) for side, edge in enumerate(item))
                windows.append((opens, closes))
            else:
                table.fault(
                    "a window is not an opening and a closing time",
                    key,
                    position,
                    given=item,
                    allowed='["09:00", "21:00"]',
                )
        table.attempt(lambda: check_windows(tuple(windows), key), key)
        return tuple(windows)

    def _demand(self, day_types: tuple[str, ...]) -> Demand:
        if not self.file.has("demand"):
            self.file.fault("demand is missing", allowed="[demand] with source, max_wait_minutes and unserved_minutes")
            return Demand()
        table = self.file.table("demand")
        source, wish = table.text("source", "profile"), table.text("wish", "next")
        table.check_choice(source, ("profile", "recorded"), "source of demand", "source")
        table.check_choice(wish, tuple(Wish), "wish", "wish")
        profiles = tuple(filter(None, (self._profile(each, day_types) for each in table.tables("profile"))))
        assumed = table.flag("assumed")
        if assumed:
            self.assumed.add("demand.profile")
        found = Demand(
            profiles=profiles,
            source=source,
            max_wait=table.whole_number("max_wait_minutes", 1, 24 * 60, 120),
            unserved=table.whole_number("unserved_minutes", 0, 7 * 24 * 60, 180),
            wish=Wish(wish) if wish in tuple(Wish) else Wish.NEXT,
            early=table.whole_number("early_minutes", 0, 240, 10),
            before_closing=table.whole_number("arrive_before_closing_minutes", 0, 240, 0),
            coverage_minutes=table.whole_number("coverage_minutes", 1, 24 * 60, 60),
            assumed=assumed,
            first=table.optional_day("from"),
            last=table.optional_day("to"),
        )
        if source == "recorded" and (found.first is None or found.last is None or found.last < found.first):
            table.fault("recorded demand needs the dates to count from", "source", allowed="from and to, in order")
        if source == "profile" and not profiles and not table.broken:
            table.fault("there is no demand", allowed="at least one [[demand.profile]]")
        if found.unserved < found.max_wait:
            table.fault(
                "being left out would cost less than waiting",
                "unserved_minutes",
                given=found.unserved,
                allowed=f"at least max_wait_minutes ({found.max_wait})",
            )
        table.refuse_unknown_keys()
        return found

    def _profile(self, table: TomlTable, day_types: tuple[str, ...]) -> DemandProfile | None:
        day_type = table.choice("day_type", day_types, "day type of this scenario")
        origin, destination = (table.choice(key, list(self.network.stops), "stop") for key in ("from", "to"))
        starts, slot = table.minute("starts"), table.whole_number("slot_minutes", 1, 24 * 60)
        amounts = table.items("passengers")
        for position, amount in enumerate(amounts):
            good = isinstance(amount, int | float) and not isinstance(amount, bool) and 0 <= amount <= 10_000
            if not good:
                table.fault(
                    "demand is out of range", "passengers", position, given=amount, allowed="0 to 10000 passengers"
                )
        if origin and origin == destination:
            table.fault("a ride ends where it begins", "to", given=destination, allowed="another stop")
        if not amounts and table.has("passengers"):
            table.fault("passengers is empty", "passengers", allowed="a number for each slot")
        if starts + slot * len(amounts) > 30 * 60:
            table.fault(
                "the slots run past the day's end", "passengers", given=len(amounts), allowed="slots that end by 30:00"
            )
        return table.build(
            lambda: DemandProfile(
                day_type=day_type,
                origin=origin,
                destination=destination,
                starts=starts,
                slot_minutes=slot,
                passengers=tuple(map(float, amounts)),
            )
        )

    def _requirements(self, names: Names) -> tuple[Requirement, ...]:
        found: list[Requirement] = []
        seen: set[str] = set()
        for table in self.file.tables("requirements"):
            requirement = read_requirement(table, names)
            if requirement is None:
                continue
            if requirement.name in seen:
                table.fault("two requirements have one name", "name", given=requirement.name, allowed="each name once")
            seen.add(requirement.name)
            found.append(requirement)
        return tuple(found)

    def _front(self) -> Front | None:
        if not self.file.has("front"):
            return None
        table = self.file.table("front")
        by = table.text("by")
        table.check_choice(by, ("trips", "driver_hours", "nok"), "measure of a front", "by")
        largest = MOST_TRIPS if by == "trips" else 1e7
        first, last = table.number("from", 0, largest), table.number("to", 0, largest)
        step = table.number("step", 0.01, 1e6, 1 if by != "nok" else 500)
        if last < first:
            table.fault("the front ends before it begins", "to", given=last, allowed=f"at least {first:g}")
        elif (last - first) / max(step, 0.01) > 60:
            table.fault("the front has too many points", "to", given=last, allowed="at most 61 points")
        table.refuse_unknown_keys()
        return Front(by, first, last, step)

    def _closed_all_day(
        self, patterns: tuple[Stops, ...], base_stop: str, hours: Hours, day_types: tuple[str, ...]
    ) -> None:
        """A day type on which every stop that can be reached is closed has nothing to plan for."""
        reached = {stop for stops in patterns for stop in stops if stop != base_stop}
        for day_type in day_types:
            closed = [stop for stop in reached if stop in hours and not hours[stop].get(day_type)]
            if reached and len(closed) == len(reached):
                self.file.fault(
                    f"on {day_type} every stop is closed all day",
                    "day_types",
                    given=day_type,
                    allowed="a day type on which a stop of the patterns is open",
                    code="closed-all-day",
                )
