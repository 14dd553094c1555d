"""NeTEx in the Nordic profile, as a zip for the national journey planner: one file of what is shared, one for each line.

Made from the same resolved trips and dates as GTFS, so that the two cannot disagree. Two things are given from outside and
not by us: the codespace (assigned by the national access point) and the quays of the national stop register; until an
operator sets them the codespace is XXX, as in the profile's own examples, and no stop is assigned to a quay, which the national
validator will say. Stops are never described here: in this profile they live in the register.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from shuttle.domain.basics.service_time import DAY, Minute
from shuttle.domain.timetable.connections import stops_ahead
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.gtfs.schedule import BERGEN, COLOURS, DAYS_AHEAD, Feed, GtfsTrip, Publisher, Service, zipped

PROFILE = "1.15:NO-NeTEx-networktimetable:1.5"
NAMESPACE = "http://www.netex.org.uk/netex"
VERSION = "1"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class NetexSettings:
    """What others assign: the codespace, and the quay (`NSR:Quay:<n>`) of each stop that has one."""

    codespace: str = "XXX"
    quays: Mapping[str, str] = field(default_factory=dict)
    company_number: str = ""


UNASSIGNED = NetexSettings()


def netex_zip(
    schedule: Schedule,
    first: date,
    last: date | None = None,
    settings: NetexSettings = UNASSIGNED,
    publisher: Publisher = BERGEN,
) -> bytes:
    """The departures from `first` to `last` (both included; 400 days unless given), the same bytes for the same schedule."""
    feed = Feed(schedule, first, last or first + timedelta(days=DAYS_AHEAD - 1), publisher)
    writer = _Writer(feed, settings)
    lines = sorted({trip.departure.pattern for trip in feed.trips})
    files = {f"_{settings.codespace}_shared_data.xml": writer.shared()}
    files |= {f"{settings.codespace}_{settings.codespace}-Line-{line}.xml": writer.line(line) for line in lines}
    return zipped(files)


class _Writer:
    """Writes the files of one feed."""

    def __init__(self, feed: Feed, settings: NetexSettings) -> None:
        self.feed = feed
        self.settings = settings

    def _id(self, kind: str, name: str) -> str:
        return f"{self.settings.codespace}:{kind}:{name.replace('.', '_')}"

    def _object(self, parent: Element, kind: str, name: str, **attributes: str) -> Element:
        return SubElement(parent, kind, {"version": VERSION, "id": self._id(kind, name), **attributes})

    def _ref(self, parent: Element, kind: str, name: str, here: bool = False) -> None:
        """A reference; only one within the same file names a version, as the profile wants."""
        version = {"version": VERSION} if here else {}
        SubElement(parent, f"{kind}Ref", {"ref": self._id(kind, name), **version})

    def shared(self) -> str:
        """Organisations, the network, stop points and what the bus has on its front."""
        root, frames = self._delivery("shared")
        self._organisations(self._object(frames, "ResourceFrame", "shared"))
        frame = self._object(frames, "ServiceFrame", "shared")
        network = self._object(frame, "Network", self.feed.publisher.id)
        _text(network, "Name", self.feed.publisher.name)
        self._ref(network, "Authority", self.feed.publisher.id, here=True)
        stops = sorted({call.stop for trip in self.feed.trips for call in trip.departure.calls})
        if stops:
            self._stop_points(frame, stops)
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
        _text(locale, "DefaultLanguage", "no")
        return root, SubElement(composite, "frames")

    def _organisations(self, frame: Element) -> None:
        organisations = SubElement(frame, "organisations")
        for kind, role in (("Operator", "operator"), ("Authority", "authority")):
            organisation = self._object(organisations, kind, self.feed.publisher.id)
            if self.settings.company_number:
                _text(organisation, "CompanyNumber", self.settings.company_number)
            _text(organisation, "Name", self.feed.publisher.name)
            _text(organisation, "LegalName", self.feed.publisher.name)
            contact = SubElement(organisation, "ContactDetails")
            _text(contact, "Url", self.feed.publisher.url)
            _text(organisation, "OrganisationType", role)

    def _stop_points(self, frame: Element, stops: list[str]) -> None:
        names = {stop.id: stop.name for stop in self.feed.network.stops}
        points = SubElement(frame, "routePoints")
        for stop in stops:
            projections = SubElement(self._object(points, "RoutePoint", stop), "projections")
            projection = self._object(projections, "PointProjection", stop)
            SubElement(
                projection, "ProjectToPointRef", {"ref": self._id("ScheduledStopPoint", stop), "version": VERSION}
            )
        self._displays(SubElement(frame, "destinationDisplays"), names)
        scheduled = SubElement(frame, "scheduledStopPoints")
        for stop in stops:
            _text(self._object(scheduled, "ScheduledStopPoint", stop), "Name", names.get(stop, stop))
        assigned = [stop for stop in stops if stop in self.settings.quays]
        assignments = SubElement(frame, "stopAssignments") if assigned else None
        for order, stop in enumerate(assigned, start=1):
            assert assignments is not None
            assignment = self._object(assignments, "PassengerStopAssignment", stop, order=str(order))
            self._ref(assignment, "ScheduledStopPoint", stop, here=True)
            SubElement(assignment, "QuayRef", {"ref": self.settings.quays[stop]})

    def _displays(self, displays: Element, names: Mapping[str, str]) -> None:
        """What a bus has on its front at any call: the last place, by way of those before it (each has a display too)."""
        patterns = {trip.departure.pattern for trip in self.feed.trips}
        shown = {ahead for pattern in patterns for ahead in _displays_of(self.feed.network.pattern(pattern).stops)}
        for ahead in sorted(shown | {(stop,) for several in shown for stop in several}):
            display = self._object(displays, "DestinationDisplay", _display_name(ahead))
            _text(display, "FrontText", names.get(ahead[-1], ahead[-1]))
            vias = SubElement(display, "vias") if len(ahead) > 1 else None
            for order, stop in enumerate(ahead[:-1], start=1):
                assert vias is not None
                via = self._object(vias, "Via", f"{_display_name(ahead)}-{order}")
                self._ref(via, "DestinationDisplay", _display_name((stop,)), here=True)

    def line(self, pattern_id: str) -> str:
        """One line with its route, calendar and journeys."""
        trips = [trip for trip in self.feed.trips if trip.departure.pattern == pattern_id]
        root, frames = self._delivery(f"line-{pattern_id}")
        self._route_and_line(self._object(frames, "ServiceFrame", f"line-{pattern_id}"), pattern_id)
        services = dict.fromkeys(self.feed.services[trip.dates] for trip in trips)
        self._calendar(self._object(frames, "ServiceCalendarFrame", f"line-{pattern_id}"), pattern_id, services)
        journeys = SubElement(self._object(frames, "TimetableFrame", f"line-{pattern_id}"), "vehicleJourneys")
        for trip in trips:
            self._journey(journeys, trip)
        return _written(root)

    def _route_and_line(self, frame: Element, pattern_id: str) -> None:
        pattern, publisher = self.feed.network.pattern(pattern_id), self.feed.publisher
        names = {stop.id: stop.name for stop in self.feed.network.stops}
        name = " – ".join(names.get(stop, stop) for stop in pattern.stops)
        route = self._object(SubElement(frame, "routes"), "Route", pattern_id)
        _text(route, "Name", name)
        self._ref(route, "Line", pattern_id, here=True)
        _text(route, "DirectionType", "inbound" if pattern.direction else "outbound")
        points = SubElement(route, "pointsInSequence")
        for order, stop in enumerate(pattern.stops, start=1):
            self._ref(
                self._object(points, "PointOnRoute", f"{pattern_id}-{order}", order=str(order)), "RoutePoint", stop
            )
        line = self._object(SubElement(frame, "lines"), "Line", pattern_id)
        _text(line, "Name", name)
        _text(line, "TransportMode", "bus")
        _text(SubElement(line, "TransportSubmode"), "BusSubmode", "shuttleBus")
        self._ref(line, "Operator", publisher.id)
        SubElement(line, "RepresentedByGroupRef", {"ref": self._id("Network", publisher.id)})
        look = SubElement(line, "Presentation")
        order_of = [known.id for known in self.feed.network.patterns]
        _text(look, "Colour", COLOURS[order_of.index(pattern_id) % len(COLOURS)])
        _text(look, "TextColour", "FFFFFF")
        journey_pattern = self._object(SubElement(frame, "journeyPatterns"), "JourneyPattern", pattern_id)
        self._ref(journey_pattern, "Route", pattern_id, here=True)
        self._stops_in_pattern(SubElement(journey_pattern, "pointsInSequence"), pattern_id, pattern.stops)

    def _stops_in_pattern(self, points: Element, pattern_id: str, stops: tuple[str, ...]) -> None:
        for order, stop in enumerate(stops, start=1):
            kind, name = "StopPointInJourneyPattern", f"{pattern_id}-{order}"
            point = self._object(points, kind, name, order=str(order))
            self._ref(point, "ScheduledStopPoint", stop)
            _text(point, "ForAlighting", str(order > 1).lower())
            _text(point, "ForBoarding", str(order < len(stops)).lower())
            if order < len(stops):
                self._ref(point, "DestinationDisplay", _display_name(stops_ahead(stops, order)))

    def _calendar(self, frame: Element, pattern_id: str, services: Iterable[Service]) -> None:
        """A day type for each set of dates: days of the week within a period, and single dates with or without."""
        several = list(services)
        day_types = SubElement(frame, "dayTypes")
        for service in several:
            day_type = self._object(day_types, "DayType", service.id)
            if any(service.week):
                days = " ".join(day for day, runs in zip(_DAYS, service.week, strict=True) if runs)
                _text(SubElement(SubElement(day_type, "properties"), "PropertyOfDay"), "DaysOfWeek", days)
        weekly = [service for service in several if any(service.week)]
        periods = SubElement(frame, "operatingPeriods") if weekly else None
        for service in weekly:
            assert periods is not None
            period = self._object(periods, "OperatingPeriod", service.id)
            _text(period, "FromDate", f"{min(service.dates).isoformat()}T00:00:00")
            _text(period, "ToDate", f"{max(service.dates).isoformat()}T00:00:00")
        assignments = SubElement(frame, "dayTypeAssignments")
        order = 0
        for service in several:
            exceptions = [*((day, True) for day in service.added), *((day, False) for day in service.removed)]
            for when, available in [*([(None, True)] if any(service.week) else []), *sorted(exceptions)]:
                order += 1
                name = f"{pattern_id}-{order}"
                assignment = self._object(assignments, "DayTypeAssignment", name, order=str(order))
                if when is None:
                    self._ref(assignment, "OperatingPeriod", service.id, here=True)
                else:
                    _text(assignment, "Date", when.isoformat())
                self._ref(assignment, "DayType", service.id, here=True)
                if not available:
                    _text(assignment, "isAvailable", "false")

    def _journey(self, journeys: Element, trip: GtfsTrip) -> None:
        pattern, calls = trip.departure.pattern, trip.departure.calls
        journey = self._object(journeys, "ServiceJourney", trip.id)
        self._ref(SubElement(journey, "dayTypes"), "DayType", self.feed.services[trip.dates].id, here=True)
        self._ref(journey, "JourneyPattern", pattern, here=True)
        self._ref(journey, "Operator", self.feed.publisher.id)
        self._ref(journey, "Line", pattern, here=True)
        passing = SubElement(journey, "passingTimes")
        for order, call in enumerate(calls, start=1):
            time = self._object(passing, "TimetabledPassingTime", f"{trip.id}-{order}")
            self._ref(time, "StopPointInJourneyPattern", f"{pattern}-{order}", here=True)
            if order > 1:
                _time(time, "Arrival", call.arrives)
            if order < len(calls):
                _time(time, "Departure", call.departs)


def _displays_of(stops: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [stops_ahead(stops, sequence) for sequence in range(1, len(stops))]


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
