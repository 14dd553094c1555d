"""Limits per client: size and speed of bodies, writes per minute; and trusted proxies."""

import asyncio
import gzip
from collections.abc import Iterator
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.settings import Settings, read_settings
from shuttle.web.app import create_app
from shuttle.web.server import rate_limits
from shuttle.web.server.proxy_headers import TrustedProxies
from shuttle.web.server.rate_limits import (
    CLIENTS_OF_A_SITE,
    DEAR_A_MINUTE,
    LONGEST_ADDRESS,
    MOST_BYTES,
    MOST_CLIENTS,
    MOST_PIECES,
    Allowance,
    client_of,
)
from tests.conftest import a_database

ADMIN = Person("a", "Admin", Role.ADMIN)
COUNTS = "/api/v1/departures/2026-11-23.gyldenpris-weekday-1000/boardings"
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """One database is enough: nothing here depends on which."""
    yield from a_database("sqlite", tmp_path, filled=True)


def app_client(context: AppContext, **settings: Any) -> TestClient:
    return TestClient(create_app(context, Settings(**settings)), client=("127.0.0.1", 5000))


@pytest.fixture
def staff(client: TestClient, context: AppContext) -> TestClient:
    with context.transaction() as session:
        token = create_token(session, ADMIN, Role.STAFF, "tablet", context.now())
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def halves(size: int) -> Iterator[bytes]:
    """A body that does not say how long it is."""
    yield b" " * (size // 2)
    yield b" " * (size - size // 2)


@pytest.mark.parametrize("body", [b" " * (MOST_BYTES + 1), "chunked"])
def test_a_body_over_a_mebibyte_is_refused_whether_it_says_so_or_not(staff: TestClient, body: bytes | str) -> None:
    content = halves(MOST_BYTES + 1) if body == "chunked" else body
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}
    answer = staff.post(COUNTS, content=content, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:shuttle:body-too-large")
    assert answer.json()["allowed"] == f"{MOST_BYTES} bytes"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_body_in_pieces_is_read_whole(staff: TestClient) -> None:
    pieces = iter((b'{"stop": "vagsbunnen", ', b'"boardings": 3}'))
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}
    assert staff.post(COUNTS, content=pieces, headers=headers).status_code == 201


def test_a_body_of_crumbs_is_refused_long_before_its_end(context: AppContext) -> None:
    taken: list[int] = []
    messages: list[Message] = []

    async def crumb() -> Message:
        taken.append(1)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Message) -> None:
        messages.append(message)

    scope = {"type": "http", "method": "POST", "path": COUNTS, "headers": [], "query_string": b"", "scheme": "http"}
    asyncio.run(create_app(context, Settings())(scope | {"client": ("127.0.0.1", 1)}, crumb, send))
    assert (messages[0]["status"], len(taken)) == (413, MOST_PIECES + 1)
    assert b"urn:shuttle:body-too-scattered" in messages[1]["body"]


def test_a_body_that_is_zipped_is_counted_as_it_is_sent_and_never_unpacked(staff: TestClient) -> None:
    bomb = gzip.compress(b" " * 50 * MOST_BYTES)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Idempotency-Key": "k"}
    assert staff.post(COUNTS, content=bomb, headers=headers).status_code == 400


def test_a_page_that_is_sent_too_much_answers_with_a_page(client: TestClient) -> None:
    answer = client.post("/login", content=b"x" * (MOST_BYTES + 1), headers=OURS)
    assert answer.status_code == 413
    assert answer.headers["content-type"].startswith("text/html")


def test_a_body_that_never_comes_is_not_waited_for(context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "BODY_SECONDS", 0.01)
    messages: list[Message] = []

    async def never() -> Message:
        return await asyncio.Event().wait() and {}

    async def send(message: Message) -> None:
        messages.append(message)

    scope = {"type": "http", "method": "POST", "path": COUNTS, "headers": [], "query_string": b"", "scheme": "http"}
    asyncio.run(create_app(context, Settings())(scope | {"client": ("127.0.0.1", 1)}, never, send))
    assert messages[0]["status"] == 408


