import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shuttle.domain.basics.errors import NotFound
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import dates, instant
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Call, Stop
from shuttle.domain.timetable.opening_hours import OpeningTimes, SpecialHours
from shuttle.domain.timetable.trips import Publication, Trip
from shuttle.feeds.ical.calendars import (
    MOST_EVENTS,
    connections_calendar,
    departures_calendar,
    opening_hours_calendar,
    rolling_window,
    stop_calendar,
)
from shuttle.feeds.ical.components import Moments, Site, calendar, event, event_body
from shuttle.language import words
from tests.builders import (
    PUBLISHED_AT,
    a_cancellation,
    a_retiming,
    a_schedule,
    a_timetable,
    an_extra,
    the_real_schedule,
    trips,
    two_centres,
    with_changes,
    with_hours,
)
from tests.feeds.ical.calendar_readers import READERS, Reader, Seen, by_ical
from tests.naive import naive_connections
from tests.strategies import ANCHORS, any_schedule, window

OSLO = ZoneInfo("Europe/Oslo")
TODAY = date(2026, 5, 13)
LONG_AGO = date(2020, 1, 1)
CANCELLED = a_cancellation("gyldenpris-weekday-1000", date(2026, 5, 15))

each_reader = pytest.mark.parametrize("reader", READERS)


def of_departures(schedule: Schedule, days: list[date] | None = None, language: str = "nb") -> bytes:
    return departures_calendar(schedule, TODAY, OSLO, language, days)


def seen_on(content: bytes, day: date, reader: Reader = by_ical) -> list[Seen]:
    return sorted(event for event in reader(content) if event.starts.astimezone(OSLO).date() == day)


def properties(content: bytes, name: str) -> list[str]:
    unfolded = content.decode().replace("\r\n ", "")
    return re.findall(rf"^{name}[:;](.*)\r$", unfolded, re.MULTILINE)


def expected(schedule: Schedule, days: list[date], today: date) -> set[tuple[str, datetime, datetime, bool]]:
    """What subscribers should see, straight from the resolver."""
    return {
        (
            f"{departure.id}@shuttle",
            instant(day, departure.departs, OSLO).astimezone(UTC),
            instant(day, departure.calls[-1].arrives, OSLO).astimezone(UTC),
            not departure.runs,
        )
        for day in days
        for departure in schedule.departures_on(day).departures
        if departure.runs or day >= today
    }


def an_event(summary: str, uid: str = "one") -> bytes:
    return event(uid, Moments(TODAY, OSLO).lines(600, 610), event_body(summary, "Vågsbunnen", ["Hverdag"]))


def shown(content: bytes, reader: Reader) -> set[tuple[str, datetime, datetime, bool]]:
    return {(event.uid, event.starts, event.ends, event.cancelled) for event in reader(content)}


# What subscribers see


@pytest.mark.slow
@each_reader
def test_a_reader_sees_the_departures_of_400_days(reader: Reader) -> None:
    schedule, days = the_real_schedule(), dates(TODAY, TODAY + timedelta(days=399))
    assert shown(of_departures(schedule, days), reader) == expected(schedule, days, TODAY)


@each_reader
@settings(max_examples=25, deadline=None)
@given(case=st.sampled_from(ANCHORS).flatmap(lambda anchor: st.tuples(st.just(anchor), any_schedule(anchor))))
def test_a_reader_sees_the_departures_of_any_schedule(reader: Reader, case: tuple[date, Schedule]) -> None:
    anchor, schedule = case
    content = departures_calendar(schedule, anchor, OSLO, "nn", window(anchor))
    assert shown(content, reader) == expected(schedule, window(anchor), anchor)


def test_the_window_reaches_from_a_week_back_to_ninety_days_ahead() -> None:
    days = {event.starts.astimezone(OSLO).date() for event in by_ical(of_departures(the_real_schedule()))}
    assert (min(days), max(days)) == (TODAY - timedelta(days=7), TODAY + timedelta(days=90))
    assert len(rolling_window(TODAY)) == 98


@each_reader
@pytest.mark.parametrize(
    ("day", "utc_hours"),
    [
        (date(2026, 3, 28), [10]),  # the day before the clocks go forward: Oslo is UTC+1
        (date(2026, 3, 29), [9]),
        (date(2026, 10, 24), [9]),
        (date(2026, 10, 25), [10]),  # the clocks went back at 03:00
    ],
)
def test_eleven_o_clock_is_eleven_on_both_sides_of_a_clock_change(
    reader: Reader, day: date, utc_hours: list[int]
) -> None:
    content = of_departures(a_schedule(a_timetable(several=trips("gyldenpris", "holiday", "11:00"))), [day])
    assert [event.starts.hour for event in reader(content)] == utc_hours


