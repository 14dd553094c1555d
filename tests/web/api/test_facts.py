"""API of facts: opening hours from a date, special hours, the acts and their undoing, what is assumed."""

from datetime import date

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext

HOURS = {"from": "2027-03-01", "hours": {"weekday": [["09:00", "21.00"]]}, "source": "Vedtak 1. desember"}
PATH = "/api/v1/opening-hours/mo-nesttun"


@pytest.fixture
def planner(client: TestClient, context: AppContext) -> TestClient:
    with context.transaction() as session:
        token = create_token(session, Person("a", "Admin", Role.ADMIN), Role.PLANNER, "plans", context.now())
    client.headers["authorization"] = f"Bearer {token}"
    return client


def hours_on(client: TestClient, day: str) -> list[list[str]]:
    stops = client.get(f"/api/v1/opening-hours?date={day}").json()["stops"]
    return next(stop["windows"] for stop in stops if stop["stop"] == "mo-nesttun")


def test_hours_are_put_from_a_date_and_undone(planner: TestClient) -> None:
    answer = planner.put(PATH, json=HOURS)
    assert answer.status_code == 200 and answer.json()["from"] == "2027-03-01"
    assert hours_on(planner, "2027-02-26") == [["09:00", "15:00"]]
    assert hours_on(planner, "2027-03-01") == [["09:00", "21:00"]]
    act = answer.json()["id"]
    assert planner.get("/api/v1/facts/acts").json()[0]["id"] == act
    assert planner.post(f"/api/v1/facts/acts/{act}/undo").status_code == 200
    assert hours_on(planner, "2027-03-01") == [["09:00", "15:00"]]
    assert planner.post(f"/api/v1/facts/acts/{act}/undo").json()["type"].endswith("already-undone")


@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ({"source": ""}, 422, "assumed"),
        ({"from": "2026-11-01"}, 409, "2026-11-23 or later"),
        ({"from": None}, 422, "a date from today on"),
        ({"hours": {"weekday": [["21:00", "09:00"]]}}, 422, "closing after it opens"),
        ({"hours": {"moonday": []}}, 422, "weekday"),
        ({"hours": {"weekday": [["nine", "21:00"]]}}, 422, "13:00"),
        ({"hours": {}}, 422, ""),
        ({"until": "2027-04-01"}, 422, ""),
    ],
)
def test_what_cannot_be_is_a_problem(planner: TestClient, change: dict[str, object], status: int, word: str) -> None:
    answer = planner.put(PATH, json=HOURS | change)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json" and word in answer.text
    assert planner.put("/api/v1/opening-hours/nowhere", json=HOURS).status_code == 404


def test_special_hours_hold_on_their_dates_alone(planner: TestClient) -> None:
    body = {"from": "2026-12-24", "to": "2026-12-25", "windows": [], "reason": "Jul"}
    assert planner.put(f"{PATH}/special", json=body).status_code == 200
    assert hours_on(planner, "2026-12-24") == []
    assert planner.put(f"{PATH}/special", json=body | {"windows": None}).status_code == 200
    assert hours_on(planner, "2026-12-24") == [["09:00", "15:00"]]
    assert planner.put(f"{PATH}/special", json=body | {"to": "2026-12-01"}).status_code == 422


def test_what_is_assumed_leaves_the_list_when_confirmed(planner: TestClient, context: AppContext) -> None:
    def listed() -> list[tuple[str, str]]:
        facts = planner.get("/api/v1/facts/assumed").json()
        return [(fact["key"], fact["day_type"]) for fact in facts if fact["kind"] == "opening_hours"]

    assert ("mo-nesttun", "weekday") in listed()
    present = HOURS | {"hours": {"weekday": [["09:00", "15:00"]]}, "from": None}
    assert planner.put(PATH, json=present).status_code == 200
    assert ("mo-nesttun", "weekday") not in listed() and ("mo-nesttun", "holiday") in listed()
    regular = context.schedule().opening_times.regular_on("mo-nesttun", "weekday", date(2024, 1, 1))
    assert regular and not regular.provenance.assumed


def test_a_stop_moves_gets_details_and_closes(planner: TestClient) -> None:
    moved = {
        "name": "MO Nesttun",
        "name_en": "Nesttun centre",
        "lat": 60.32,
        "lon": 5.35,
        "address": "Nesttunveien 1",
        "wheelchair": True,
        "from": "2027-03-01",
        "source": "the centre",
    }
    assert planner.put("/api/v1/stops/mo-nesttun", json=moved).status_code == 200
    now, then = (
        next(s for s in planner.get(f"/api/v1/stops?date={day}").json() if s["id"] == "mo-nesttun")
        for day in ("2027-02-28", "2027-03-01")
    )
    assert now["lat"] == 60.318 and now["address"] is None and now["wheelchair"] is None
    assert then["lat"] == 60.32 and then["names"]["en"] == "Nesttun centre" and then["wheelchair"] is True
    assert planner.put("/api/v1/stops/mo-nesttun", json=moved | {"lon": None}).status_code == 422
    assert planner.delete("/api/v1/stops/mo-nesttun?from=2027-06-01").status_code == 200
    assert "mo-nesttun" not in [s["id"] for s in planner.get("/api/v1/stops?date=2027-06-01").json()]
    refused = planner.delete("/api/v1/stops/mo-gyldenpris?from=2027-06-01")
    assert refused.status_code == 409 and refused.json()["type"].endswith("departures-would-break")


