"""Reports over the API: the page as a file; a reader gets released figures."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.fortnights import fortnight_of
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.releases import freeze_due

ADMIN = Person("a", "Admin", Role.ADMIN)
DRIVER = Person("d", "Bus", Role.DRIVER)
SPAN = "from=2026-11-09&to=2026-11-22"


def as_role(client: TestClient, context: AppContext, role: Role) -> TestClient:
    with context.transaction() as session:
        token = create_token(session, ADMIN, role, f"a {role}", context.now())
    client.headers["Authorization"] = f"Bearer {token}"
    return client


@pytest.mark.parametrize(
    ("file_format", "media", "begins"),
    [
        ("html", "text/html", b"<!doctype html>"),
        ("pdf", "application/pdf", b"%PDF-"),
        ("csv", "text/csv", b"\xef\xbb\xbftabell;"),
        ("csv-plain", "text/csv", b"table,row,column,value"),
    ],
)
@pytest.mark.parametrize("language", ["nb", "nn"])
def test_staff_get_the_page_as_a_file(
    client: TestClient, context: AppContext, file_format: str, media: str, begins: bytes, language: str
) -> None:
    ending = file_format.partition("-")[0]
    answer = as_role(client, context, Role.STAFF).get(f"/api/v1/reports?{SPAN}&format={file_format}&lang={language}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media)
    assert answer.headers["cache-control"] == "no-store"
    assert f'filename="ridership-2026-11-09-2026-11-22.{ending}"' in answer.headers["content-disposition"]
    assert answer.content.startswith(begins)


def test_a_reader_gets_released_figures_and_never_a_small_one(client: TestClient, context: AppContext) -> None:
    reader = as_role(client, context, Role.READER)
    fortnight = fortnight_of(context.today() - timedelta(40))
    query = f"/api/v1/reports?from={fortnight.first}&to={fortnight.last}&format=csv&lang=nn"
    assert reader.get(query).status_code == 404
    weekday, holiday = "gyldenpris-weekday-1000", "gyldenpris-holiday-1100"
    for day, trip, boardings in ((0, weekday, 43), (1, weekday, 30), (2, weekday, 10), (5, holiday, 3)):
        departure = f"{fortnight.first + timedelta(day)}.{trip}"
        record_and_wait(context, DRIVER, Count(departure=departure, stop="vagsbunnen", boardings=boardings), departure)
    freeze_due(context, ADMIN, 5)
    lines = reader.get(query).content.decode("utf-8-sig").splitlines()
    assert any(line.endswith(";Påstigande;86") for line in lines)
    assert any(line.endswith(";Kvardag;skjult") for line in lines)
    assert any(line.endswith(";Helg og heilagdag;skjult") for line in lines)
    assert not any(line.endswith((";3", ";83")) for line in lines)


def test_a_released_fortnight_that_nobody_counted_is_not_a_zero(client: TestClient, context: AppContext) -> None:
    first = fortnight_of(context.today() - timedelta(60))
    for trip, boardings in (("1000", 20), ("1200", 20), ("1500", 10)):
        departure = f"{first.first}.gyldenpris-weekday-{trip}"
        record_and_wait(context, DRIVER, Count(departure=departure, stop="vagsbunnen", boardings=boardings), departure)
    freeze_due(context, ADMIN, 5)
    query = f"/api/v1/reports?from={first.first}&to={first.last + timedelta(14)}&format=csv"
    lines = as_role(client, context, Role.READER).get(query).content.decode("utf-8-sig").splitlines()
    shown = [line.rpartition(";")[2] for line in lines if ";Påstigende;" in line]
    assert shown == ["50", "ikke telt"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2026-11-22&to=2026-11-09", 422),
        ("from=2026-13-01&to=2026-11-09", 422),
        ("from=2020-01-01&to=2026-11-09", 422),
        (f"{SPAN}&format=docx", 422),
        (f"{SPAN}&lang=de", 422),
        ("from=2026-11-09", 422),
    ],
)
def test_what_cannot_be_is_a_problem_and_not_a_fault(
    client: TestClient, context: AppContext, query: str, status: int
) -> None:
    answer = as_role(client, context, Role.STAFF).get(f"/api/v1/reports?{query}")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_nobody_and_a_driver_get_no_report(client: TestClient, context: AppContext) -> None:
    assert client.get(f"/api/v1/reports?{SPAN}").status_code == 401
    assert as_role(client, context, Role.DRIVER).get(f"/api/v1/reports?{SPAN}").status_code == 403
