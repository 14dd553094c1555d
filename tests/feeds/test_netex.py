import io
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import dates
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.trips import Trip
from shuttle.feeds.netex import NetexSettings, Quays, netex_zip
from tests.builders import (
    PUBLISHER,
    a_cancellation,
    a_schedule,
    a_timetable,
    an_extra,
    the_real_schedule,
    trips,
    two_centres,
    with_changes,
)
from tests.strategies import ANCHORS, any_schedule, window

TODAY = date(2026, 11, 23)
DAYS = dates(TODAY, TODAY + timedelta(days=399))
NAMES = {"n": "http://www.netex.org.uk/netex"}
Times = tuple[tuple[str, int | None, int | None], ...]


def files(content: bytes) -> dict[str, Element]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: fromstring(archive.read(name)) for name in archive.namelist()}


def minutes(passing: Element, which: str) -> int | None:
    text = passing.findtext(f"n:{which}Time", None, NAMES)
    if text is None:
        return None
    hours, minute, _ = map(int, text.split(":"))
    return hours * 60 + minute + 1440 * int(passing.findtext(f"n:{which}DayOffset", "0", NAMES))


def ref(element: Element, path: str) -> str:
    """Where the reference at the path leads."""
    reference = element.find(path, NAMES)
    assert reference is not None
    return reference.get("ref") or ""


def runs_on(shared: Element, day_type: str, day: date) -> bool:
    """The profile's rule: a date of its own wins over a period with days of the week."""
    (own,) = [each for each in shared.iterfind(".//n:DayType", NAMES) if each.get("id") == day_type]
    week = (own.findtext(".//n:DaysOfWeek", "", NAMES)).split()
    assignments = [
        each for each in shared.iterfind(".//n:DayTypeAssignment", NAMES) if ref(each, "n:DayTypeRef") == day_type
    ]
    runs = False
    for assignment in assignments:
        if assignment.find("n:OperatingPeriodRef", NAMES) is not None:
            period = ref(assignment, "n:OperatingPeriodRef")
            (span,) = [each for each in shared.iterfind(".//n:OperatingPeriod", NAMES) if each.get("id") == period]
            first, last = (span.findtext(f"n:{end}Date", "", NAMES)[:10] for end in ("From", "To"))
            runs = first <= day.isoformat() <= last and f"{day:%A}" in week
    for assignment in assignments:
        if assignment.findtext("n:Date", "", NAMES) == day.isoformat():
            runs = assignment.findtext("n:isAvailable", "true", NAMES) == "true"
    return runs


def journeys(line: Element) -> list[tuple[str, Times]]:
    """Day type and passing times of each journey by stop point. A middle stop with one time arrives and departs then."""
    point_of = {
        point.get("id"): ref(point, "n:ScheduledStopPointRef").split(":")[2]
        for point in line.iterfind(".//n:StopPointInJourneyPattern", NAMES)
    }
    several = []
    for journey in line.iterfind(".//n:ServiceJourney", NAMES):
        passing = journey.findall(".//n:TimetabledPassingTime", NAMES)
        times = []
        for time in passing:
            arrives, departs = minutes(time, "Arrival"), minutes(time, "Departure")
            is_middle = time is not passing[0] and time is not passing[-1]
            arrives = departs if is_middle and arrives is None else arrives
            times.append((point_of[ref(time, "n:StopPointInJourneyPatternRef")], arrives, departs))
        several.append((ref(journey, "n:dayTypes/n:DayTypeRef"), tuple(times)))
    return several


def read_back(content: bytes, days: list[date]) -> dict[date, set[Times]]:
    documents = files(content)
    (shared,) = [root for name, root in documents.items() if name.startswith("_")]
    several = [each for name, root in documents.items() if not name.startswith("_") for each in journeys(root)]
    return {day: {times for day_type, times in several if runs_on(shared, day_type, day)} for day in days}


def expected(schedule: Schedule, days: list[date]) -> dict[date, set[Times]]:
    return {
        day: {
            tuple(
                (
                    call.stop,
                    call.arrives if call is not departure.calls[0] else None,
                    call.departs if call is not departure.calls[-1] else None,
                )
                for call in departure.calls
            )
            for departure in schedule.departures_on(day).departures
            if departure.runs
        }
        for day in days
    }