@each_reader
def test_a_trip_past_midnight_is_seen_the_next_morning(reader: Reader) -> None:
    schedule = a_schedule(a_timetable(several=trips("gyldenpris", "weekday", "24:10")))
    (event,) = reader(of_departures(schedule, [date(2026, 5, 15)]))
    assert event.starts.astimezone(OSLO) == datetime(2026, 5, 16, 0, 10, tzinfo=OSLO)
    assert event.uid == "2026-05-15.gyldenpris-weekday-2410@shuttle"


@each_reader
def test_the_hour_that_comes_twice_in_autumn_is_told_apart(reader: Reader) -> None:
    """Saturday's 26:30 is the first 02:30 of Sunday, 27:30 the second: one hour between them."""
    schedule = a_schedule(a_timetable(several=trips("gyldenpris", "holiday", "26:30", "27:30")))
    first, second = sorted(event.starts for event in reader(of_departures(schedule, [date(2026, 10, 24)])))
    assert second - first == timedelta(hours=1)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_29_february_and_17_may_2027_have_their_departures() -> None:
    schedule = the_real_schedule()
    content = of_departures(schedule, [date(2028, 2, 29), date(2027, 5, 17)])
    assert len(seen_on(content, date(2028, 2, 29))) == 5
    assert len(seen_on(content, date(2027, 5, 17))) == 3
    assert any("Grunnlovsdag" in text and "2. pinsedag" in text for text in properties(content, "DESCRIPTION"))


# Changes


@each_reader
def test_a_cancelled_departure_stays_and_says_so_in_every_way(reader: Reader) -> None:
    content = of_departures(with_changes(a_schedule(), CANCELLED))
    (event, *_) = seen_on(content, date(2026, 5, 15), reader)
    assert event.cancelled
    assert event.summary.startswith("AVLYST: ")
    assert properties(content, "TRANSP") == ["TRANSPARENT"]


@pytest.mark.parametrize(("language", "prefix"), [("nb", "AVLYST: "), ("nn", "AVLYST: "), ("en", "CANCELLED: ")])
def test_a_cancellation_is_said_in_the_language_of_the_calendar(language: str, prefix: str) -> None:
    content = of_departures(with_changes(a_schedule(), CANCELLED), language=language)
    assert [text for text in properties(content, "SUMMARY") if text.startswith(prefix)]


def test_a_change_keeps_the_uid_and_raises_the_sequence() -> None:
    before, after = (
        a_schedule(),
        with_changes(a_schedule(), a_retiming(CANCELLED.trip or "", CANCELLED.dates.first or TODAY, "10:30")),
    )
    days = [date(2026, 5, 15)]
    assert properties(of_departures(before, days), "UID") == properties(of_departures(after, days), "UID")
    assert properties(of_departures(after, days), "SEQUENCE") == ["1", "0", "0", "0", "0"]


def test_a_withdrawn_cancellation_raises_the_sequence_once_more() -> None:
    withdrawn = replace(CANCELLED, withdrawn_at=CANCELLED.made_at)
    content = of_departures(with_changes(a_schedule(), withdrawn), [date(2026, 5, 15)])
    assert properties(content, "SEQUENCE")[0] == "2"
    assert "AVLYST" not in content.decode()


def test_a_cancelled_departure_is_dropped_when_its_date_is_past() -> None:
    schedule = with_changes(a_schedule(), a_cancellation("gyldenpris-weekday-1000", date(2026, 5, 12)))
    assert not [
        uid
        for uid in properties(of_departures(schedule), "UID")
        if uid.startswith("2026-05-12.gyldenpris-weekday-1000")
    ]


def test_an_extra_departure_says_what_it_is() -> None:
    content = of_departures(with_changes(a_schedule(), an_extra("nesttun", TODAY, "09:00")), [TODAY])
    assert any(text.startswith("Ekstraavgang kl.") for text in properties(content, "DESCRIPTION"))


