"""A driver signs in where the employer's accounts are, in a browser for which that is another site, and out of both again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from shuttle.domain.access.permissions import Role
from tests.browser.conftest import PHONE, Served, Visit, served_from
from tests.web.pages.access.certified_provider import (
    CLIENT,
    HIGH,
    PEOPLE,
    SECRET,
    CertifiedProvider,
    certified_provider,
)
from tests.web.pages.access.test_provider_login import invited

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def provider() -> Iterator[CertifiedProvider]:
    with certified_provider() as certified:
        yield certified


@pytest.fixture(scope="module")
def shuttle(provider: CertifiedProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The program as an operator sets it to the provider."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "ISSUER": provider.issuer,
            "CLIENT_ID": CLIENT,
            "CLIENT_SECRET": SECRET,
            "NAME": "Kommunen",
            "ACR": HIGH,
        }.items():
            environment.setenv(f"SHUTTLE_OIDC_{name}", value)
        program = served_from(tmp_path_factory.mktemp("served"), datetime.now(UTC).isoformat())
    provider.knows(program.url)
    yield program
    program.kill()
    program.context.close()


def opened(visit: Visit, shuttle: Served, path: str) -> Page:
    """A page on a phone on which nothing but the program and the provider is within reach."""
    page = visit(shuttle, path, **PHONE)
    page.context.route("https://**", lambda route: route.abort())
    return page


def sign_in_there(page: Page, provider: CertifiedProvider, who: str) -> None:
    """In the provider's own forms."""
    page.wait_for_url(f"{provider.issuer}/**")
    page.get_by_placeholder("Enter any login").fill(who)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").tap()
    page.get_by_role("button", name="Continue").tap()


def test_a_driver_who_is_invited_signs_in_and_out_of_both_and_in_again(
    visit: Visit, shuttle: Served, provider: CertifiedProvider
) -> None:
    page = opened(visit, shuttle, invited(shuttle.context, "Kari", Role.DRIVER))
    page.get_by_role("link", name="Bruk Kommunen i stedet for passord").tap()
    sign_in_there(page, provider, "kari")
    page.wait_for_url(f"{shuttle.url}/driver")
    assert [cookie["name"] for cookie in page.context.cookies(shuttle.url) if "attempt" in cookie["name"]] == []

    page.get_by_role("button", name="Logg ut Kari").tap()
    page.get_by_role("button", name="Yes, sign me out").tap()
    page.wait_for_url(f"{shuttle.url}/")

    page.goto(f"{shuttle.url}/login?next=/driver/duties")
    page.get_by_role("link", name="Logg inn med Kommunen").tap()
    sign_in_there(page, provider, "kari")
    page.wait_for_url(f"{shuttle.url}/driver/duties")

    kept = b"".join(file.read_bytes() for file in Path(shuttle.context.engine.url.database or "").parent.iterdir())
    assert provider.issuer.encode() in kept and PEOPLE["kari"]["pid"].encode() not in kept


def test_a_refused_sign_in_says_why_and_can_be_tried_again(
    visit: Visit, shuttle: Served, provider: CertifiedProvider
) -> None:
    page = opened(visit, shuttle, "/login")
    page.get_by_role("link", name="Logg inn med Kommunen").tap()
    page.get_by_role("link", name="Cancel").tap()
    expect(page.get_by_role("heading", name="Du ble ikke logget inn")).to_be_visible()

    page.get_by_role("main").get_by_role("link").tap()
    page.get_by_role("link", name="Logg inn med Kommunen").tap()
    sign_in_there(page, provider, "ola")
    expect(page.get_by_role("heading", name="Du ble ikke logget inn")).to_be_visible()
    assert page.goto(f"{shuttle.url}/driver").status == 401  # type: ignore[union-attr]