def test_writes_over_the_limit_are_told_when_to_come_back_and_counts_never(context: AppContext) -> None:
    client = app_client(context, writes_a_minute=2)
    tries = [client.delete("/api/v1/changes/unknown") for _ in range(3)]
    assert [answer.status_code for answer in tries] == [401, 401, 429]
    assert 1 <= int(tries[2].headers["retry-after"]) <= 30
    assert tries[2].json()["type"] == "urn:shuttle:too-many-requests"
    assert {client.post(COUNTS, json={}).status_code for _ in range(5)} == {401}
    assert client.get("/api/v1/stops").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/login"), ("GET", "/login/link/guess"), ("GET", "/login/provider")]
)
def test_guessing_passwords_and_links_is_slowed_down(context: AppContext, method: str, path: str) -> None:
    client = app_client(context, sign_ins_a_minute=3)
    form = {"name": "Ada", "password": "wrong"} if method == "POST" else None
    answers = [client.request(method, path, headers=OURS, data=form) for _ in range(4)]
    assert 429 not in {answer.status_code for answer in answers[:3]}
    assert (answers[3].status_code, "retry-after" in answers[3].headers) == (429, True)
    assert client.get("/login").status_code == 200


def test_clients_behind_a_proxy_that_is_trusted_are_limited_each(context: AppContext) -> None:
    client = app_client(context, sign_ins_a_minute=1, trusted_proxies="127.0.0.1")

    def status(forwarded: str) -> int:
        return client.get("/login/link/guess", headers={"X-Forwarded-For": forwarded}).status_code

    assert [status("192.0.2.1"), status("192.0.2.1"), status("192.0.2.2")] == [404, 429, 404]
    assert status("192.0.2.7, 192.0.2.1") == 429, "what the client wrote itself stands left of what the proxy added"


@given(a_minute=st.integers(1, 100), waits=st.lists(st.floats(0, 30), max_size=300))
def test_nobody_gets_more_than_a_minute_s_worth_and_its_refill(a_minute: int, waits: list[float]) -> None:
    now = 0.0
    allowance = Allowance(a_minute, lambda: now)
    allowed = 0
    for wait in waits:
        now += wait
        allowed += allowance.take("a") == 0
    assert allowed <= a_minute + now * a_minute / 60 + 1e-6


@given(a_minute=st.integers(1, 100), tries=st.integers(1, 300))
def test_whoever_comes_back_when_told_is_let_in(a_minute: int, tries: int) -> None:
    now = 0.0
    allowance = Allowance(a_minute, lambda: now)
    for _ in range(tries):
        wait = allowance.take("a")
        if wait:
            now += wait + 1e-6
            assert allowance.take("a") == 0


def test_a_household_s_many_addresses_count_as_one() -> None:
    def counted(address: str) -> str:
        return client_of({"client": (address, 1)})

    assert counted("2001:db8::1") == counted("2001:db8::ffff:1") != counted("2001:db8:0:1::1")
    assert counted("192.0.2.1") != counted("192.0.2.2")


def seen_through(networks: list[str], peer: str, headers: dict[str, str]) -> tuple[str, str]:
    """Scheme and client as the application sees them."""
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def nothing(*_: Any) -> Any:
        return None

    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "scheme": "http", "client": (peer, 1), "headers": raw}
    asyncio.run(TrustedProxies(app, networks)(scope, nothing, nothing))
    return seen[0]["scheme"], client_of(seen[0])


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", "192.0.2.9", "192.0.2.9"),
        ("10.0.0.1", "6.6.6.6, 192.0.2.9, 10.0.0.2", "192.0.2.9"),
        ("10.0.0.1", "192.0.2.9:4711", "192.0.2.9"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::/64"),
        ("::ffff:10.0.0.1", "192.0.2.9", "192.0.2.9"),
        ("10.0.0.1", "192.0.2.9, <script>, 10.0.0.2", "<script>"),
        ("::ffff:192.0.2.1", "192.0.2.9", "192.0.2.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("192.0.2.1", "192.0.2.9", "192.0.2.1"),
    ],
)
def test_the_client_is_the_nearest_address_that_is_not_ours(peer: str, forwarded: str, client: str) -> None:
    assert seen_through(["10.0.0.0/8"], peer, {"X-Forwarded-For": forwarded})[1] == client


