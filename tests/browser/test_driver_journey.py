"""A driver's day with bad coverage: every tap arrives, and arrives once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Page, expect

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.boardings import effective_observation
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.services.timetable.changes import ChangeRequest, change_departures
from shuttle.store.access.counting_keys import keys_in_use, revoke_key
from shuttle.store.access.people import account_named, revoke_sessions
from shuttle.store.ridership.boardings import observations_of
from shuttle.store.ridership.passings import passings_on
from shuttle.store.ridership.skipped_stops import skipped_stops_on
from tests.browser.conftest import AFTERNOON, PHONE, Served, Visit
from tests.rosters import account_id, give, publish_duties, wish
from tests.web.pages.conftest import PASSWORD

pytestmark = pytest.mark.slow

FIFTEEN = "2026-11-23.gyldenpris-weekday-1500"
ALL_SENT = {"nb": "Alt er sendt.", "nn": "Alt er sendt.", "en": "Everything is sent."}


def opened(visit: Visit, served: Served, language: str = "nb") -> Page:
    page = visit(served, "/driver", Role.DRIVER, language, by_hand=True, **PHONE)
    expect(page.locator("body.ready")).to_be_attached()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


def tap(page: Page, field: str, times: int = 1, step: int = 1) -> None:
    """Taps, and waits until the last one is shown: what is shown is on the phone's disk."""
    counter = page.locator(f".is-next .counter[data-field={field}]")
    before = counter.locator(".value").inner_text()
    for _ in range(times):
        counter.locator(f"[data-step='{step}']").tap()
    after = max((int(before) if before.isdigit() else 0) + times * step, 0)
    expect(counter.locator(".value")).to_have_text(str(after))


def press(page: Page, button: str) -> None:
    """A button that stays pressed."""
    nearest = page.locator(f".is-next {button}")
    nearest.tap()
    expect(page.locator(f".trip {button}[aria-pressed=true]")).to_be_attached()


def pause(page: Page, seconds: int = 3) -> None:
    """The driver's hand rests, so that the count is handed over."""
    page.clock.run_for(seconds * 1000)


def says(page: Page, text: str) -> None:
    expect(page.locator("#connection-text")).to_have_text(re.compile(text))


def says_after_pauses(page: Page, text: str) -> None:
    """As `says`, where the phone may have to try more than once, with a longer pause each time."""
    for _ in range(5):
        pause(page, 70)
        try:
            expect(page.locator("#connection-text")).to_have_text(re.compile(text), timeout=4_000)
        except AssertionError:
            continue
        return
    says(page, text)


def counted(served: Served, departure: str = FIFTEEN) -> dict[str, tuple[int, int | None]]:
    """What holds at each stop, and that no key was stored twice."""
    with served.context.reading() as session:
        observations = observations_of(session, departure)
    assert len({o.key for o in observations}) == len(observations)
    stops = {o.count.stop for o in observations}
    effective = {stop: effective_observation([o for o in observations if o.count.stop == stop]) for stop in stops}
    return {stop: (o.count.boardings, o.count.alightings) for stop, o in effective.items() if o}


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_a_departure_is_counted_with_taps_alone(visit: Visit, own_served: Served, language: str) -> None:
    page = opened(visit, own_served, language)
    expect(page.locator(".trip.is-next summary .clock")).to_have_text("15:00" if language == "en" else "15.00")
    tap(page, "boardings", 6)
    tap(page, "boardings", 1, step=-1)
    press(page, "[data-full]")
    press(page, "[data-left='3']")
    press(page, "[data-passing=left]")
    tap(page, "alightings", 5)
    press(page, "[data-passing=arrived]")
    pause(page)
    says(page, re.escape(ALL_SENT[language]))
    assert counted(own_served) == {"vagsbunnen": (5, None), "mo-gyldenpris": (0, 5)}
    with own_served.context.reading() as session:
        assert {passing.kind for passing in passings_on(session, datetime.fromisoformat(AFTERNOON).date())} == {
            "left",
            "arrived",
        }
        full = effective_observation(o for o in observations_of(session, FIFTEEN) if o.count.stop == "vagsbunnen")
    assert full and full.count.full and full.count.left_behind == 3
    expect(page.locator(".trip.is-next summary .clock")).to_have_text("17:00" if language == "en" else "17.00")