def test_a_republished_version_keeps_the_uids_of_trips_it_still_has() -> None:
    old, new = a_timetable("old"), a_timetable("new", trips("gyldenpris", "weekday", "10:00", "11:00"))
    uids = {frozenset(properties(of_departures(a_schedule(table), [TODAY]), "UID")) for table in (old, new)}
    assert frozenset.intersection(*uids) == {"2026-05-13.gyldenpris-weekday-1000@shuttle"}


# The form


def test_nothing_in_a_calendar_depends_on_the_clock() -> None:
    schedule = a_schedule()
    assert of_departures(schedule) == of_departures(replace(schedule))
    assert set(properties(of_departures(schedule), "DTSTAMP")) == {f"{PUBLISHED_AT:%Y%m%dT%H%M%SZ}"}


def test_a_change_is_stamped_with_the_moment_it_was_made() -> None:
    content = of_departures(with_changes(a_schedule(), CANCELLED), [date(2026, 5, 15)])
    assert properties(content, "LAST-MODIFIED")[0] == f"{CANCELLED.made_at:%Y%m%dT%H%M%SZ}"


def test_lines_are_at_most_75_octets_with_crlf_and_whole_characters() -> None:
    stop = Stop(id="vagsbunnen", name="Vågsbunnen " + "æøå€😀" * 30)
    network = replace(a_schedule().network, stops=(stop, *a_schedule().network.stops[1:]))
    content = of_departures(replace(a_schedule(), network=network))
    lines = content.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    assert all(line.decode() is not None for line in lines)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300))
def test_a_text_of_any_length_reads_back_as_it_was(text: str) -> None:
    """But for a backslash before an N: the library takes it for an escaped line break, as its own reader does."""
    assume(r"\N" not in text and not text.startswith("\ufeff"))
    (seen,) = by_ical(calendar(text, text, "nb", OSLO, [an_event(text)]))
    assert seen.summary == text


@each_reader
@pytest.mark.parametrize("character", ["\x00", "\x07", "\x0b", "\x1f", "\x7f", "\x85"])
def test_a_control_character_is_left_out_and_nothing_else(reader: Reader, character: str) -> None:
    (seen,) = reader(calendar("Test", "Test", "nb", OSLO, [an_event(f"Før{character}etter")]))
    assert seen.summary == "Føretter"


def test_a_long_uid_is_folded_like_every_other_line() -> None:
    content = calendar("Test", "Test", "nb", OSLO, [an_event("Buss", uid="2026-05-13." + "lang-" * 40 + "tur")])
    assert properties(content, "UID") == ["2026-05-13." + "lang-" * 40 + "tur@shuttle"]
    assert max(map(len, content.split(b"\r\n"))) <= 75


@each_reader
def test_commas_semicolons_backslashes_and_newlines_survive(reader: Reader) -> None:
    name = "Bryggen, nord; ved \\ trappen\nblå dør"
    network = replace(a_schedule().network, stops=(Stop(id="vagsbunnen", name=name), *a_schedule().network.stops[1:]))
    (event, *_) = reader(of_departures(replace(a_schedule(), network=network)))
    assert event.summary == f"{name} – MO Gyldenpris"


def test_text_is_escaped_by_the_letter() -> None:
    """Readers forgive a bare comma; the standard does not (RFC 5545 3.3.11)."""
    name = "Bryggen, nord; ved \\ trappen\nblå dør"
    network = replace(a_schedule().network, stops=(Stop(id="vagsbunnen", name=name), *a_schedule().network.stops[1:]))
    content = of_departures(replace(a_schedule(), network=network), [TODAY])
    assert properties(content, "LOCATION")[0] == r"Bryggen\, nord\; ved \\ trappen\nblå dør"


def test_an_arrival_takes_no_time_and_so_has_no_end() -> None:
    """DTEND has to be later than DTSTART (RFC 5545 3.8.2.2)."""
    content = stop_calendar(a_schedule(), "mo-gyldenpris", TODAY, OSLO, "nb", [TODAY])
    assert len(properties(content, "DTSTART")) == 7  # five arrivals, and two rules of the time zone
    assert properties(content, "DTEND") == []


def test_the_time_zone_is_yearly_rules_and_nothing_else() -> None:
    text = of_departures(a_schedule()).decode()
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert "DTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU" in text
    assert "DTSTART:19701025T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU" in text
    assert not re.search("RDATE|EXDATE|RECURRENCE-ID", text)


