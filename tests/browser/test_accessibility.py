"""Every page by the rules of WCAG 2.1 A and AA, in light and dark, from a narrow phone to a wide screen."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.duties.rules import THE_ACT
from shuttle.services.duties.duty_calendars import make_calendar
from tests.browser.conftest import TOP, Served, Visit
from tests.conftest import missing
from tests.rosters import account_id, give, publish_duties, take_back, wish

pytestmark = pytest.mark.slow

AXE = TOP / "scripts" / "assets" / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (320, 390, 768, 1280, 1920)
PAGES: tuple[tuple[str, Role | None], ...] = (
    ("/", None),
    ("/?date=2026-05-14&stop=mo-gyldenpris", None),
    ("/?from=vagsbunnen&to=mo-gyldenpris", None),
    ("/?date=nonsense", None),
    ("/timetable", None),
    ("/data", None),
    ("/personvern", None),
    ("/board", None),
    ("/login", None),
    ("/no-such-page", None),
    ("/driver", Role.DRIVER),
    ("/driver/calendar", Role.DRIVER),
    ("/staff?stop=mo-gyldenpris", Role.STAFF),
    ("/staff/days/2026-11-24", Role.STAFF),
    ("/plan/calendar", Role.PLANNER),
    ("/plan/timetables/2024-10/publish?first=2027-06-21&last=2027-08-15", Role.PLANNER),
    ("/plan/duties", Role.PLANNER),
    ("/plan", Role.PLANNER),
    ("/plan/scenario?file=nesttun-evening", Role.PLANNER),
    ("/plan/change", Role.PLANNER),
    ("/plan/roadmap", Role.PLANNER),
    ("/plan/form?file=nesttun-evening", Role.PLANNER),
    ("/plan/timetables/with-duties?scenario=nesttun-evening", Role.PLANNER),
    ("/ridership", Role.STAFF),
    ("/ridership/trials", Role.PLANNER),
    ("/ridership/punctuality", Role.PLANNER),
    ("/admin", Role.ADMIN),
)


@pytest.fixture(scope="module", autouse=True)
def roster(served: Served) -> None:
    """A driver with duties, two of them on Sundays in a row: pages with nothing on them show nothing of theirs."""
    served.session(Role.DRIVER)
    driver, today = account_id(served.context, "kari-driver"), served.context.today()
    publish_duties(served.context)
    give(served.context, driver, wish("weekday-1", today, 5))
    for sunday in (today + timedelta(days=6), today + timedelta(days=13)):
        give(served.context, driver, wish("holiday-1", sunday), replace(THE_ACT, next_sunday_off=False))
    take_back(served.context, wish("weekday-1", today + timedelta(days=1)))
    with served.context.transaction() as session:
        make_calendar(session, Person(driver, "kari-driver", Role.DRIVER), served.context.now())


@cache
def axe_source() -> str:
    if not AXE.exists():
        missing("axe-core", "scripts/build-assets --test installs it")
    return AXE.read_text(encoding="utf-8")


def findings(page: Page) -> list[str]:
    """What axe-core finds, a line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_source())
    rules = {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
        "resultTypes": [
            "violations"
        ],  # of what is well only the names: to describe each place takes longer than to look
    }
    violations: list[dict[str, Any]] = page.evaluate(
        "async rules => (await axe.run(document, rules)).violations", rules
    )
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]


