"""NeTEx in the Nordic profile: a zip with one file of what lines share and one file for each line.

Trips and dates are those of the GTFS feed. Codespace and quays come from the operator; without them the codespace is XXX and no
stop has a quay. In this profile stops are described in the national register alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from shuttle.domain.basics.publisher import Publisher
from shuttle.domain.basics.service_time import DAY, Minute
from shuttle.domain.timetable.connections import stops_ahead
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.feeds.gtfs.schedule import COLOURS, DAYS_AHEAD, Feed
from shuttle.feeds.gtfs.services import Service
from shuttle.feeds.gtfs.tables import zipped

PROFILE = "1.15:NO-NeTEx-networktimetable:1.5"
NAMESPACE = "http://www.netex.org.uk/netex"
VERSION = "1"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Quays = Sequence[tuple[date | None, str]]
"""The quays of one stop, each with its first date (None: from the beginning), in any order."""


@dataclass(frozen=True)
class NetexSettings:
    """Settings assigned by others: the codespace, the quays (`NSR:Quay:<n>`) of each stop, and the operator's company number."""

    codespace: str = "XXX"
    quays: Mapping[str, Quays] = field(default_factory=dict)
    company_number: str = ""

    def quay_on(self, stop: str, day: date) -> str | None:
        """The quay of a stop on a date; None where none is set."""
        begun = [(first or date.min, quay) for first, quay in self.quays.get(stop, ()) if first is None or first <= day]
        return max(begun)[1] if begun else None


UNASSIGNED = NetexSettings()


def netex_zip(
    schedule: Schedule,
    first: date,
    last: date | None = None,
    settings: NetexSettings = UNASSIGNED,
    *,
    publisher: Publisher,
) -> bytes:
    """The departures from `first` to `last` (both included; 400 days unless given), the same bytes for the same schedule."""
    feed = Feed(schedule, first, last or first + timedelta(days=DAYS_AHEAD - 1), publisher)
    writer = _Writer(feed, settings)
    files = {f"_{settings.codespace}_shared_data.xml": writer.shared()}
    files |= {f"{settings.codespace}_{settings.codespace}-Line-{line}.xml": writer.line(line) for line in writer.lines}
    return zipped(files)


@dataclass(frozen=True, kw_only=True)
class _StopPoint:
    """A ScheduledStopPoint: a stop with one name and place, or with one quay. `first`: its first date in the feed."""

    id: str
    stop: str
    name: str
    quay: str | None
    first: date


@dataclass(frozen=True, kw_only=True)
class _Journey:
    """A ServiceJourney: a trip of the feed on the dates on which its stops are the same stop points."""

    id: str
    departure: Departure
    points: tuple[str, ...]
    dates: frozenset[date]


class _Contents:
    """The stop points, journeys, journey patterns and calendars of one feed, each with the id that it has in NeTEx."""

    def __init__(self, feed: Feed, settings: NetexSettings) -> None:
        self.feed = feed
        self.settings = settings

    @cached_property
    def points(self) -> dict[str, _StopPoint]:
        """Stop points by id. A quay may be assigned once, so that stops which share one are one point under its first name."""
        points: dict[str, _StopPoint] = {}
        for trip in self.feed.trips:
            for call, version in zip(trip.departure.calls, trip.stops, strict=True):
                for day in sorted(trip.dates):
                    point = self._point(call.stop, version, day)
                    earlier = points.get(point.id)
                    if earlier is None or point.first < earlier.first:
                        points[point.id] = point
        return dict(sorted(points.items()))

    def _point(self, stop: str, version: str, day: date) -> _StopPoint:
        return _StopPoint(
            id=self._point_id(stop, version, day),
            stop=stop,
            name=self.feed.network.stop_name(stop, day),
            quay=self.settings.quay_on(stop, day),
            first=day,
        )

    def _point_id(self, stop: str, version: str, day: date) -> str:
        quay = self.settings.quay_on(stop, day)
        if quay is None:
            return version
        return stop if len(self.settings.quays[stop]) == 1 else f"{stop}-{quay.rpartition(':')[2]}"

    @cached_property
    def journeys(self) -> tuple[_Journey, ...]:
        return tuple(self._journeys())

    def _journeys(self) -> Iterator[_Journey]:
        for trip in self.feed.trips:
            by_points: dict[tuple[str, ...], list[date]] = {}
            calls = [(call.stop, version) for call, version in zip(trip.departure.calls, trip.stops, strict=True)]
            for day in sorted(trip.dates):
                by_points.setdefault(tuple(self._point_id(*call, day) for call in calls), []).append(day)
            for points, days in by_points.items():
                name = trip.id if len(by_points) == 1 else "-".join((trip.id, *_differences(calls, points)))
                yield _Journey(id=name, departure=trip.departure, points=points, dates=frozenset(days))

    @cached_property
    def patterns(self) -> dict[tuple[str, tuple[str, ...]], str]:
        """A pattern of ours and the stop points that it has on some dates -> the id of that JourneyPattern and its Route."""
        ids: dict[tuple[str, tuple[str, ...]], str] = {}
        for journey in sorted(self.journeys, key=lambda journey: (min(journey.dates), journey.points)):
            pattern = journey.departure.pattern
            calls = [(call.stop, call.stop) for call in journey.departure.calls]
            name = "-".join((pattern, *_differences(calls, journey.points)))
            if (pattern, journey.points) not in ids:
                alike = sum(other == name or other.startswith(f"{name}-way") for other in ids.values())
                ids[pattern, journey.points] = f"{name}-way{alike + 1}" if alike else name
        return ids

    @cached_property
    def services(self) -> dict[frozenset[date], Service]:
        """The service of each set of dates that journeys share, named after the first of these journeys."""
        services: dict[frozenset[date], Service] = {}
        for journey in self.journeys:
            services.setdefault(journey.dates, Service(f"s-{journey.id}", journey.dates))
        return services