def test_running_times_move_arrivals_from_their_date(planner: TestClient) -> None:
    link = {"origin": "vagsbunnen", "destination": "mo-gyldenpris", "from": "2027-03-01", "source": "measured"}
    bands = {"bands": [["00:00", 10], ["15:00", 14]], "km": 2.3}
    made = planner.put("/api/v1/running-times", json=link | bands)
    assert made.status_code == 200

    def arrivals(day: str) -> list[str]:
        departures = planner.get(f"/api/v1/departures?date={day}").json()["departures"]
        return [departure["calls"][-1]["arrives_at"][11:16] for departure in departures]

    assert arrivals("2027-02-26") == ["10:10", "12:10", "15:10", "17:10", "18:40"]
    assert arrivals("2027-03-01") == ["10:10", "12:10", "15:14", "17:14", "18:44"]
    assert planner.put("/api/v1/running-times", json=link | bands | {"minutes": 9}).status_code == 422
    assert planner.put("/api/v1/running-times", json=link | {"destination": "nowhere", "minutes": 9}).status_code == 422
    assert planner.post(f"/api/v1/facts/acts/{made.json()['id']}/undo").status_code == 200
    assert arrivals("2027-03-01") == arrivals("2027-02-26")


def test_vehicles_and_patterns_are_put(planner: TestClient, context: AppContext) -> None:
    bus = {"seats": 16, "wheelchair_places": 2, "from": "2027-03-01", "source": "the garage"}
    assert planner.put("/api/v1/vehicles/minibus-1", json=bus).status_code == 200
    assert context.schedule().network.on(date(2027, 3, 1)).vehicles["minibus-1"].seats == 16
    assert context.schedule().network.on(date(2027, 2, 28)).vehicles["minibus-1"].seats == 8
    assert planner.put("/api/v1/vehicles/minibus-1", json=bus | {"seats": 0}).status_code == 422
    round_trip = {"stops": ["vagsbunnen", "mo-nesttun", "vagsbunnen"], "headsign": "MO Nesttun", "source": "us"}
    made = planner.put("/api/v1/patterns/nesttun-and-back", json=round_trip)
    assert made.status_code == 200
    assert "nesttun-and-back" in context.schedule().network.pattern_by_id
    other = round_trip | {"stops": ["vagsbunnen", "mo-nesttun"]}
    assert planner.put("/api/v1/patterns/nesttun-and-back", json=other).status_code == 409
    assert planner.post(f"/api/v1/facts/acts/{made.json()['id']}/undo").status_code == 200
    assert "nesttun-and-back" not in context.schedule().network.pattern_by_id
    confirmed = {"stops": ["vagsbunnen", "mo-gyldenpris"], "headsign": "MO Gyldenpris", "source": "us"}
    assert planner.put("/api/v1/patterns/gyldenpris", json=confirmed).status_code == 200


def test_cost_rates_hold_from_their_date(planner: TestClient, context: AppContext) -> None:
    evening = {"name": "Kveld", "day_types": ["weekday"], "starts": "17:00", "ends": "21:00", "nok_per_hour": 26.5}
    body = {"nok_per_driver_hour": 470, "nok_per_km": 6.5, "supplements": [evening], "source": "the tariff"}
    made = planner.put("/api/v1/costs", json=body | {"from": "2027-05-01"})
    assert made.status_code == 200
    network = context.schedule().network
    assert [network.costs_on(day).nok_per_driver_hour for day in (date(2027, 4, 30), date(2027, 5, 1))] == [450, 470]
    assert network.costs_on(date(2027, 5, 1)).supplements[0].minutes(1000, 1300) == 240
    for change in ({"nok_per_km": -1}, {"supplements": [evening | {"day_types": ["moonday"]}]}):
        assert planner.put("/api/v1/costs", json=body | {"from": "2027-06-01"} | change).status_code == 422
    assert planner.post(f"/api/v1/facts/acts/{made.json()['id']}/undo").status_code == 200
    assert context.schedule().network.costs_on(date(2027, 5, 1)).nok_per_driver_hour == 450
    confirmed = {"nok_per_driver_hour": 450, "nok_per_km": 6, "source": "the tariff"}
    assert planner.put("/api/v1/costs", json=confirmed).status_code == 200
    assert not context.schedule().network.costs_on(date(2026, 1, 1)).provenance.assumed