def test_without_coverage_counts_wait_and_arrive_once(visit: Visit, own_served: Served) -> None:
    page = opened(visit, own_served)
    page.context.set_offline(True)
    tap(page, "boardings", 3)
    expect(page.locator(".is-next summary .state")).to_have_text("3 på, – av")  # nobody counted who got off: not 0
    pause(page)
    says(page, "Ingen dekning. 1 venter")
    page.context.set_offline(False)
    says(page, "Alt er sendt")
    assert counted(own_served) == {"vagsbunnen": (3, None)}


def test_a_page_closed_without_coverage_opens_again_with_duty_and_counts(visit: Visit, own_served: Served) -> None:
    publish_duties(own_served.context)
    own_served.session(Role.DRIVER)
    give(
        own_served.context, account_id(own_served.context, "kari-driver"), wish("weekday-1", own_served.context.today())
    )
    page = opened(visit, own_served)
    browser_context = page.context
    browser_context.set_offline(True)
    tap(page, "boardings", 4)
    expect(page.locator(".is-next .counter[data-field=boardings] .value")).to_have_text("4")  # shown: it is on the disk
    page.close()
    again = browser_context.new_page()
    again.clock.install(time=AFTERNOON)
    again.goto(own_served.url + "/driver")
    expect(again.locator("body.ready")).to_be_attached()
    expect(again.locator(".is-next .counter[data-field=boardings] .value")).to_have_text("4")
    expect(again.locator(".duty").first).to_contain_text("Vakten din 09.45–15.40")
    says(again, "venter")
    browser_context.set_offline(False)
    says(again, "Alt er sendt")
    assert counted(own_served) == {"vagsbunnen": (4, None)}


def test_a_server_that_is_killed_in_between_gets_every_count_once(visit: Visit, own_served: Served) -> None:
    page = opened(visit, own_served)
    tap(page, "boardings", 2)
    pause(page)
    says(page, "Alt er sendt")
    own_served.kill()
    tap(page, "boardings", 2)
    pause(page)
    says(page, "Ingen dekning. 1 venter")
    tap(page, "alightings", 1)
    pause(page)
    own_served.start()
    says_after_pauses(page, "Alt er sendt")
    assert counted(own_served) == {"vagsbunnen": (4, None), "mo-gyldenpris": (0, 1)}


def test_an_answer_that_is_lost_on_the_way_does_not_count_twice(visit: Visit, own_served: Served) -> None:
    page = opened(visit, own_served)
    lost = []

    def lose_the_answer(route: object) -> None:
        lost.append(route.fetch().status)  # type: ignore[attr-defined]
        route.abort("connectionreset")  # type: ignore[attr-defined]

    page.route("**/boardings", lose_the_answer, times=1)
    tap(page, "boardings", 5)
    pause(page)
    says(page, "1 venter")
    pause(page, 10)
    says(page, "Alt er sendt")
    assert lost == [201]
    assert counted(own_served) == {"vagsbunnen": (5, None)}
    with own_served.context.reading() as session:
        assert len(observations_of(session, FIFTEEN)) == 1