class _Writer:
    """Writes the files of one feed. Every id stands in one file, so that what two lines use is in the shared file."""

    def __init__(self, feed: Feed, settings: NetexSettings) -> None:
        self.feed = feed
        self.settings = settings
        self.contents = _Contents(feed, settings)

    @property
    def lines(self) -> list[str]:
        """The patterns that are served: each is a Line with a file."""
        return sorted({journey.departure.pattern for journey in self.contents.journeys})

    def _id(self, kind: str, name: str) -> str:
        return f"{self.settings.codespace}:{kind}:{name.replace('.', '_')}"

    def _object(self, parent: Element, kind: str, name: str, **attributes: str) -> Element:
        return SubElement(parent, kind, {"version": VERSION, "id": self._id(kind, name), **attributes})

    def _ref(self, parent: Element, kind: str, name: str, here: bool = False) -> None:
        """A reference; only one within the same file names a version, as the profile wants."""
        version = {"version": VERSION} if here else {}
        SubElement(parent, f"{kind}Ref", {"ref": self._id(kind, name), **version})

    def shared(self) -> str:
        """Organisations, the network, stop points, destination displays and the calendar."""
        root, frames = self._delivery("shared")
        self._organisations(self._object(frames, "ResourceFrame", "shared"))
        frame = self._object(frames, "ServiceFrame", "shared")
        network = self._object(frame, "Network", self.feed.publisher.id)
        _text(network, "Name", self.feed.publisher.name)
        self._ref(network, "Authority", self.feed.publisher.id, here=True)
        if self.contents.points:
            self._stop_points(frame)
            self._calendar(self._object(frames, "ServiceCalendarFrame", "shared"))
        return _written(root)

    def _delivery(self, name: str) -> tuple[Element, Element]:
        """The document and its `frames`."""
        first, last = self.feed.first.isoformat(), self.feed.last.isoformat()
        root = Element("PublicationDelivery", {"xmlns": NAMESPACE, "version": PROFILE})
        _text(root, "PublicationTimestamp", f"{first}T00:00:00")
        _text(root, "ParticipantRef", self.settings.codespace)
        composite = self._object(SubElement(root, "dataObjects"), "CompositeFrame", name, created=f"{first}T00:00:00")
        condition = self._object(SubElement(composite, "validityConditions"), "AvailabilityCondition", name)
        _text(condition, "FromDate", f"{first}T00:00:00")
        _text(condition, "ToDate", f"{last}T23:59:59")
        codespaces = SubElement(composite, "codespaces")
        for space in dict.fromkeys((self.settings.codespace, "NSR")):
            codespace = SubElement(codespaces, "Codespace", {"id": space.lower()})
            _text(codespace, "Xmlns", space)
            _text(codespace, "XmlnsUrl", f"http://www.rutebanken.org/ns/{space.lower()}")
        locale = SubElement(SubElement(composite, "FrameDefaults"), "DefaultLocale")
        _text(locale, "TimeZone", self.feed.publisher.time_zone)
        language = self.feed.publisher.language
        _text(locale, "DefaultLanguage", "no" if language == "nb" else language)
        return root, SubElement(composite, "frames")

    def _organisations(self, frame: Element) -> None:
        organisations = SubElement(frame, "organisations")
        for kind, role in (("Operator", "operator"), ("Authority", "authority")):
            organisation = self._object(organisations, kind, self.feed.publisher.id)
            if self.settings.company_number:
                _text(organisation, "CompanyNumber", self.settings.company_number)
            _text(organisation, "Name", self.feed.publisher.name)
            _text(organisation, "LegalName", self.feed.publisher.name)
            self._contact(organisation, "ContactDetails")
            _text(organisation, "OrganisationType", role)
            if kind == "Operator":
                self._contact(organisation, "CustomerServiceContactDetails")

    def _contact(self, organisation: Element, kind: str) -> None:
        publisher = self.feed.publisher
        contact = SubElement(organisation, kind)
        for name, text in (("Email", publisher.contact_email), ("Phone", publisher.telephone), ("Url", publisher.url)):
            if text:
                _text(contact, name, text)

    def _stop_points(self, frame: Element) -> None:
        points = self.contents.points.values()
        route_points = SubElement(frame, "routePoints")
        for point in points:
            projections = SubElement(self._object(route_points, "RoutePoint", point.id), "projections")
            projection = self._object(projections, "PointProjection", point.id)
            target = self._id("ScheduledStopPoint", point.id)
            SubElement(projection, "ProjectToPointRef", {"ref": target, "version": VERSION})
        self._displays(SubElement(frame, "destinationDisplays"))
        scheduled = SubElement(frame, "scheduledStopPoints")
        for point in points:
            _text(self._object(scheduled, "ScheduledStopPoint", point.id), "Name", point.name)
        assigned = [point for point in points if point.quay]
        assignments = SubElement(frame, "stopAssignments") if assigned else None
        for order, point in enumerate(assigned, start=1):
            assert assignments is not None and point.quay is not None
            assignment = self._object(assignments, "PassengerStopAssignment", point.id, order=str(order))
            self._ref(assignment, "ScheduledStopPoint", point.id, here=True)
            SubElement(assignment, "QuayRef", {"ref": point.quay})

    def _displays(self, displays: Element) -> None:
        """Destination displays of a bus at any call: the last place, by way of those before it (each has a display too)."""
        patterns = [points for _, points in self.contents.patterns]
        shown = {stops_ahead(points, order) for points in patterns for order in range(1, len(points))}
        for ahead in sorted(shown | {(point,) for several in shown for point in several}):
            display = self._object(displays, "DestinationDisplay", _display_name(ahead))
            _text(display, "FrontText", self.contents.points[ahead[-1]].name)
            vias = SubElement(display, "vias") if len(ahead) > 1 else None
            for order, point in enumerate(ahead[:-1], start=1):
                assert vias is not None
                via = self._object(vias, "Via", f"{_display_name(ahead)}-{order}")
                self._ref(via, "DestinationDisplay", _display_name((point,)), here=True)

    def _calendar(self, frame: Element) -> None:
        """A day type for each set of dates: days of the week within a period, and single dates with or without."""
        services = list(self.contents.services.values())
        day_types = SubElement(frame, "dayTypes")
        for service in services:
            day_type = self._object(day_types, "DayType", service.id)
            if any(service.week):
                days = " ".join(day for day, runs in zip(_DAYS, service.week, strict=True) if runs)
                _text(SubElement(SubElement(day_type, "properties"), "PropertyOfDay"), "DaysOfWeek", days)
        weekly = [service for service in services if any(service.week)]
        periods = SubElement(frame, "operatingPeriods") if weekly else None
        for service in weekly:
            assert periods is not None
            period = self._object(periods, "OperatingPeriod", service.id)
            _text(period, "FromDate", f"{min(service.dates).isoformat()}T00:00:00")
            _text(period, "ToDate", f"{max(service.dates).isoformat()}T00:00:00")
        assignments = SubElement(frame, "dayTypeAssignments")
        for service in services:
            exceptions = [*((day, True) for day in service.added), *((day, False) for day in service.removed)]
            for day, available in [*([(None, True)] if any(service.week) else []), *sorted(exceptions)]:
                self._assignment(assignments, service, day, available)

    def _assignment(self, assignments: Element, service: Service, day: date | None, available: bool) -> None:
        """The period of a service (`day` None), or a date with or without it."""
        order = str(len(assignments) + 1)
        assignment = self._object(assignments, "DayTypeAssignment", order, order=order)
        if day is None:
            self._ref(assignment, "OperatingPeriod", service.id, here=True)
        else:
            _text(assignment, "Date", day.isoformat())
        self._ref(assignment, "DayType", service.id, here=True)
        if not available:
            _text(assignment, "isAvailable", "false")

    def line(self, pattern: str) -> str:
        """One line with its routes, journey patterns and journeys."""
        root, frames = self._delivery(f"line-{pattern}")
        self._routes_and_line(self._object(frames, "ServiceFrame", f"line-{pattern}"), pattern)
        journeys = SubElement(self._object(frames, "TimetableFrame", f"line-{pattern}"), "vehicleJourneys")
        for journey in self.contents.journeys:
            if journey.departure.pattern == pattern:
                self._journey(journeys, journey)
        return _written(root)

    def _routes_and_line(self, frame: Element, pattern: str) -> None:
        ways = {name: points for (of, points), name in self.contents.patterns.items() if of == pattern}
        routes = SubElement(frame, "routes")
        for name, points in ways.items():
            route = self._object(routes, "Route", name)
            _text(route, "Name", self._route_name(points))
            self._ref(route, "Line", pattern, here=True)
            outbound = self.feed.network.pattern(pattern).direction == 0
            _text(route, "DirectionType", "outbound" if outbound else "inbound")
            sequence = SubElement(route, "pointsInSequence")
            for order, point in enumerate(points, start=1):
                on_route = self._object(sequence, "PointOnRoute", f"{name}-{order}", order=str(order))
                self._ref(on_route, "RoutePoint", point)
        self._line(SubElement(frame, "lines"), pattern, self._route_name(next(iter(ways.values()))))
        patterns = SubElement(frame, "journeyPatterns")
        for name, points in ways.items():
            journey_pattern = self._object(patterns, "JourneyPattern", name)
            self._ref(journey_pattern, "Route", name, here=True)
            self._stops_in_pattern(SubElement(journey_pattern, "pointsInSequence"), name, points)

    def _route_name(self, points: tuple[str, ...]) -> str:
        return " – ".join(self.contents.points[point].name for point in points)

    def _line(self, lines: Element, pattern: str, name: str) -> None:
        """`name`: of the first route, which is what the line is called on the feed's first date."""
        line = self._object(lines, "Line", pattern)
        _text(line, "Name", name)
        _text(line, "TransportMode", "bus")
        _text(SubElement(line, "TransportSubmode"), "BusSubmode", "shuttleBus")
        _text(line, "PublicCode", pattern)
        self._ref(line, "Operator", self.feed.publisher.id)
        SubElement(line, "RepresentedByGroupRef", {"ref": self._id("Network", self.feed.publisher.id)})
        look = SubElement(line, "Presentation")
        order_of = [each.id for each in self.feed.network.patterns]
        _text(look, "Colour", COLOURS[order_of.index(pattern) % len(COLOURS)])
        _text(look, "TextColour", "FFFFFF")

    def _stops_in_pattern(self, sequence: Element, name: str, points: tuple[str, ...]) -> None:
        for order, point in enumerate(points, start=1):
            stop = self._object(sequence, "StopPointInJourneyPattern", f"{name}-{order}", order=str(order))
            self._ref(stop, "ScheduledStopPoint", point)
            _text(stop, "ForAlighting", str(order > 1).lower())
            _text(stop, "ForBoarding", str(order < len(points)).lower())
            if order < len(points):
                self._ref(stop, "DestinationDisplay", _display_name(stops_ahead(points, order)))

    def _journey(self, journeys: Element, journey: _Journey) -> None:
        line, calls = journey.departure.pattern, journey.departure.calls
        pattern = self.contents.patterns[line, journey.points]
        element = self._object(journeys, "ServiceJourney", journey.id)
        self._ref(SubElement(element, "dayTypes"), "DayType", self.contents.services[journey.dates].id)
        self._ref(element, "JourneyPattern", pattern, here=True)
        self._ref(element, "Operator", self.feed.publisher.id)
        self._ref(element, "Line", line, here=True)
        passing = SubElement(element, "passingTimes")
        for order, call in enumerate(calls, start=1):
            time = self._object(passing, "TimetabledPassingTime", f"{journey.id}-{order}")
            self._ref(time, "StopPointInJourneyPattern", f"{pattern}-{order}", here=True)
            is_last = order == len(calls)
            if order > 1 and (is_last or call.arrives != call.departs):  # a time that both share is written once
                _time(time, "Arrival", call.arrives)
            if not is_last:
                _time(time, "Departure", call.departs)


def _differences(calls: Sequence[tuple[str, str]], points: Sequence[str]) -> list[str]:
    """Suffixes that the ids of stop points have beyond the ids of their stops, each once and in order."""
    tails = (point.removeprefix(stop).strip("-_") for (stop, _), point in zip(calls, points, strict=True))
    return list(dict.fromkeys(tail for tail in tails if tail))


def _display_name(ahead: tuple[str, ...]) -> str:
    return "_".join(ahead)


def _time(parent: Element, which: str, minute: Minute) -> None:
    """Time of day, and past midnight the number of days."""
    days, rest = divmod(minute, DAY)
    _text(parent, f"{which}Time", f"{rest // 60:02d}:{rest % 60:02d}:00")
    if days:
        _text(parent, f"{which}DayOffset", str(days))


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _written(root: Element) -> str:
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'