def test_the_calendar_tells_its_name_and_how_often_to_fetch_it() -> None:
    text = of_departures(a_schedule()).decode()
    assert "\r\nNAME:Bussen fra Vågsbunnen\r\nX-WR-CALNAME:Bussen fra Vågsbunnen\r\n" in text
    assert "\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n" in text
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")


def test_a_calendar_has_no_method_since_publish_wants_an_organizer() -> None:
    assert properties(of_departures(a_schedule()), "METHOD") == []


def test_names_with_commas_and_semicolons_are_escaped_in_every_line() -> None:
    content = calendar("Buss, nord; sør", "a, b; c", "nb", OSLO, [])
    assert properties(content, "NAME") == properties(content, "X-WR-CALNAME") == [r"Buss\, nord\; sør"]
    assert properties(content, "DESCRIPTION") == properties(content, "X-WR-CALDESC") == [r"a\, b\; c"]


def test_two_versions_with_the_same_trip_each_show_their_own_times() -> None:
    """Both published in the same moment, the second with a later arrival."""
    late = (Call("vagsbunnen", 1, 600, 600), Call("mo-gyldenpris", 2, 625, 625))
    schedule = a_schedule(a_timetable("old"), a_timetable("new", (Trip("gyldenpris", "weekday", 600, late),)))
    change = TODAY + timedelta(days=1)
    spans = (Publication("old", Validity(LONG_AGO, TODAY)), Publication("new", Validity(change)))
    content = of_departures(replace(schedule, publications=spans), [TODAY, TODAY + timedelta(days=2)])
    texts = properties(content, "DESCRIPTION")[1:]
    assert "10.10" in texts[0].replace("\N{NO-BREAK SPACE}", " ") and "10.25" in texts[-1]


def test_a_quarter_of_a_year_stays_below_what_google_takes() -> None:
    content = of_departures(the_real_schedule())
    assert len(content) < 1_000_000
    assert len(properties(content, "UID")) < 1_111


def test_what_nobody_has_confirmed_is_said_in_the_event() -> None:
    (_, text, *_) = properties(of_departures(the_real_schedule(), [TODAY]), "DESCRIPTION")
    assert "Ikke bekreftet hvor bussen stopper: Vågsbunnen / MO Gyldenpris" in text
    assert "ankomsten er et anslag" in text


def test_in_another_time_zone_moments_are_written_in_utc() -> None:
    content = departures_calendar(a_schedule(), TODAY, ZoneInfo("Europe/Helsinki"), "en", [TODAY])
    assert properties(content, "DTSTART")[0] == "20260513T070000Z"
    assert b"VTIMEZONE" not in content


# One stop


def test_a_stop_has_what_leaves_and_what_arrives() -> None:
    schedule = a_schedule(a_timetable(several=trips("round", "weekday", "10:00")))
    there = stop_calendar(schedule, "mo-gyldenpris", TODAY, OSLO, "nb", [TODAY])
    assert sorted(properties(there, "UID")) == [
        "2026-05-13.round-weekday-1000.mo-gyldenpris.arriving@shuttle",
        "2026-05-13.round-weekday-1000.mo-gyldenpris.leaving@shuttle",
    ]


@each_reader
def test_a_stop_that_is_first_and_last_has_one_leaving_and_one_arriving(reader: Reader) -> None:
    schedule = a_schedule(a_timetable(several=trips("round", "weekday", "10:00")))
    events = sorted(reader(stop_calendar(schedule, "vagsbunnen", TODAY, OSLO, "nb", [TODAY])), key=lambda e: e.starts)
    assert [(event.summary, event.starts.astimezone(OSLO).strftime("%H:%M")) for event in events] == [
        ("Buss til MO Gyldenpris og MO Nesttun", "10:00"),
        ("Buss fra Vågsbunnen", "10:30"),
    ]


@pytest.mark.slow
@each_reader
def test_a_stop_shows_the_arrivals_of_400_days(reader: Reader) -> None:
    schedule, days = the_real_schedule(), dates(TODAY, TODAY + timedelta(days=399))
    content = stop_calendar(schedule, "mo-gyldenpris", TODAY, OSLO, "en", days)
    arrivals = {
        instant(day, departure.calls[-1].arrives, OSLO).astimezone(UTC)
        for day in days
        for departure in schedule.departures_on(day).departures
    }
    assert {event.starts for event in reader(content)} == arrivals


def test_a_stop_that_nothing_serves_has_an_empty_calendar() -> None:
    assert properties(stop_calendar(a_schedule(), "mo-nesttun", TODAY, OSLO, "nb"), "UID") == []