class GuestNetwork(BaseHTTPRequestHandler):
    """Answers everything with 200 and a page of its own."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", "38")
        self.end_headers()
        self.wfile.write(b"<html><title>Guest</title>Hello</html>")

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_about: object) -> None:
        pass


@contextmanager
def a_guest_network_instead_of(served: Served) -> Iterator[None]:
    served.kill()
    with ThreadingHTTPServer(("127.0.0.1", served.port), GuestNetwork) as network:
        network.daemon_threads = True
        Thread(target=network.serve_forever).start()
        try:
            yield
        finally:
            network.shutdown()
    served.start()


def test_a_guest_network_takes_no_count_and_its_page_is_not_kept(visit: Visit, own_served: Served) -> None:
    page = opened(visit, own_served)
    shown = page.locator(".is-next .counter[data-field=boardings] .value")
    with a_guest_network_instead_of(own_served):
        tap(page, "boardings", 4)
        call = page.locator(".is-next .call").first
        call.locator(".unserved summary").tap()
        call.locator("[data-unserved=road_closed]").tap()
        press(page, "[data-passing=left]")
        pause(page)
        says(page, "slipper deg ikke fram: det svarer med noe annet. 3 venter")
        page.reload()
        expect(page.locator("body.ready")).to_be_attached()
        expect(shown).to_have_text("4")
        call.locator("[data-unserved=road_closed]").evaluate("button => button.click()")  # taken back
        pause(page)
        says(page, "venter på telefonen")
    says_after_pauses(page, "Alt er sendt")
    assert counted(own_served) == {"vagsbunnen": (4, None)}
    with own_served.context.reading() as session:
        assert skipped_stops_on(session, FIFTEEN) == {}
        assert len(passings_on(session, own_served.context.today())) == 1
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("body.ready")).to_be_attached()
    expect(shown).to_have_text("4")


def test_a_count_by_a_fast_clock_is_refused_visibly_and_can_be_resent(visit: Visit, own_served: Served) -> None:
    page = opened(visit, own_served)
    page.clock.fast_forward("20:00")
    tap(page, "boardings", 3)
    pause(page)
    says(page, "Noe ble ikke godtatt, se under")
    expect(page.locator("#refused p")).to_contain_text("klokka på telefonen går for fort")
    assert counted(own_served) == {}
    own_served.kill()
    own_served.moment = "2026-11-23T14:20:00+00:00"
    own_served.start()
    page.locator("#refused").get_by_role("button", name="Send nå").tap()
    says_after_pauses(page, ALL_SENT["nb"])
    expect(page.locator("#refused")).to_be_hidden()
    assert counted(own_served) == {"vagsbunnen": (3, None)}


def given_a_key(page: Page, served: Served) -> str:
    """Waits until the phone has a key for sending counts; gives its id."""
    for _ in range(1200):
        with served.context.reading() as session:
            keys = keys_in_use(session, served.context.now())
        if keys:
            return keys[0][0].id
        page.wait_for_timeout(50)
    raise AssertionError("the phone was given no key")


def end_sessions(page: Page, served: Served) -> None:
    with served.context.transaction() as session:
        account = account_named(session, "kari-driver")
        assert account
        revoke_sessions(session, served.context.now(), account=account.id)
    page.wait_for_timeout(2500)  # for as long an identity is remembered


def test_counts_go_out_by_the_phones_key_after_the_session_has_ended(visit: Visit, own_served: Served) -> None:
    page = opened(visit, own_served)
    given_a_key(page, own_served)
    page.context.set_offline(True)
    tap(page, "boardings", 2)
    pause(page)
    says(page, "Ingen dekning. 1 venter")
    end_sessions(page, own_served)
    page.context.set_offline(False)
    says(page, "Alt er sendt")
    assert counted(own_served) == {"vagsbunnen": (2, None)}


def test_a_revoked_phone_keeps_its_counts_until_the_driver_signs_in(visit: Visit, own_served: Served) -> None:
    page = opened(visit, own_served)
    key = given_a_key(page, own_served)
    with own_served.context.transaction() as session:
        assert revoke_key(session, key, own_served.context.now())
    end_sessions(page, own_served)
    tap(page, "boardings", 2)
    pause(page)
    says(page, "Du er logget ut. 1 venter")
    page.get_by_role("link", name="Logg inn").first.tap()
    page.get_by_label("Brukernavn").fill("kari-driver")
    page.get_by_label("Passord").fill(PASSWORD)
    page.get_by_role("button", name="Logg inn").tap()
    page.wait_for_url("**/driver")
    says(page, "Alt er sendt")
    assert counted(own_served) == {"vagsbunnen": (2, None)}


def test_a_tap_is_undone_and_what_was_never_sent_never_is(visit: Visit, own_served: Served) -> None:
    page = opened(visit, own_served)
    tap(page, "boardings", 1)
    page.locator("#undo").tap()
    expect(page.locator(".is-next .counter[data-field=boardings] .value")).to_have_text("Ikke talt")
    pause(page)
    says(page, "Alt er sendt")
    assert counted(own_served) == {}


def test_contradictions_are_asked_offline_and_answered_by_one_tap(visit: Visit, own_served: Served) -> None:
    page = opened(visit, own_served)
    page.context.set_offline(True)
    tap(page, "boardings", 9)
    asked = page.locator(f".trip[data-departure='{FIFTEEN}'] .asks p")
    expect(asked).to_have_count(0)
    pause(page)
    expect(asked).to_have_text("Om bord fra Vågsbunnen, etter tallene: 9. Bussen har 8 seter. Stemmer det?")
    tap(page, "boardings", 1, step=-1)
    tap(page, "alightings", 7)
    press(page, "[data-passing=arrived]")
    pause(page)
    expect(asked).to_have_text("Om bord da turen var slutt, etter tallene: 1. Stemmer det?")
    page.get_by_role("button", name="Ja, det stemmer").tap()
    expect(asked).to_have_count(0)
    page.context.set_offline(False)
    says_after_pauses(page, "Alt er sendt")
    assert counted(own_served) == {"vagsbunnen": (8, None), "mo-gyldenpris": (0, 7)}


def test_a_count_of_a_cancelled_departure_is_announced_until_removed(visit: Visit, own_served: Served) -> None:
    page = opened(visit, own_served)
    page.context.set_offline(True)
    tap(page, "boardings", 3)
    pause(page)
    spoken = page.get_by_role("status").first
    expect(spoken).to_have_text("Ingen dekning. 1 venter på telefonen.")
    today = own_served.context.today()
    wanted = ChangeRequest(
        kind=ChangeKind.CANCEL, first=today, last=today, reason=ReasonCode.WEATHER, trip="gyldenpris-weekday-1500"
    )
    with own_served.context.transaction() as session:
        change_departures(session, Person("p", "Planner", Role.PLANNER), wanted, own_served.context.now())
    page.context.set_offline(False)
    says_after_pauses(page, "Noe ble ikke godtatt, se under. Resten er sendt.")
    refused = "Ikke godtatt: 15.00 Vågsbunnen. Avgangen er innstilt."
    expect(spoken).to_have_text(refused)
    expect(page.locator("#refused p")).to_have_text(refused)
    page.get_by_role("button", name="Fjern").tap()
    says(page, ALL_SENT["nb"])
    expect(page.locator("#refused")).to_be_hidden()
    assert counted(own_served) == {}
    page.reload()
    expect(page.locator(".trip.is-next summary .clock")).to_have_text("17.00")
    cancelled = page.locator(f".trip[data-departure='{FIFTEEN}'] summary")
    expect(cancelled.locator(".state")).to_have_text(re.compile("Innstilt: Været"))
    expect(cancelled.locator(".clock")).to_have_css("text-decoration-line", "line-through")


def test_a_cancellation_shows_on_an_open_phone_by_itself_and_taps_stay(visit: Visit, own_served: Served) -> None:
    page = opened(visit, own_served)
    tap(page, "boardings", 2)
    pause(page)
    says(page, "Alt er sendt")
    page.evaluate("document.body.dataset.first = 'yes'")
    pause(page, 130)
    expect(page.locator("body")).to_have_attribute("data-first", "yes")  # nothing has changed: nothing is opened anew
    today = own_served.context.today()
    wanted = ChangeRequest(
        kind=ChangeKind.CANCEL, first=today, last=today, reason=ReasonCode.WEATHER, trip="gyldenpris-weekday-1700"
    )
    with own_served.context.transaction() as session:
        change_departures(session, Person("p", "Planner", Role.PLANNER), wanted, own_served.context.now())
    pause(page, 70)
    cancelled = page.locator(".trip[data-departure='2026-11-23.gyldenpris-weekday-1700'] summary")
    expect(cancelled.locator(".state")).to_have_text(re.compile("Innstilt: Været"))
    expect(page.locator(".trip.is-next .counter[data-field=boardings] .value").first).to_have_text("2")


def test_nobody_on_board_is_an_explicit_zero(visit: Visit, own_served: Served) -> None:
    page = opened(visit, own_served)
    tap(page, "boardings", 1, step=-1)
    pause(page)
    says(page, "Alt er sendt")
    assert counted(own_served) == {"vagsbunnen": (0, None)}


def test_no_count_is_asked_for_while_none_is_due(visit: Visit, own_served: Served) -> None:
    page = opened(visit, own_served)
    later = page.locator(".trip[data-departure='2026-11-23.gyldenpris-weekday-1830']")
    later.locator("summary").first.tap()
    expect(later.get_by_text("Tellingen åpner en halv time før avgang.")).to_be_visible()
    expect(later.locator(".tools").first).to_be_hidden()


def test_every_button_of_the_driver_is_large_enough_for_a_cold_hand(visit: Visit, own_served: Served) -> None:
    page = opened(visit, own_served)
    tap(page, "boardings", 1)
    press(page, "[data-full]")
    for button in page.locator(".is-next button:visible, #undo, .emergency a, .is-next summary").all():
        box = button.bounding_box()
        assert box and box["height"] >= 56, button.inner_text()


def test_where_wheelchairs_are_counted_the_driver_counts_them_too(
    visit: Visit, own_served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_served.kill()
    monkeypatch.setenv("SHUTTLE_COUNT_WHEELCHAIRS", "true")
    own_served.start()
    page = opened(visit, own_served)
    tap(page, "boardings", 3)
    tap(page, "wheelchairs")
    pause(page)
    says(page, ALL_SENT["nb"])
    with own_served.context.reading() as session:
        effective = effective_observation(observations_of(session, FIFTEEN))
    assert effective is not None
    assert (effective.count.boardings, effective.count.wheelchairs) == (3, 1)


def test_a_skipped_stop_takes_two_taps_offline_and_arrives(visit: Visit, served: Served) -> None:
    page = opened(visit, served)
    page.context.set_offline(True)
    call = page.locator(".is-next .call").first
    call.locator(".unserved summary").tap()
    call.locator("[data-unserved=road_closed]").tap()
    expect(call.locator("[data-unserved=road_closed]")).to_have_attribute("aria-pressed", "true")
    pause(page)
    page.context.set_offline(False)
    says_after_pauses(page, ALL_SENT["nb"])
    stop = call.get_attribute("data-stop")
    with served.context.reading() as session:
        assert skipped_stops_on(session, FIFTEEN) == {stop: ReasonCode.ROAD_CLOSED}
    call.locator("[data-unserved=road_closed]").tap()
    for _ in range(600):  # the text of before may still stand there: only the server says when it has arrived
        pause(page)
        with served.context.reading() as session:
            remaining = skipped_stops_on(session, FIFTEEN)
        if not remaining:
            break
    assert remaining == {}


def test_a_stop_not_served_waits_for_signing_in_and_holds_no_count_up(visit: Visit, served: Served) -> None:
    page = opened(visit, served)
    page.wait_for_function("fetch('/api/v1/departures/counting-key', {method: 'POST'}).then((a) => a.ok)")
    page.context.clear_cookies(name="shuttle_session")
    call = page.locator(".is-next .call").first
    call.locator(".unserved summary").tap()
    call.locator("[data-unserved=weather]").tap()
    pause(page)
    expect(page.locator("#sign-in")).to_be_visible()
    tap(page, "boardings")
    pause(page)
    expect(page.locator("#connection")).to_have_attribute("data-waiting", "1")
    with served.context.reading() as session:
        assert skipped_stops_on(session, FIFTEEN) == {}
        assert observations_of(session, FIFTEEN)
