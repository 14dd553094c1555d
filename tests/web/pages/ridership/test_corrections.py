"""The page of a day's counts: who counted what, in words, and what a form corrects."""

import re
from datetime import timedelta

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.boardings import Count
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import record_and_wait
from tests.web.pages.conftest import SignIn

DRIVER = Person("d", "Kari", Role.DRIVER)


def counted(context: AppContext, person: Person, boardings: int) -> str:
    departure = f"{context.today() - timedelta(3)}.gyldenpris-weekday-1000"
    count = Count(departure=departure, stop="vagsbunnen", boardings=boardings)
    record_and_wait(context, person, count, f"key-{person.id}")
    return departure


def test_staff_settle_a_dispute_from_the_ridership_page(signed_in: SignIn, context: AppContext) -> None:
    departure = counted(context, DRIVER, 30)
    counted(context, Person("s", "Dør", Role.STAFF), 3)
    client = signed_in(Role.STAFF)
    disputes = client.get("/ridership").text.partition('id="disputed"')[2].partition("</section>")[0]
    [link] = re.findall(r'<a href="(/ridership/counts/[^#"]+)#', disputes)
    assert departure not in re.sub(r"<[^>]+>", "", disputes)
    page = client.get(link).text
    assert "Ulike tall, Vågsbunnen" in page and "30 på" in page
    sent = {"departure": departure, "stop": "vagsbunnen", "boardings": "3", "reason": "observers_differ", "key": "k"}
    answer = client.post("/ridership/counts", data=sent)
    assert answer.status_code == 200 and "Lagret." in answer.text
    assert "Retting, kari-staff: 3 på, – av" in answer.text
    assert "Grunn: to talte ulikt. Dette gjelder." in answer.text
    assert "Ulike tall" not in answer.text
    assert 'id="disputed"' not in client.get("/ridership").text


def test_a_bad_number_is_refused_on_the_page(signed_in: SignIn, context: AppContext) -> None:
    departure = counted(context, DRIVER, 30)
    client = signed_in(Role.PLANNER)
    for number in ("", "-1", "tre", "1001"):
        sent = {"departure": departure, "stop": "vagsbunnen", "boardings": number, "reason": "other", "key": "k"}
        answer = client.post("/ridership/counts", data=sent)
        assert answer.status_code == 422 and 'id="errors"' in answer.text, number
    sent["boardings"], sent["reason"] = "1", "because"
    assert client.post("/ridership/counts", data=sent).status_code == 422


def test_a_day_whose_observers_are_deleted_has_no_forms(signed_in: SignIn, context: AppContext) -> None:
    client = signed_in(Role.STAFF)
    day = context.today() - timedelta(100)
    page = client.get(f"/ridership/counts/{day}").text
    assert "kan ikke rettes" in page and 'action="/ridership/counts"' not in page


def test_drivers_and_readers_do_not_see_who_counted(signed_in: SignIn, context: AppContext) -> None:
    for role in (Role.DRIVER, Role.READER):
        assert signed_in(role).get(f"/ridership/counts/{context.today()}").status_code == 403