@pytest.mark.parametrize(("peer", "scheme"), [("10.0.0.1", "https"), ("192.0.2.1", "http")])
def test_only_a_trusted_proxy_says_that_the_outside_is_https(peer: str, scheme: str) -> None:
    assert seen_through(["10.0.0.1"], peer, {"X-Forwarded-Proto": "https"})[0] == scheme


def test_behind_tls_cookies_are_secure_and_the_browser_is_told_to_stay(context: AppContext) -> None:
    forwarded = {"X-Forwarded-Proto": "https"}
    inside = app_client(context, trusted_proxies="127.0.0.1").get("/?lang=nn", headers=forwarded)
    assert "max-age=31536000" in inside.headers["strict-transport-security"]
    assert "Secure" in inside.headers["set-cookie"]
    outside = app_client(context).get("/?lang=nn", headers=forwarded)
    assert "strict-transport-security" not in outside.headers
    assert "Secure" not in outside.headers["set-cookie"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_site_of_ipv6_has_a_few_clients_worth_of_sign_ins(context: AppContext) -> None:
    client = app_client(context, trusted_proxies="127.0.0.1", sign_ins_a_minute=3)

    def sign_in(address: str) -> int:
        headers = {"X-Forwarded-For": address, "sec-fetch-site": "same-origin"}
        return client.post("/login", data={"name": "x", "password": "y"}, headers=headers).status_code

    told = [sign_in(f"2001:db8:1:{household:x}::1") for household in range(20)]
    assert told == [401] * (3 * CLIENTS_OF_A_SITE) + [429] * (20 - 3 * CLIENTS_OF_A_SITE)
    assert sign_in("2001:db8:2::1") == 401, "another site"
    assert sign_in("192.0.2.1") == 401


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_posters_have_a_minute_s_limit_and_pages_have_none(
    context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Allowance, "__init__", partialmethod(Allowance.__init__, seconds=lambda: 0.0))
    client = app_client(context)
    answers = [client.head("/source.zip").status_code for _ in range(DEAR_A_MINUTE + 5)]
    assert 429 not in answers[:DEAR_A_MINUTE] and answers[DEAR_A_MINUTE:] == [429] * 5
    refused = client.get("/timetable.pdf")
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) >= 1
    assert client.get("/").status_code == 200


def test_any_number_of_long_addresses_takes_bounded_memory() -> None:
    allowance = Allowance(5)
    for number in range(3 * MOST_CLIENTS):
        allowance.take_for({"type": "http", "client": (f"{number}-{'x' * 10_000}", 1)})
    assert len(allowance._buckets) <= MOST_CLIENTS
    assert max(map(len, allowance._buckets)) <= LONGEST_ADDRESS


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_subdomains_are_in_hsts_only_where_the_operator_says_so(context: AppContext) -> None:
    forwarded = {"X-Forwarded-Proto": "https"}
    for is_set, told in ((False, "max-age=31536000"), (True, "max-age=31536000; includeSubDomains")):
        client = app_client(context, trusted_proxies="127.0.0.1", hsts_subdomains=is_set)
        assert client.get("/healthz", headers=forwarded).headers["strict-transport-security"] == told
        assert "strict-transport-security" not in client.get("/healthz").headers


def test_a_proxy_that_is_no_address_is_refused_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUTTLE_TRUSTED_PROXIES", "127.0.0.1,proxy.local")
    with pytest.raises(Invalid, match="SHUTTLE_TRUSTED_PROXIES: allowed: addresses and networks"):
        read_settings()
