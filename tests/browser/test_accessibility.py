"""Every page by the rules of WCAG 2.1 A and AA, in light and dark, from a narrow phone to a wide screen."""

from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from shuttle.domain.access import Role
from tests.browser.conftest import TOP, Served, Visit
from tests.conftest import missing

pytestmark = pytest.mark.slow

AXE = TOP / "scripts" / "assets" / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (320, 390, 768, 1280, 1920)
PAGES: tuple[tuple[str, Role | None], ...] = (
    ("/", None),
    ("/?date=2026-05-14&stop=mo-gyldenpris", None),
    ("/?date=nonsense", None),
    ("/timetable", None),
    ("/login", None),
    ("/no-such-page", None),
    ("/driver", Role.DRIVER),
    ("/staff?stop=mo-gyldenpris", Role.STAFF),
    ("/plan/calendar", Role.PLANNER),
    ("/plan", Role.PLANNER),
    ("/plan/scenario?file=nesttun-evening", Role.PLANNER),
    ("/plan/form?file=nesttun-evening", Role.PLANNER),
    ("/plan/timetables/2024-10?scenario=nesttun-evening", Role.PLANNER),
    ("/ridership", Role.STAFF),
    ("/ridership/trials", Role.PLANNER),
    ("/admin", Role.ADMIN),
)


@cache
def axe_source() -> str:
    if not AXE.exists():
        missing("axe-core", "scripts/build-assets --test installs it")
    return AXE.read_text(encoding="utf-8")


def findings(page: Page) -> list[str]:
    """What axe-core finds, a line each."""
    page.evaluate(axe_source())
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
    result: dict[str, Any] = page.evaluate("rules => axe.run(document, rules)", rules)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def wide(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("path", "role"), PAGES, ids=[path for path, _ in PAGES])
def test_axe_finds_nothing_and_nothing_needs_sideways_scrolling(
    visit: Visit, served: Served, path: str, role: Role | None, scheme: str
) -> None:
    page = visit(served, path, role, "nn", viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('main details').forEach(details => { details.open = true })")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert wide(page) <= width, width
        if width in (320, 1280):
            assert findings(page) == [], width


@pytest.mark.parametrize(("path", "role"), PAGES, ids=[path for path, _ in PAGES])
def test_text_twice_as_large_still_fits(visit: Visit, served: Served, path: str, role: Role | None) -> None:
    page = visit(served, path, role, viewport={"width": 640, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert wide(page) <= 640


@pytest.mark.parametrize(("path", "role"), PAGES, ids=[path for path, _ in PAGES])
def test_the_language_is_right_and_reading_needs_no_script(
    chromium: Browser, served: Served, path: str, role: Role | None
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    cookies = [{"name": "lang", "value": "en", "url": served.url}]
    if role:
        cookies.append({"name": "shuttle_session", "value": served.session(role), "url": served.url})
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(served.url + path)
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").count() == 1
    context.close()


def test_a_keyboard_reaches_the_content_first_and_everything_after_it(visit: Visit, served: Served) -> None:
    page = visit(served, "/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Hopp til innholdet")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id"))
    assert {"Dagen etter", "Vis dagen", "Åpne i kalenderen", "Rutetabell til utskrift", "Mørkt", "Logg inn"} <= reached


def test_a_driver_counts_with_a_keyboard_and_hears_what_happened(visit: Visit, served: Served) -> None:
    page = visit(served, "/login")
    page.context.add_cookies([{"name": "shuttle_session", "value": served.session(Role.DRIVER), "url": served.url}])
    page.clock.install(time="2026-11-23T13:50:00+00:00")
    page.goto(served.url + "/driver")
    plus = page.locator(".is-next .counter[data-field=boardings] [data-step='1']")
    plus.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    expect(page.locator(".is-next .counter[data-field=boardings] .value")).to_have_text("2")
    expect(page.get_by_role("status").first).to_have_text("Lagret på telefonen.")
    page.clock.run_for(3000)
    expect(page.get_by_role("status").first).to_have_text("Sendt.")


def test_forced_colours_keep_the_next_departure_apart(visit: Visit, served: Served) -> None:
    page = visit(served, "/", forced_colors="active", viewport={"width": 390, "height": 800})
    assert page.locator("li.is-next").evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    assert findings(page) == []


def test_on_paper_there_are_no_buttons(visit: Visit, served: Served) -> None:
    page = visit(served, "/timetable")
    page.emulate_media(media="print")
    expect(page.locator("header.head")).to_be_hidden()
    expect(page.get_by_role("link", name="Skriv ut som plakat (PDF)")).to_be_hidden()
    expect(page.get_by_role("heading", name="Hverdag")).to_be_visible()
