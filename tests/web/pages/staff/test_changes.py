"""Page of a date: cancelling, retiming and adding departures on any day or span, and what the public is told."""

import re
from datetime import date

import pytest

from shuttle.domain.access.permissions import Role
from shuttle.services.app_context import AppContext
from shuttle.web.pages.absence import Absence, absence_near
from tests.builders import a_schedule
from tests.web.pages.conftest import SignIn

DAY = date(2027, 2, 1)
HERE = "/staff/days/2027-02-01"
TEN = "gyldenpris-weekday-1000"


def states(context: AppContext, day: date) -> dict[int, str]:
    return {each.departs: each.status.value for each in context.schedule().departures_on(day).departures}


@pytest.mark.parametrize("role", [Role.STAFF, Role.PLANNER])
def test_a_departure_is_cancelled_for_a_span_and_taken_back(signed_in: SignIn, context: AppContext, role: Role) -> None:
    client = signed_in(role)
    form = {"kind": "cancel", "trip": TEN, "reason": "event", "last": "2027-02-03"}
    page = client.post(f"{HERE}/change", data=form)
    assert "Avgangen er innstilt." in page.text and "Arrangement" in page.text
    assert [states(context, date(2027, 2, day))[600] for day in (1, 3, 4)] == ["cancelled", "cancelled", "scheduled"]
    change = re.findall(r'name="change" value="([\w-]+)"', page.text)[0]
    assert "Endringen er tatt tilbake." in client.post(f"{HERE}/withdraw", data={"change": change}).text
    assert states(context, DAY)[600] == "scheduled"


def test_a_departure_is_moved_and_one_added_far_ahead(signed_in: SignIn, context: AppContext) -> None:
    client = signed_in(Role.STAFF)
    moved = {"kind": "retime", "trip": TEN, "reason": "road_closed", "departs": "10.30"}
    assert "Avgangen er flyttet." in client.post(f"{HERE}/change", data=moved).text
    extra = {"kind": "extra", "pattern": "nesttun", "reason": "demand", "departs": "20.15"}
    assert "Ekstraavgangen er lagt til." in client.post(f"{HERE}/change", data=extra).text
    assert states(context, DAY) | {} == {
        630: "retimed",
        720: "scheduled",
        900: "scheduled",
        1020: "scheduled",
        1110: "scheduled",
        1215: "extra",
    }


def test_all_departures_of_days_are_cancelled_and_the_public_is_told(signed_in: SignIn, context: AppContext) -> None:
    client = signed_in(Role.STAFF)
    form = {"kind": "cancel_all", "reason": "no_driver", "last": "2027-02-04"}
    assert "Alle avgangene er innstilt." in client.post(f"{HERE}/change", data=form).text
    assert set(states(context, date(2027, 2, 4)).values()) == {"cancelled"}
    told = (
        "Bussen går ikke fra mandag 1. februar 2027 til torsdag 4. februar 2027. Den går igjen fredag 5. februar 2027."
    )
    assert told in client.get("/?date=2027-02-01").text and told in client.get("/?date=2027-01-25").text
    assert told not in client.get("/?date=2027-01-10").text


@pytest.mark.parametrize(
    ("form", "field", "status"),
    [
        ({"kind": "retime", "trip": TEN, "reason": "weather", "departs": "halv ti"}, f"{TEN}-departs", 422),
        ({"kind": "extra", "pattern": "nesttun", "reason": "demand", "departs": "x"}, "extra-departs", 422),
        ({"kind": "cancel", "trip": TEN, "reason": "weather", "last": "01.01.2027"}, f"{TEN}-last", 422),
        ({"kind": "cancel", "trip": TEN, "reason": "weather", "last": "i morgen"}, f"{TEN}-last", 422),
        ({"kind": "cancel_all", "reason": "weather", "last": "01.01.2029"}, "all-last", 422),
        ({"kind": "melt", "trip": TEN, "reason": "weather"}, TEN, 422),
        ({"kind": "cancel", "trip": "none", "reason": "weather"}, "none", 422),
        ({"kind": "extra", "pattern": "gyldenpris", "reason": "demand", "departs": "10.00"}, "extra", 409),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_bad_input_is_refused_at_its_field_and_kept(
    signed_in: SignIn, form: dict[str, str], field: str, status: int
) -> None:
    page = signed_in(Role.STAFF).post(f"{HERE}/change", data=form)
    assert page.status_code == status and f'href="#{field}"' in page.text
    assert all(f'value="{form[name]}"' in page.text for name in ("last", "departs") if name in form)


def test_other_dates_and_other_people_are_refused(signed_in: SignIn) -> None:
    assert signed_in(Role.STAFF).get("/staff/days/soon").status_code == 422
    assert signed_in(Role.READER).get(HERE, follow_redirects=False).status_code == 403


def test_an_absence_is_told_while_it_lasts_and_before_it_begins() -> None:
    schedule = a_schedule(last=date(2027, 3, 31))
    assert absence_near(schedule, date(2027, 3, 10)) is None
    assert absence_near(schedule, date(2027, 3, 20)) == Absence(date(2027, 4, 1), None)
    assert absence_near(schedule, date(2027, 4, 2)) == Absence(date(2027, 4, 2), None)
    assert Absence(date(2027, 4, 1), date(2027, 4, 3)).returns == date(2027, 4, 4)