def test_the_departures_of_400_days_come_back() -> None:
    schedule = with_changes(
        the_real_schedule(), a_cancellation("gyldenpris-weekday-1000", TODAY), an_extra("nesttun", TODAY, "24:30")
    )
    assert read_back(netex_zip(schedule, TODAY, publisher=PUBLISHER), DAYS) == expected(schedule, DAYS)


@settings(max_examples=20, deadline=None)
@given(case=st.sampled_from(ANCHORS).flatmap(lambda anchor: st.tuples(st.just(anchor), any_schedule(anchor))))
def test_the_departures_of_any_schedule_come_back(case: tuple[date, Schedule]) -> None:
    anchor, schedule = case
    days = window(anchor)
    assert read_back(netex_zip(schedule, days[0], days[-1], publisher=PUBLISHER), days) == expected(schedule, days)


def a_feed() -> dict[str, Element]:
    timetable = a_timetable(several=trips("gyldenpris", "weekday", "10:00") + trips("round", "holiday", "11:00"))
    stops = ("vagsbunnen", "mo-gyldenpris", "mo-nesttun")
    quays = {stop: [(None, f"NSR:Quay:{number}")] for number, stop in enumerate(stops, start=1)}
    return files(
        netex_zip(a_schedule(timetable), TODAY, settings=NetexSettings("TST", quays, "999999999"), publisher=PUBLISHER)
    )


def test_each_line_has_a_file_and_shared_data_one_with_an_underscore() -> None:
    names = list(a_feed())
    assert names == ["_TST_shared_data.xml", "TST_TST-Line-gyldenpris.xml", "TST_TST-Line-round.xml"]
    assert [len(root.findall(".//n:Line", NAMES)) for root in a_feed().values()] == [0, 1, 1]


def test_every_object_has_an_id_of_the_profile_s_form_and_a_version() -> None:
    for root in a_feed().values():
        objects = [e for e in root.iter() if e.get("id") and not e.tag.endswith("}Codespace")]
        for element in objects:
            space, kind, name = str(element.get("id")).split(":")
            assert (space, kind) == ("TST", element.tag.split("}")[1])
            assert name
            assert element.get("version") == "1"
        ids = [element.get("id") for element in objects]
        assert len(ids) == len(set(ids))


def test_at_each_call_the_display_names_all_stops_ahead() -> None:
    """The last place in front, by way of those before it: at MO Gyldenpris a bus that goes on to MO Nesttun says so."""
    feed = files(netex_zip(two_centres(), TODAY, publisher=PUBLISHER))
    displays = {d.get("id"): d for d in feed["_XXX_shared_data.xml"].iterfind(".//n:DestinationDisplay", NAMES)}

    def shown(point: Element) -> list[str]:
        display = displays[point.find("n:DestinationDisplayRef", NAMES).get("ref")]  # type: ignore[union-attr]
        vias = [displays[ref.get("ref")] for ref in display.iterfind("n:vias/n:Via/n:DestinationDisplayRef", NAMES)]
        return [each.findtext("n:FrontText", "", NAMES) for each in (*vias, display)]

    points = feed["XXX_XXX-Line-round.xml"].findall(".//n:StopPointInJourneyPattern", NAMES)
    assert [shown(point) for point in points[:-1]] == [
        ["MO Gyldenpris", "MO Nesttun"],
        ["MO Nesttun", "Vågsbunnen"],
        ["Vågsbunnen"],
    ]
    assert points[-1].find("n:DestinationDisplayRef", NAMES) is None


def test_a_reference_leads_somewhere_and_names_a_version_in_its_own_file() -> None:
    feed = a_feed()
    everywhere = {element.get("id") for root in feed.values() for element in root.iter() if element.get("id")}
    for root in feed.values():
        here = {element.get("id") for element in root.iter()}
        for element in root.iter():
            if (target := element.get("ref")) and not target.startswith("NSR:"):
                assert target in everywhere
                assert (target in here) == (element.get("version") == "1"), target