def test_an_unknown_stop_is_named_with_those_that_exist() -> None:
    with pytest.raises(NotFound, match="mo-nesttun"):
        stop_calendar(a_schedule(), "bryggen", TODAY, OSLO, "nb")


def test_a_stop_that_has_closed_keeps_its_calendar() -> None:
    closed = replace(a_schedule().network.stops[0], validity=Validity(None, LONG_AGO))
    network = replace(a_schedule().network, stops=(closed, *a_schedule().network.stops[1:]))
    assert b"Bussen ved V" in stop_calendar(replace(a_schedule(), network=network), "vagsbunnen", TODAY, OSLO, "nb")


# Opening hours


@each_reader
def test_opening_hours_are_seen_as_they_are_for_400_days(reader: Reader) -> None:
    schedule, days = the_real_schedule(), dates(TODAY, TODAY + timedelta(days=399))
    content = opening_hours_calendar(schedule, "mo-gyldenpris", TODAY, OSLO, "nb", days)
    windows = {
        (instant(day, opens, OSLO).astimezone(UTC), instant(day, closes, OSLO).astimezone(UTC))
        for day in days
        for opens, closes in schedule.windows("mo-gyldenpris", day) or ()
    }
    assert {(event.starts, event.ends) for event in reader(content)} == windows


def test_opening_hours_make_nobody_busy_and_say_when_they_are_assumed() -> None:
    content = opening_hours_calendar(the_real_schedule(), "mo-gyldenpris", TODAY, OSLO, "nn", [TODAY])
    assert properties(content, "TRANSP") == ["TRANSPARENT"]
    assert properties(content, "DESCRIPTION")[-1] == "Kvardag\\nOpningstida er ikkje stadfesta."


def test_a_day_with_special_hours_shows_them_with_the_reason() -> None:
    schedule = with_hours(a_schedule(), "mo-nesttun", 540, 900)
    special = SpecialHours("mo-nesttun", TODAY, ((600, 660),), "Kurs for ansatte")
    schedule = replace(schedule, opening_times=OpeningTimes(schedule.opening_times.regular, (special,)))
    content = opening_hours_calendar(schedule, "mo-nesttun", TODAY, OSLO, "nb", [TODAY])
    assert properties(content, "DTEND") == ["TZID=Europe/Oslo:20260513T110000"]
    assert "Bare denne dagen: Kurs for ansatte" in properties(content, "DESCRIPTION")[-1]


def test_a_street_stop_has_no_opening_hours() -> None:
    with pytest.raises(NotFound, match="mo-gyldenpris, mo-nesttun"):
        opening_hours_calendar(the_real_schedule(), "vagsbunnen", TODAY, OSLO, "nb")


def test_times_set_by_hand_are_no_estimate_even_where_the_running_time_is() -> None:
    network = the_real_schedule().network
    calls = (Call("vagsbunnen", 1, 600, 600), Call("mo-gyldenpris", 2, 615, 615))
    by_hand = replace(a_schedule(a_timetable(several=(Trip("gyldenpris", "weekday", 600, calls),))), network=network)
    derived = replace(a_schedule(a_timetable(several=trips("gyldenpris", "weekday", "10:00"))), network=network)
    assert "anslag" not in properties(of_departures(by_hand, [TODAY]), "DESCRIPTION")[-1]
    assert "anslag" in properties(of_departures(derived, [TODAY]), "DESCRIPTION")[-1]


# From one stop to another


@each_reader
def test_a_calendar_between_two_stops_has_each_departure_that_goes_there(reader: Reader) -> None:
    content = connections_calendar(two_centres(), ("vagsbunnen", "mo-nesttun"), TODAY, OSLO, "nb", [TODAY])
    events = sorted(reader(content), key=lambda event: event.starts)
    assert [
        (event.summary, f"{event.starts.astimezone(OSLO):%H:%M}", f"{event.ends.astimezone(OSLO):%H:%M}")
        for event in events
    ] == [
        ("Vågsbunnen – MO Nesttun", "10:00", "10:25"),
        ("Vågsbunnen – MO Nesttun", "12:00", "12:20"),
        ("Vågsbunnen – MO Nesttun", "15:00", "15:25"),
        ("Vågsbunnen – MO Nesttun", "17:00", "17:20"),
    ]
    assert properties(content, "NAME") == ["Bussen fra Vågsbunnen til MO Nesttun"]


