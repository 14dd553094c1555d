"""Page of the roster, and the duties on a driver's page."""

import html
import re
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.services.app_context import AppContext
from tests.rosters import WITH_DUTIES, a_driver, account_id, give, publish_duties, take_back, wish
from tests.web.pages.conftest import SignIn

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MONDAY = date(2026, 11, 23)
DUTY = f"{WITH_DUTIES}/weekday-1"


@pytest.fixture
def planner(signed_in: SignIn, context: AppContext) -> TestClient:
    publish_duties(context)
    return signed_in(Role.PLANNER)


def form(driver: str, first: str = "2026-12-14", **more: object) -> dict[str, object]:
    return {"duty": DUTY, "driver": driver, "first": first, "weekday": ["0", "1", "2", "3", "4", "5", "6"], **more}


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def test_a_timetable_without_duties_says_so(signed_in: SignIn) -> None:
    page = signed_in(Role.PLANNER).get("/plan/duties")
    assert page.status_code == 200 and "Rutetabellen har ingen vakter" in page.text
    assert "/plan/duties/give" not in page.text


def test_four_weeks_are_shown_with_open_duties(planner: TestClient, context: AppContext) -> None:
    give(context, a_driver(context), wish("weekday-1", MONDAY, 5))
    text = text_of(planner.get("/plan/duties").text)
    assert "23. november til 20. desember 2026" in text
    assert "43 vakter har ingen sjåfør." in text
    assert text.count("Kari Ta tilbake") == 5
    assert "18. januar 2027" not in text
    assert "21. desember til 17. januar 2027" in text_of(planner.get("/plan/duties?from=2026-12-21").text)


def test_a_duty_is_given_and_taken_back(planner: TestClient, context: AppContext) -> None:
    kari = a_driver(context)
    done = text_of(planner.post("/plan/duties/give", data=form(kari, last="2026-12-18")).text)
    assert "Vakten er gitt på 5 dager." in done and "mindre enn 14 dager" not in done
    assert done.count("Kari Ta tilbake") == 5, "the weeks of the form are shown"
    done = text_of(planner.post("/plan/duties/take-back", data=form("")).text)
    assert "Vakten er tatt tilbake på 1 dag." in done
    soon = text_of(planner.post("/plan/duties/give", data=form(kari, "2026-11-24")).text)
    assert "1 dag er mindre enn 14 dager unna" in soon


WRONG: tuple[tuple[dict[str, object], str], ...] = (
    ({"duty": ""}, "Velg en vakt."),
    ({"driver": "nobody"}, "Velg en sjåfør: Kari."),
    ({"first": "14.12.26"}, "Datoen «14.12.26» kan ikke leses"),
    ({"first": "2026-11-22"}, "2026-11-22 er passert."),
    ({"last": "2026-12-01"}, "Datoene kan ikke brukes"),
    ({"last": "9999-12-31"}, "Datoen 9999-12-31 er utenfor det som kan brukes"),
    ({"weekday": []}, "Velg minst én ukedag."),
    ({"weekday": ["7"]}, "Velg minst én ukedag."),
    ({"weekday": ["12"]}, "Velg minst én ukedag."),
    ({"weekday": [""]}, "Velg minst én ukedag."),
    ({"duty": f"{WITH_DUTIES}/weekday-7"}, "Vakten kjøres ikke på noen av disse dagene."),
)


def test_faults_of_the_form_are_named_and_typed_values_kept(planner: TestClient, context: AppContext) -> None:
    kari = a_driver(context)
    for wrong, text in WRONG:
        typed = {**form(kari), **wrong}
        page = planner.post("/plan/duties/give", data=typed)
        assert page.status_code == 422 and text in text_of(page.text), wrong
        first = ".".join(reversed(str(typed["first"]).split("-")))
        assert f'value="{first}"' in page.text, wrong
        assert page.text.count(" checked") == {"[]": 0, "['7']": 0, "['12']": 0, "['']": 0}.get(
            str(typed["weekday"]), 7
        ), wrong


def test_broken_rules_of_rest_are_named(planner: TestClient, context: AppContext) -> None:
    kari = a_driver(context)
    give(context, kari, wish("holiday-1", date(2026, 12, 13)))
    page = planner.post("/plan/duties/give", data={**form(kari, "2026-12-20"), "duty": f"{WITH_DUTIES}/holiday-1"})
    assert page.status_code == 422
    assert re.search(r"20\. desember 2026: .*fri", text_of(page.text))


def test_lapsed_duties_are_listed_and_can_be_taken_back(planner: TestClient, context: AppContext) -> None:
    give(context, a_driver(context), wish("weekday-1", MONDAY, 2))
    publish_duties(context, MONDAY + timedelta(days=1), "newer")
    page = planner.get("/plan/duties").text
    assert "Vakter som ikke kjøres lenger" in page and "Tirsdag 24. november 2026: Kari" in text_of(page)
    data = {"duty": DUTY, "first": "2026-11-24", "weekday": "1"}
    assert "kjøres lenger" not in planner.post("/plan/duties/take-back", data=data).text


def test_unreadable_query_values_still_show_the_page(planner: TestClient) -> None:
    for query in (
        "from=x",
        "from=0001-01-01",
        "from=2100-12-31",
        "from=9999-12-31",
        "n=99999999&done=given",
        "date=x",
        "profile=x",
    ):
        assert planner.get(f"/plan/duties?{query}").status_code == 200, query


def test_a_timetable_shows_its_duties_until_a_departure_is_moved(planner: TestClient) -> None:
    planner.post(f"/plan/timetables/{WITH_DUTIES}/copy", data={"id": "copied", "name": "En kopi"})
    text = text_of(planner.get("/plan/timetables/copied").text)
    assert "Vakt 1 09.45–15.40 13.00–13.30 10.00, 12.00, 15.00 Vakt 2 16.45–19.00 – 17.00, 18.30" in text
    moved = planner.post("/plan/timetables/copied/move", data={"trip": "gyldenpris-weekday-1200", "departs": "12:10"})
    assert "Ingen vakter er planlagt for disse avgangene." in text_of(moved.text)
    assert "Avgangene (Hverdag) er ikke lenger de som vaktene ble planlagt for." in text_of(moved.text)
    assert "Vakt 1 09.45–15.40" in text_of(planner.post("/plan/timetables/copied/undo").text)


def test_a_driver_s_page_has_the_duties_of_today_and_later(signed_in: SignIn, context: AppContext) -> None:
    publish_duties(context)
    driver = signed_in(Role.DRIVER)
    assert "Ingen vakter er gitt deg." in driver.get("/driver").text
    kari = account_id(context, "kari-driver")
    give(context, kari, wish("weekday-1", MONDAY, 4))
    take_back(context, wish("weekday-1", MONDAY + timedelta(days=3)))
    text = text_of(driver.get("/driver").text)
    assert text.count("Vakten din 09.45–15.40 Avganger 10.00, 12.00, 15.00 Pause 13.00–13.30") == 3
    assert text.count("MO Gyldenpris din") == 9
    assert "Onsdag 25. november 09.45–15.40 Torsdag 26. november 09.45–15.40 tatt tilbake" in text