def wide(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


WIDE = """width => [...document.querySelectorAll('main *, header *')]
  .filter(each => each.getBoundingClientRect().right > width)
  .map(each => each.outerHTML.slice(0, 90))"""


MARK_STOPS = """() => {
  const all = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const stops = [...document.querySelectorAll(all)].filter(each => each.checkVisibility() && !each.disabled);
  window.notReached = new Map(stops.map(each => [each, `${each.outerHTML.slice(0, 120)} is not reached`]));
  document.addEventListener('focusin', ({target}) => {
    const style = getComputedStyle(target);
    if (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) window.notReached.delete(target);
    else window.notReached.set(target, `${target.outerHTML.slice(0, 120)} shows no focus`);
  });
  return stops.length;
}"""

LEFT = "[...window.notReached].filter(([each]) => each.checkVisibility()).map(([, line]) => line)"


def not_reached(page: Page) -> list[str]:
    """What a person with the Tab key does not come to, or without seeing it, a line each."""
    left = int(page.evaluate(MARK_STOPS))
    while left:
        for _ in range(left):
            page.keyboard.press("Tab")  # a date has several stops of its own
        before, left = left, len(page.evaluate(LEFT))
        if left == before:
            break
    return [str(line) for line in page.evaluate(LEFT)]


FAINT = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const parts = (...colours) => {  // one laid upon the other
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
  const behind = node => {
    for (let each = node; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (parts(colour)[3] === 255) return colour;
    }
    return 'Canvas';
  };
  const contrast = (paint, ground) => {
    const [a, b] = [parts(ground, paint), parts(ground)].map(luminance).sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const found = [];
  for (const svg of document.querySelectorAll('main svg')) {
    if (svg.closest('.qr') || !svg.checkVisibility()) continue;
    const ground = behind(svg.parentElement);
    if (svg.closest('[data-chart*=heat], [data-chart*=hour]')) {  // the shade of a square says what is written in it
      const squares = [...svg.querySelectorAll('.mark-rect.role-mark path')].map(each => getComputedStyle(each).fill);
      const shades = squares.filter(fill => parts(fill)[3] === 255);
      svg.querySelectorAll('.mark-text.role-mark text').forEach((text, n) => {
        const ink = getComputedStyle(text).fill;
        if (contrast(ink, shades[n]) < 4.5) found.push(`${text.textContent} in ${ink} on ${shades[n]}`);
      });
    }
    for (const shape of svg.querySelectorAll('text, circle, rect, polyline, path, line')) {
      if (shape.closest('[data-chart*=heat] .role-mark, [data-chart*=hour] .role-mark, .grid-lines, .day-ticks, .room, .mark-rule[class*=role-axis], .role-axis-grid, .background')) continue;
      const style = getComputedStyle(shape);
      const paints = [style.fill, style.stroke].filter(paint => paint !== 'none' && parts(paint)[3] > 0);
      const needed = shape.tagName === 'text' ? 4.5 : 3;
      if (paints.length && Math.max(...paints.map(paint => contrast(paint, ground))) < needed)
        found.push(`${shape.outerHTML.slice(0, 120)}: ${paints} on ${ground}`);
    }
  }
  return found;
}"""


def faint(page: Page) -> list[str]:
    """What of our own drawings stands out too little from the page behind it: 4,5:1 for words, 3:1 for shapes."""
    return [str(line) for line in page.evaluate(FAINT)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("path", "role"), PAGES, ids=[path for path, _ in PAGES])
def test_axe_finds_nothing_and_nothing_needs_sideways_scrolling(
    visit: Visit, served: Served, path: str, role: Role | None, scheme: str
) -> None:
    page = visit(served, path, role, "nn", viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('main details').forEach(details => { details.open = true })")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert wide(page) <= width, (width, page.evaluate(WIDE, width))
        if width in (320, 1280):
            assert findings(page) == [], width
    assert faint(page) == []


@pytest.mark.parametrize(("path", "role"), PAGES, ids=[path for path, _ in PAGES])
def test_pages_fit_at_200_percent_and_work_by_keyboard_in_forced_colours(
    visit: Visit, served: Served, path: str, role: Role | None
) -> None:
    page = visit(served, path, role, viewport={"width": 640, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert wide(page) <= 640
    page.emulate_media(forced_colors="active")
    assert not_reached(page) == []
    assert faint(page) == []


@pytest.mark.parametrize(("path", "role"), PAGES, ids=[path for path, _ in PAGES])
def test_the_language_is_right_and_reading_needs_no_script(
    chromium: Browser, served: Served, path: str, role: Role | None
) -> None:
    browser_context = chromium.new_context(java_script_enabled=False)
    cookies = [{"name": "lang", "value": "en", "url": served.url}]
    if role:
        cookies.append({"name": "shuttle_session", "value": served.session(role), "url": served.url})
    browser_context.add_cookies(cookies)  # type: ignore[arg-type]
    page = browser_context.new_page()
    page.goto(served.url + path)
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").count() == 1
    browser_context.close()


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
    page = visit(served, "/driver", Role.DRIVER, by_hand=True)
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
