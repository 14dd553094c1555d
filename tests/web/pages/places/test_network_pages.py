"""Pages of stops, running times, vehicles and patterns, and the sheet of what nobody has confirmed."""

import re
from dataclasses import replace
from datetime import date
from math import hypot

import pytest

from shuttle.domain.access.permissions import Role
from shuttle.domain.basics.errors import Invalid
from shuttle.domain.timetable.departures import Schedule
from shuttle.services.app_context import AppContext
from shuttle.settings import read_settings
from shuttle.web.pages.stop_details import drawing, stop_details
from tests.web.pages.conftest import SignIn

NETWORK = "/plan/places/network"
SOURCE = {"from": "2026-11-24", "source": "the centre"}


def test_a_stop_gets_its_address_for_everybody(signed_in: SignIn) -> None:
    planner = signed_in(Role.PLANNER)
    stop = {"name": "MO Gyldenpris", "name_en": "Gyldenpris centre", "lat": "60,381", "lon": "5.320"}
    place = stop | {"address": "Michael Krohns gate 1", "wheelchair": "yes", "way": "Gul dør i bakgården"} | SOURCE
    page = planner.post("/plan/places/mo-gyldenpris/stop", data=place)
    assert "Holdeplassen er lagret." in page.text
    front = planner.get("/?date=2026-11-24").text
    assert "Michael Krohns gate 1" in front and "Gul dør i bakgården" in front and "geo:60.381" in front
    assert '"address":"Michael Krohns gate 1"' in front
    assert "Gyldenpris centre" in planner.get("/?date=2026-11-24&lang=en").text
    half = planner.post("/plan/places/mo-gyldenpris/stop?lang=nb", data=place | {"lon": ""})
    assert half.status_code == 422 and "eller ingen av dem" in half.text and "Gul dør i bakgården" in half.text


def test_a_new_stop_opens_and_one_that_is_served_stays(signed_in: SignIn, context: AppContext) -> None:
    planner = signed_in(Role.PLANNER)
    page = planner.post("/plan/places/new", data={"name": "MO Sentrum øst"} | SOURCE)
    assert page.url.path == "/plan/places/mo-sentrum-ost" and page.status_code == 200
    assert "mo-sentrum-ost" in context.schedule().network.on(date(2026, 11, 24)).stops
    assert planner.post("/plan/places/new", data=SOURCE).status_code == 422
    refused = planner.post("/plan/places/mo-gyldenpris/close", data={"from": "2027-01-01"})
    assert refused.status_code == 422 and "mister et stopp" in refused.text
    closed = planner.post("/plan/places/mo-sentrum-ost/close", data={"from": "2027-01-01"})
    assert "Holdeplassen stenger på datoen." in closed.text


def test_running_times_are_typed_in_bands(signed_in: SignIn, context: AppContext) -> None:
    planner = signed_in(Role.PLANNER)
    link = {"origin": "vagsbunnen", "destination": "mo-gyldenpris", "km": "2,2"} | SOURCE
    typed = link | {"starts": ["00:00", "15.00", ""], "minutes": ["10", "14", ""]}
    page = planner.post(f"{NETWORK}/running-time", data=typed).text
    assert "Kjøretiden er lagret." in page and "ny verdi fra" in page
    times = context.schedule().network.on(date(2026, 11, 24)).running_times["vagsbunnen", "mo-gyldenpris"]
    assert times.bands == ((0, 10), (900, 14)) and times.km == 2.2
    refused = planner.post(f"{NETWORK}/running-time", data=typed | {"minutes": ["0", "ten", ""]})
    assert refused.status_code == 422 and 'value="ten"' in refused.text


def test_a_bus_and_a_pattern_are_made(signed_in: SignIn, context: AppContext) -> None:
    planner = signed_in(Role.PLANNER)
    bus = {"name": "Den gule", "seats": "12", "wheelchair_places": "1"} | SOURCE
    assert "Bussen er lagret." in planner.post(f"{NETWORK}/vehicle", data=bus).text
    assert context.schedule().network.on(date(2026, 11, 24)).vehicles["den-gule"].seats == 12
    assert planner.post(f"{NETWORK}/vehicle", data=bus | {"name": "To", "seats": "0"}).status_code == 422
    page = planner.post(f"{NETWORK}/pattern", data={"stops": ["vagsbunnen"], "act": "add:mo-nesttun"}).text
    assert "Vågsbunnen – MO Nesttun" in page and page.count('name="stops" value="mo-nesttun"') == 2
    stops = ["vagsbunnen", "mo-nesttun", "vagsbunnen"]
    saved = planner.post(f"{NETWORK}/pattern", data={"stops": stops, "source": "us", "act": "save"})
    assert "Traseen er lagret." in saved.text
    assert context.schedule().network.pattern_by_id["vagsbunnen-mo-nesttun-vagsbunnen"].direction == 0


def test_the_sheet_lists_what_is_assumed_and_leads_there(signed_in: SignIn) -> None:
    planner = signed_in(Role.PLANNER)
    page = planner.get("/plan/places/sheet").text
    assert "16 opplysninger" in page and "10 minutter; 2,2 km" in page and "Riktig er" in page
    for address in set(re.findall(r'href="(/plan/places/[^"#]+)#', page)):
        assert planner.get(address).status_code == 200
    confirmed = {"pattern": "nesttun", "stops": ["vagsbunnen", "mo-nesttun"], "headsign": "MO Nesttun", "source": "us"}
    planner.post(f"{NETWORK}/pattern", data=confirmed | {"act": "save"})
    assert "15 opplysninger" in planner.get("/plan/places/sheet").text


def test_a_map_that_the_operator_names_is_linked(
    signed_in: SignIn, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    stops = [context.schedule().network.on(date(2026, 11, 24)).stops["mo-nesttun"]]
    address = "https://map.example/?lat={lat}&lon={lon}"
    details = stop_details(context.schedule(), stops, "nb", address)
    assert details[0].map == "https://map.example/?lat=60.318&lon=5.353"
    assert stop_details(context.schedule(), stops, "nb", "")[0].map == ""
    monkeypatch.setenv("SHUTTLE_MAP_ADDRESS", "javascript:alert({lat},{lon})")
    with pytest.raises(Invalid, match="SHUTTLE_MAP_ADDRESS"):
        read_settings()


def test_the_drawing_is_to_scale_with_north_up(context: AppContext) -> None:
    picture = drawing(context.schedule(), date(2026, 11, 24), "nb")
    assert picture
    town, gyldenpris, nesttun = picture.stops
    assert town.y < gyldenpris.y < nesttun.y and gyldenpris.x < town.x < nesttun.x
    units, km = picture.bar
    distance = hypot(nesttun.x - town.x, nesttun.y - town.y) * km / units
    assert distance == pytest.approx(8.6, abs=0.1), "8.6 km as the crow flies"
    assert picture.north - nesttun.y * picture.north_per_unit == pytest.approx(60.318, abs=1e-4)
    assert picture.west + nesttun.x * picture.east_per_unit == pytest.approx(5.353, abs=2e-4)
    assert drawing(replace_stops(context.schedule()), date(2026, 11, 24), "nb") is None


def replace_stops(schedule: Schedule) -> Schedule:
    """The schedule with stops that nobody has placed."""
    stops = tuple(replace(stop, lat=None, lon=None) for stop in schedule.network.stops)
    return replace(schedule, network=replace(schedule.network, stops=stops))
