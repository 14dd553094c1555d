import io
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuttle.domain.basics.service_time import dates
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.netex import NetexSettings, netex_zip
from tests.builders import (
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


def runs_on(line: Element, day_type: str, day: date) -> bool:
    """The profile's rule: a date of its own wins over a period with days of the week."""
    (found,) = [d for d in line.iterfind(".//n:DayType", NAMES) if d.get("id") == day_type]
    week = (found.findtext(".//n:DaysOfWeek", "", NAMES)).split()
    runs = False
    for assignment in line.iterfind(".//n:DayTypeAssignment", NAMES):
        if assignment.find("n:DayTypeRef", NAMES).get("ref") != day_type:  # type: ignore[union-attr]
            continue
        period = assignment.find("n:OperatingPeriodRef", NAMES)
        if period is not None:
            (span,) = [p for p in line.iterfind(".//n:OperatingPeriod", NAMES) if p.get("id") == period.get("ref")]
            first, last = (span.findtext(f"n:{end}Date", "", NAMES)[:10] for end in ("From", "To"))
            runs = first <= day.isoformat() <= last and f"{day:%A}" in week
    for assignment in line.iterfind(".//n:DayTypeAssignment", NAMES):
        if (
            assignment.find("n:DayTypeRef", NAMES).get("ref") == day_type  # type: ignore[union-attr]
            and assignment.findtext("n:Date", "", NAMES) == day.isoformat()
        ):
            runs = assignment.findtext("n:isAvailable", "true", NAMES) == "true"
    return runs


def journeys(line: Element) -> list[tuple[str, Times]]:
    """Day type and passing times of each journey, stops by their order in the pattern."""
    stop_of = {
        point.get("id"): (point.find("n:ScheduledStopPointRef", NAMES).get("ref") or "").split(":")[2]  # type: ignore[union-attr]
        for point in line.iterfind(".//n:StopPointInJourneyPattern", NAMES)
    }
    return [
        (
            journey.find("n:dayTypes/n:DayTypeRef", NAMES).get("ref") or "",  # type: ignore[union-attr]
            tuple(
                (
                    stop_of[time.find("n:StopPointInJourneyPatternRef", NAMES).get("ref")],  # type: ignore[union-attr]
                    minutes(time, "Arrival"),
                    minutes(time, "Departure"),
                )
                for time in journey.iterfind(".//n:TimetabledPassingTime", NAMES)
            ),
        )
        for journey in line.iterfind(".//n:ServiceJourney", NAMES)
    ]


def read_back(content: bytes, days: list[date]) -> dict[date, set[Times]]:
    lines = [root for name, root in files(content).items() if not name.startswith("_")]
    found: dict[date, set[Times]] = {day: set() for day in days}
    for line in lines:
        for day_type, times in journeys(line):
            for day in days:
                if runs_on(line, day_type, day):
                    found[day].add(times)
    return found


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
    assert read_back(netex_zip(schedule, TODAY), DAYS) == expected(schedule, DAYS)


@settings(max_examples=20, deadline=None)
@given(case=st.sampled_from(ANCHORS).flatmap(lambda anchor: st.tuples(st.just(anchor), any_schedule(anchor))))
def test_the_departures_of_any_schedule_come_back(case: tuple[date, Schedule]) -> None:
    anchor, schedule = case
    days = window(anchor)
    assert read_back(netex_zip(schedule, days[0], days[-1]), days) == expected(schedule, days)


def a_feed() -> dict[str, Element]:
    timetable = a_timetable(several=trips("gyldenpris", "weekday", "10:00") + trips("round", "holiday", "11:00"))
    quays = {"vagsbunnen": "NSR:Quay:1", "mo-gyldenpris": "NSR:Quay:2", "mo-nesttun": "NSR:Quay:3"}
    return files(netex_zip(a_schedule(timetable), TODAY, settings=NetexSettings("TST", quays, "999999999")))


def test_each_line_has_a_file_and_what_is_shared_has_one_that_begins_with_an_underscore() -> None:
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
    feed = files(netex_zip(two_centres(), TODAY))
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


def test_every_reference_leads_somewhere_and_has_a_version_only_within_its_file() -> None:
    feed = a_feed()
    everywhere = {element.get("id") for root in feed.values() for element in root.iter() if element.get("id")}
    for root in feed.values():
        here = {element.get("id") for element in root.iter()}
        for element in root.iter():
            if (ref := element.get("ref")) and not ref.startswith("NSR:"):
                assert ref in everywhere
                assert (ref in here) == (element.get("version") == "1"), ref


def test_frames_stand_in_the_order_of_the_profile() -> None:
    shared, line, _ = a_feed().values()
    assert [frame.tag.split("}")[1] for frame in shared.find(".//n:frames", NAMES) or ()] == [
        "ResourceFrame",
        "ServiceFrame",
    ]
    assert [frame.tag.split("}")[1] for frame in line.find(".//n:frames", NAMES) or ()] == [
        "ServiceFrame",
        "ServiceCalendarFrame",
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
    unassigned = files(netex_zip(a_schedule(), TODAY))["_XXX_shared_data.xml"]
    assert unassigned.find(".//n:stopAssignments", NAMES) is None


def test_the_time_zone_is_said() -> None:
    for root in a_feed().values():
        assert root.findtext(".//n:DefaultLocale/n:TimeZone", "", NAMES) == "Europe/Oslo"


@pytest.mark.parametrize("schedule", [a_schedule(), a_schedule(a_timetable(several=()))])
def test_the_same_schedule_gives_the_same_bytes(schedule: Schedule) -> None:
    assert netex_zip(schedule, TODAY) == netex_zip(replace(schedule), TODAY)