def test_frames_stand_in_the_order_of_the_profile() -> None:
    shared, line, _ = a_feed().values()
    assert [frame.tag.split("}")[1] for frame in shared.find(".//n:frames", NAMES) or ()] == [
        "ResourceFrame",
        "ServiceFrame",
        "ServiceCalendarFrame",
    ]
    assert [frame.tag.split("}")[1] for frame in line.find(".//n:frames", NAMES) or ()] == [
        "ServiceFrame",
        "TimetableFrame",
    ]


def test_a_journey_leaves_its_first_stop_and_arrives_at_its_last() -> None:
    line = a_feed()["TST_TST-Line-round.xml"]
    ((_, times),) = journeys(line)
    assert times[0][1:] == (None, 660)
    assert times[-1][1:] == (690, None)


def test_stops_are_assigned_to_quays_that_are_known_and_described_nowhere() -> None:
    shared = a_feed()["_TST_shared_data.xml"]
    assert len(shared.findall(".//n:PassengerStopAssignment", NAMES)) == 3
    assert not [root for root in a_feed().values() if root.find(".//n:SiteFrame", NAMES) is not None]
    unassigned = files(netex_zip(a_schedule(), TODAY, publisher=PUBLISHER))["_XXX_shared_data.xml"]
    assert unassigned.find(".//n:stopAssignments", NAMES) is None


def test_the_time_zone_is_said() -> None:
    for root in a_feed().values():
        assert root.findtext(".//n:DefaultLocale/n:TimeZone", "", NAMES) == "Europe/Oslo"


@pytest.mark.parametrize("schedule", [a_schedule(), a_schedule(a_timetable(several=()))])
def test_the_same_schedule_gives_the_same_bytes(schedule: Schedule) -> None:
    assert netex_zip(schedule, TODAY, publisher=PUBLISHER) == netex_zip(replace(schedule), TODAY, publisher=PUBLISHER)


FROM_NEW_YEAR = date(2027, 1, 1)
BY_HAND = Trip(
    "round",
    "weekday",
    600,
    (
        Call("vagsbunnen", 1, 600, 600),
        Call("mo-gyldenpris", 2, 610, 610),
        Call("mo-nesttun", 3, 625, 630),
        Call("vagsbunnen", 4, 650, 650),
    ),
)
"""It waits at MO Nesttun."""
IGNORED_BY_ENTUR = {"ServiceFrame", "CompositeFrame", "TimetableFrame", "AvailabilityCondition", "Codespace"}


def a_stop_that_changes(**new: object) -> Schedule:
    """Two centres, of which MO Gyldenpris changes at New Year."""
    schedule = two_centres()
    until, since = Validity(None, FROM_NEW_YEAR - timedelta(days=1)), Validity(FROM_NEW_YEAR)
    stops = [
        version
        for stop in schedule.network.stops
        for version in (
            (stop,)
            if stop.id != "mo-gyldenpris"
            else (replace(stop, validity=until), replace(stop, validity=since, **new))  # type: ignore[arg-type]
        )
    ]
    return replace(schedule, network=replace(schedule.network, stops=tuple(stops)))


def names_on(content: bytes, day: date) -> set[tuple[str, ...]]:
    """The names of the stops of each journey that runs on the date."""
    documents = files(content)
    (shared,) = [root for name, root in documents.items() if name.startswith("_")]
    name_of = {
        str(point.get("id")).split(":")[2]: point.findtext("n:Name", "", NAMES)
        for point in shared.iterfind(".//n:ScheduledStopPoint", NAMES)
    }
    several = [each for name, root in documents.items() if not name.startswith("_") for each in journeys(root)]
    return {
        tuple(name_of[point] for point, _, _ in times) for day_type, times in several if runs_on(shared, day_type, day)
    }


@pytest.mark.parametrize("schedule", [two_centres(), a_stop_that_changes(name="MO Vestre")])
def test_no_id_stands_in_two_files(schedule: Schedule) -> None:
    where: dict[str, set[str]] = {}
    for name, root in files(netex_zip(schedule, TODAY, publisher=PUBLISHER)).items():
        for element in root.iter():
            if (own := element.get("id")) and element.tag.split("}")[1] not in IGNORED_BY_ENTUR:
                where.setdefault(own, set()).add(name)
    assert {own: names for own, names in where.items() if len(names) > 1} == {}


