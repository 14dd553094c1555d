"""Closing early: staff say it on the day, and driver, planner and passengers see which buses reach a shut door."""

from datetime import date

import pytest

from shuttle.domain.access.permissions import Role
from shuttle.domain.basics.errors import Invalid
from shuttle.domain.timetable.opening_hours import EarlyClosing
from shuttle.services.app_context import AppContext
from tests.web.pages.conftest import SignIn

STOP = {"stop": "mo-gyldenpris"}
NOTE = "MO Gyldenpris stenger tidlig, kl.\N{NO-BREAK SPACE}15.00. Disse avgangene kommer fram etter det: "


def test_everybody_is_told_at_once_and_told_no_more(signed_in: SignIn, context: AppContext) -> None:
    staff = signed_in(Role.STAFF)
    page = staff.post("/staff/close-early", data={**STOP, "closes": "15.00"}).text
    assert "Alle får vite at dere stenger tidlig." in page
    late = NOTE + "15.00 (framme 15.10), 17.00 (framme 17.10), 18.30 (framme 18.40)."
    today = context.today()
    assert context.schedule().windows("mo-gyldenpris", today) == ((480, 900),)
    assert late in page and late in staff.get("/?lang=nb").text
    assert late in signed_in(Role.DRIVER).get("/driver?lang=nb").text
    planner = signed_in(Role.PLANNER)
    assert late in planner.get("/plan?lang=nb").text
    assert "Dere stenger som vanlig." in planner.post("/staff/open-after-all", data=STOP).text
    assert context.schedule().windows("mo-gyldenpris", today) == ((480, 1320),)
    assert NOTE not in planner.get("/?lang=nb").text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_time_at_which_it_is_shut_is_refused_at_its_field(signed_in: SignIn) -> None:
    staff = signed_in(Role.STAFF)
    for typed, status in (("23.30", 409), ("snart", 422)):
        page = staff.post("/staff/close-early", data={**STOP, "closes": typed})
        assert page.status_code == status and 'href="#closes"' in page.text and f'value="{typed}"' in page.text
    assert staff.post("/staff/open-after-all", data=STOP).status_code == 422
    assert staff.post("/staff/close-early", data={"stop": "vagsbunnen", "closes": "15.00"}).status_code == 409


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_api_closes_and_opens(signed_in: SignIn, context: AppContext) -> None:
    staff = signed_in(Role.STAFF)
    path = "/api/v1/stops/mo-gyldenpris/early-closing"
    assert staff.put(path, json={"closes_at": "14:00"}).json()["closes_at"] == "14:00"
    assert staff.put(path, json={"closes_at": "16:00"}).status_code == 200, "a later decision replaces it"
    hours = staff.get(f"/api/v1/opening-hours?date={context.today()}").json()
    assert "16:00" in str(hours)
    assert staff.delete(path).status_code == 200 and staff.delete(path).status_code == 404
    assert staff.put("/api/v1/stops/none/early-closing", json={"closes_at": "14:00"}).status_code == 404


def test_what_is_left_of_the_hours() -> None:
    today = date(2026, 11, 23)
    closing = EarlyClosing(stop="s", date=today, closes=900)
    assert closing.cut(((480, 600), (840, 1000), (1020, 1100))) == ((480, 600), (840, 900))
    with pytest.raises(Invalid):
        EarlyClosing(stop="s", date=today, closes=-1)