def test_events_of_all_calendars_have_uids_of_their_own() -> None:
    schedule, days = two_centres(), [TODAY]
    several = [
        departures_calendar(schedule, TODAY, OSLO, "nb", days),
        stop_calendar(schedule, "vagsbunnen", TODAY, OSLO, "nb", days),
        stop_calendar(schedule, "mo-nesttun", TODAY, OSLO, "nb", days),
        connections_calendar(schedule, ("vagsbunnen", "mo-nesttun"), TODAY, OSLO, "nb", days),
        connections_calendar(schedule, ("mo-nesttun", "vagsbunnen"), TODAY, OSLO, "nb", days),
    ]
    uids = [uid for content in several for uid in properties(content, "UID")]
    assert len(uids) == len(set(uids))


def test_an_event_says_where_it_is_and_which_page_shows_it() -> None:
    site = Site("0123.shuttle", "https://buss.example.no")
    pair = ("mo-gyldenpris", "mo-nesttun")
    content = connections_calendar(two_centres(), pair, TODAY, OSLO, "nb", [TODAY], site)
    assert properties(content, "GEO")[0] == "60.381;5.32"
    assert properties(content, "URL")[0] == "https://buss.example.no/?date=2026-05-13&from=mo-gyldenpris&to=mo-nesttun"
    assert all(uid.endswith("@0123.shuttle") for uid in properties(content, "UID"))
    assert properties(connections_calendar(two_centres(), pair, TODAY, OSLO, "nb", [TODAY]), "URL") == []


def test_a_stop_without_a_position_has_none_in_its_events() -> None:
    schedule = two_centres()
    stops = tuple(replace(stop, lat=None, lon=None) for stop in schedule.network.stops)
    schedule = replace(schedule, network=replace(schedule.network, stops=stops))
    assert properties(of_departures(schedule, [TODAY]), "GEO") == []


# The limit of what calendar programs read


def busy(minutes: int) -> Schedule:
    times = [f"{at // 60}:{at % 60:02d}" for at in range(6 * 60, 22 * 60, minutes)]
    return a_schedule(a_timetable(several=trips("round", "weekday", *times) + trips("round", "holiday", *times)))


@pytest.mark.parametrize("minutes", [5, 60, 240])
def test_a_calendar_never_has_more_events_than_programs_read(minutes: int) -> None:
    schedule = busy(minutes)
    for content in (of_departures(schedule), stop_calendar(schedule, "vagsbunnen", TODAY, OSLO, "nb")):
        assert content.count(b"BEGIN:VEVENT") <= MOST_EVENTS
        assert any(event.starts.astimezone(OSLO).date() == TODAY for event in by_ical(content))


def test_a_calendar_that_ends_early_says_until_when_it_reaches() -> None:
    """16 departures a day: 62 days of them are 992 events, and the days that are over come after those to come."""
    content = of_departures(busy(60))
    (about,) = properties(content, "X-WR-CALDESC")
    last = max(event.starts.astimezone(OSLO).date() for event in by_ical(content))
    assert about.startswith(f"Avgangene til og med {words('nb').date_short(last)}:")
    assert last == TODAY + timedelta(days=61)
    assert properties(of_departures(busy(240)), "X-WR-CALDESC")[0].startswith("Alle avganger for de neste tre månedene")


def test_dates_that_are_asked_for_are_all_there() -> None:
    days = dates(TODAY, TODAY + timedelta(days=89))
    assert of_departures(busy(60), days).count(b"BEGIN:VEVENT") == 90 * 16


@settings(max_examples=15, deadline=None)
@given(case=st.sampled_from(ANCHORS).flatmap(lambda anchor: st.tuples(st.just(anchor), any_schedule(anchor))))
def test_a_calendar_between_stops_is_what_a_naive_resolver_finds(case: tuple[date, Schedule]) -> None:
    anchor, schedule = case
    for pair in permutations(("vagsbunnen", "mo-gyldenpris", "mo-nesttun"), 2):
        content = connections_calendar(schedule, pair, anchor, OSLO, "nn", window(anchor))
        running = {(event.starts, event.ends) for event in by_ical(content) if not event.cancelled}
        assert running == {
            (instant(day, departs, OSLO).astimezone(UTC), instant(day, arrives, OSLO).astimezone(UTC))
            for day in window(anchor)
            for _, departs, arrives in naive_connections(schedule, day, *pair)
        }