def test_a_stop_has_the_name_of_the_date() -> None:
    content = netex_zip(a_stop_that_changes(name="MO Vestre"), TODAY, publisher=PUBLISHER)
    before = {name for names in names_on(content, FROM_NEW_YEAR - timedelta(days=3)) for name in names}
    after = {name for names in names_on(content, FROM_NEW_YEAR + timedelta(days=3)) for name in names}
    assert before == {"Vågsbunnen", "MO Gyldenpris", "MO Nesttun"}
    assert after == {"Vågsbunnen", "MO Vestre", "MO Nesttun"}


def quays_on(content: bytes, day: date) -> set[str]:
    """The quays of the stops that are called at on the date."""
    documents = files(content)
    (shared,) = [root for name, root in documents.items() if name.startswith("_")]
    quay_of = {
        ref(each, "n:ScheduledStopPointRef").split(":")[2]: ref(each, "n:QuayRef")
        for each in shared.iterfind(".//n:PassengerStopAssignment", NAMES)
    }
    several = [each for name, root in documents.items() if not name.startswith("_") for each in journeys(root)]
    running = [times for day_type, times in several if runs_on(shared, day_type, day)]
    return {quay_of[point] for times in running for point, _, _ in times}


@pytest.mark.parametrize("schedule", [two_centres(), a_stop_that_changes(lat=60.4), a_stop_that_changes(name="MO B")])
def test_a_stop_has_the_quay_of_the_date_and_a_quay_one_stop(schedule: Schedule) -> None:
    quays: dict[str, Quays] = {
        "vagsbunnen": [(None, "NSR:Quay:1")],
        "mo-gyldenpris": [(FROM_NEW_YEAR, "NSR:Quay:5"), (None, "NSR:Quay:2")],
        "mo-nesttun": [(None, "NSR:Quay:3")],
    }
    content = netex_zip(schedule, TODAY, settings=NetexSettings("TST", quays), publisher=PUBLISHER)
    assert quays_on(content, FROM_NEW_YEAR - timedelta(days=3)) == {"NSR:Quay:1", "NSR:Quay:2", "NSR:Quay:3"}
    assert quays_on(content, FROM_NEW_YEAR + timedelta(days=3)) == {"NSR:Quay:1", "NSR:Quay:5", "NSR:Quay:3"}
    shared = files(content)["_TST_shared_data.xml"]
    assigned = [ref(each, "n:QuayRef") for each in shared.iterfind(".//n:PassengerStopAssignment", NAMES)]
    assert len(assigned) == len(set(assigned)) == 4


def test_a_renamed_stop_with_one_quay_is_one_stop_point() -> None:
    """The national validator refuses a quay that is assigned twice."""
    quays: dict[str, Quays] = {"mo-gyldenpris": [(None, "NSR:Quay:2")]}
    content = netex_zip(
        a_stop_that_changes(name="MO Vestre"), TODAY, settings=NetexSettings("TST", quays), publisher=PUBLISHER
    )
    shared = files(content)["_TST_shared_data.xml"]
    assert len(shared.findall(".//n:PassengerStopAssignment", NAMES)) == 1
    assert read_back(content, DAYS) == expected(two_centres(), DAYS)


def test_a_middle_stop_has_two_times_only_where_they_differ() -> None:
    schedule = a_schedule(a_timetable(several=(BY_HAND,)))
    (line,) = [
        root
        for name, root in files(netex_zip(schedule, TODAY, publisher=PUBLISHER)).items()
        if not name.startswith("_")
    ]
    passing = line.findall(".//n:TimetabledPassingTime", NAMES)[:4]
    assert [(minutes(time, "Arrival"), minutes(time, "Departure")) for time in passing] == [
        (None, 600),
        (None, 610),
        (625, 630),
        (650, None),
    ]


def test_a_line_has_a_public_code_and_the_operator_a_customer_address() -> None:
    shared, *lines = a_feed().values()
    assert [line.findtext(".//n:Line/n:PublicCode", "", NAMES) for line in lines] == ["gyldenpris", "round"]
    assert shared.findtext(".//n:Operator/n:CustomerServiceContactDetails/n:Url", "", NAMES).startswith("https://")
