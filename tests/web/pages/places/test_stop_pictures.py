"""A stop's picture: uploaded by a planner, seen by everybody, undone; and its own colour and shape."""

from base64 import b64encode
from datetime import date

import pytest

from shuttle.domain.access.permissions import Role
from shuttle.feeds.places import mark_of
from shuttle.services.app_context import AppContext
from tests.feeds.test_pictures import SECRET, exif, jpeg, png
from tests.web.pages.conftest import SignIn

HERE = "/plan/places/mo-gyldenpris"
ALT = {"alt": "Den blå døren", "alt_en": "The blue door"}
FILE = {"picture": ("60.39N.jpg", jpeg(exif(6)), "text/plain")}


def test_everybody_sees_an_uploaded_picture_until_it_is_undone(signed_in: SignIn, context: AppContext) -> None:
    planner = signed_in(Role.PLANNER)
    page = planner.post(f"{HERE}/picture", data=ALT, files=FILE)
    assert "Bildet er lagret." in page.text
    [picture] = context.schedule().pictures
    address = f"/stops/mo-gyldenpris/picture?v={picture.digest}"
    assert f'src="{address}" alt="Den blå døren" width="20" height="30"' in page.text
    cookies = dict(planner.cookies)
    planner.cookies.clear()
    front = planner.get("/?date=2026-11-24&lang=en").text
    assert "The blue door" in front
    answer = planner.get(address)
    assert answer.headers["content-type"] == "image/jpeg" and "immutable" in answer.headers["cache-control"]
    assert SECRET not in answer.content
    again = planner.get(address, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    planner.cookies.update(cookies)
    undone = planner.post("/plan/places/undo", data={"act": planner.get("/api/v1/facts/acts").json()[0]["id"]})
    assert undone.status_code == 200 and context.schedule().pictures == ()
    assert planner.get(address).status_code == 404


@pytest.mark.parametrize(
    ("data", "files", "message"),
    [
        (ALT, {"picture": ("door.png", b"<svg onload=alert(1)>", "image/png")}, "Filen er ikke et bilde"),
        (ALT, {"picture": ("door.png", png(5000, 1), "image/png")}, "Bildet er for stort: 5000 × 1."),
        (ALT, {"picture": ("", b"", "application/octet-stream")}, "Velg en bildefil."),
        ({"alt": " "}, FILE, "Skriv hva bildet viser."),
    ],
    ids=["kind", "size", "none", "words"],
)
def test_what_cannot_be_shown_is_refused_and_the_words_stay(
    signed_in: SignIn, context: AppContext, data: dict[str, str], files: dict[str, tuple[str, bytes, str]], message: str
) -> None:
    page = signed_in(Role.PLANNER).post(f"{HERE}/picture", data=data, files=files)
    assert page.status_code == 422 and message in page.text
    assert data["alt"].strip() in page.text and context.schedule().pictures == ()


def test_words_change_without_the_file_and_the_picture_goes(signed_in: SignIn, context: AppContext) -> None:
    planner = signed_in(Role.PLANNER)
    planner.post(f"{HERE}/picture", data=ALT, files=FILE)
    planner.post(f"{HERE}/picture", data={"alt": "Gul dør"}, files={"picture": ("", b"", "")})
    assert [each.alt for each in context.schedule().pictures] == ["Gul dør"]
    assert "Bildet er fjernet." in planner.post(f"{HERE}/picture", data={"act": "remove"}, files=FILE).text
    assert context.schedule().pictures == ()


def test_an_unreadable_character_in_the_words_is_refused(signed_in: SignIn) -> None:
    page = signed_in(Role.PLANNER).post(f"{HERE}/picture", data={"alt": "d\u0007r"}, files=FILE)
    assert page.status_code == 422


def test_the_api_takes_a_picture_in_base64(signed_in: SignIn, context: AppContext) -> None:
    planner, path = signed_in(Role.PLANNER), "/api/v1/stops/mo-gyldenpris/picture"
    body = {"content": b64encode(png()).decode(), "alt": "Døren"}
    assert planner.put(path, json=body).json()["kind"] == "picture"
    assert context.schedule().pictures[0].width == 3
    bad = planner.put(path, json=body | {"content": "%%"})
    assert (bad.status_code, bad.json()["type"]) == (422, "urn:shuttle:not-a-picture")
    assert planner.delete(path).status_code == 200
    assert planner.delete(path).status_code == 404


def test_a_stop_keeps_the_colour_that_a_planner_chose(signed_in: SignIn, context: AppContext) -> None:
    planner = signed_in(Role.PLANNER)
    values = {"name": "MO Gyldenpris", "mark": "5", "from": "2026-11-24", "source": "the centre's sign"}
    assert planner.post(f"{HERE}/stop", data=values).status_code == 200
    network = context.schedule().network
    assert (mark_of(network, "mo-gyldenpris"), mark_of(network, "mo-nesttun")) == (5, 2)
    assert network.on(date(2026, 11, 24)).stops["mo-gyldenpris"].mark == 5
    assert 'value="5" selected' in planner.get(f"{HERE}?on=2026-11-24").text
