"""Folder of schedule files: the content of a new database, and a form that a planner may keep in git.

Each subject has its own file and model. Checks between files stand here: two timetables on one date, two of one id, a trip
without a running time. One reading reports all faults of all files.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Network
from shuttle.domain.timetable.opening_hours import OpeningTimes
from shuttle.domain.timetable.quality_checks import missing_running_times, trips_off_their_pattern
from shuttle.domain.timetable.service_days import Calendar
from shuttle.domain.timetable.service_details import NO_DETAILS, ServiceDetails
from shuttle.domain.timetable.trips import Publication, Timetable, layer_for
from shuttle.feeds.schedule_files.calendar import read_calendar
from shuttle.feeds.schedule_files.duty_rules import read_duty_rules
from shuttle.feeds.schedule_files.network import read_network
from shuttle.feeds.schedule_files.opening_hours import read_opening_times
from shuttle.feeds.schedule_files.service import read_service
from shuttle.feeds.schedule_files.timetables import read_timetable
from shuttle.feeds.toml.lines import TomlDocument, read_toml
from shuttle.feeds.toml.types import ids

NETWORK, CALENDAR, OPENING_HOURS, DUTY_RULES = "network.toml", "calendar.toml", "opening-hours.toml", "duty-rules.toml"
SERVICE = "service.toml"
TIMETABLES = "timetables"


def read_schedules(folder: Path) -> Schedule:
    """The schedule of a folder. Timetables with `valid_from` are published, without a moment of publication.

    Raises Invalid (`bad-schedule-files`) with every fault of every file.
    """
    faults: list[Fault] = []
    schedule = _Folder(folder, faults).schedule()
    if schedule is None or faults:
        raise Invalid("bad-schedule-files", "; ".join(map(str, faults)), faults=faults)
    return schedule


class _Folder:
    """One reading of a folder; `faults`: those of the files read so far."""

    def __init__(self, folder: Path, faults: list[Fault]) -> None:
        self.folder = folder
        self.faults = faults

    def schedule(self) -> Schedule | None:
        network_file, calendar_file, hours_file = map(self._file, (NETWORK, CALENDAR, OPENING_HOURS))
        network = read_network(network_file, self.faults) if network_file else None
        calendar = read_calendar(calendar_file, self.faults) if calendar_file else None
        # A name that stands in a faulty table is still a name: one mistake is one fault.
        stops = list(dict.fromkeys(ids(network_file.values.get("stops")))) if network_file else None
        patterns = ids(network_file.values.get("patterns")) if network_file else None
        day_types = ids(calendar_file.values.get("day_types")) if calendar_file else None
        hours = read_opening_times(hours_file, self.faults, stops, day_types) if hours_file else None
        files = [file for path in self._timetable_paths() if (file := self._file(path))]
        timetables = [
            (file, timetable) for file in files if (timetable := read_timetable(file, self.faults, patterns, day_types))
        ]
        details = self._details()
        self._refuse_faulty_duty_rules()
        self._refuse_clashes(timetables)
        if network is None or calendar is None or hours is None:
            return None
        if not self.faults:
            self._refuse_trips_without_times(network, timetables)
        schedule = _schedule(network, calendar, hours, [timetable for _, timetable in timetables])
        return replace(schedule, details=details)

    def _timetable_paths(self) -> list[str]:
        return sorted(f"{TIMETABLES}/{path.name}" for path in (self.folder / TIMETABLES).glob("*.toml"))

    def _file(self, name: str) -> TomlDocument | None:
        try:
            return read_toml(self.folder / name)
        except Invalid as refusal:
            self.faults.extend(refusal.faults)
            return None

    def _details(self) -> ServiceDetails:
        file = self._file(SERVICE) if (self.folder / SERVICE).exists() else None
        return (read_service(file, self.faults) if file else None) or NO_DETAILS

    def _refuse_faulty_duty_rules(self) -> None:
        """The working-time rules decide no departure; a check of the folder reports their faults too."""
        path = self.folder / DUTY_RULES
        if path.exists():
            try:
                read_duty_rules(path)
            except Invalid as refusal:
                self.faults.extend(refusal.faults)

    def _refuse_clashes(self, timetables: Iterable[tuple[TomlDocument, Timetable]]) -> None:
        """Two timetables of one id, or two that apply on the same date and of which none lies within the other."""
        earlier: list[Timetable] = []
        for file, timetable in timetables:
            for other in earlier:
                if other.id == timetable.id:
                    what = f"another file has timetable {other.id}"
                    self._fault(file, "id", what, given=other.id, allowed="each id once", code="timetable-twice")
                elif _clash(other.intended, timetable.intended):
                    self._fault(
                        file,
                        "valid_from",
                        f"timetable {timetable.id} applies on the same dates as {other.id}",
                        given=f"{_span(timetable.intended)} and {_span(other.intended)}",
                        allowed="periods that do not overlap, or a temporary one that begins and ends within the other",
                        code="same-dates",
                    )
            earlier.append(timetable)

    def _refuse_trips_without_times(self, network: Network, timetables: list[tuple[TomlDocument, Timetable]]) -> None:
        for file, timetable in timetables:
            for pattern, (origin, destination), day in missing_running_times(network, timetable, timetable.intended):
                when = "" if day == date.min else f" on {day}"
                self._fault(
                    file,
                    "trips",
                    f"pattern {pattern} has no running time from {origin} to {destination}{when}",
                    given=pattern,
                    allowed=f"a pattern whose legs all have [[running_times]] in {NETWORK}",
                    code="no-running-time",
                )
            for trip in trips_off_their_pattern(network, timetable):
                what = f"the calls of {trip} are not the stops of its pattern"
                self._fault(file, "trips", what, given=trip, code="off-pattern")

    def _fault(self, file: TomlDocument, key: str, what: str, *, given: str, allowed: str = "", code: str) -> None:
        self.faults.append(file.fault((key,), what, given=given, allowed=allowed, code=code))


def _schedule(network: Network, calendar: Calendar, hours: OpeningTimes, timetables: list[Timetable]) -> Schedule:
    published = [timetable for timetable in timetables if timetable.intended.first]
    publications: list[Publication] = []
    for timetable in sorted(published, key=lambda timetable: str(timetable.intended.first)):
        layer = layer_for(publications, timetable.intended)
        publications.append(Publication(timetable.id, timetable.intended, layer=layer))
    return Schedule(
        network=network,
        calendar=calendar,
        timetables=tuple(timetables),
        publications=tuple(publications),
        opening_times=hours,
    )


def _clash(one: Validity, other: Validity) -> bool:
    """True when both apply on some date and the one that begins later does not end within the other."""
    if one.first is None or other.first is None or not one.overlaps(other) or one.first == other.first:
        return one.first is not None and one.first == other.first
    outer, inner = (one, other) if one.first < other.first else (other, one)
    return inner.last is None or (outer.last is not None and outer.last < inner.last)


def _span(validity: Validity) -> str:
    return f"{validity.first or ''}..{validity.last or ''}"
