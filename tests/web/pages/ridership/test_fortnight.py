"""The fortnight on the coordinator's page: headline, comparison, destinations; exact for staff, released for a reader."""

from datetime import date, timedelta

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.fortnights import fortnight_of
from shuttle.language import LANGUAGES, words
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.releases import GRACE, freeze_due
from tests.web.pages.conftest import SignIn

DRIVER, ADMIN = Person("d", "Bus", Role.DRIVER), Person("a", "Admin", Role.ADMIN)


def ride(context: AppContext, first: date, boardings: int) -> int:
    """Counts every departure of 14 days; returns their number."""
    departures = [each for n in range(14) for each in context.schedule().departures_on(first + timedelta(n)).departures]
    for each in departures:
        record_and_wait(context, DRIVER, Count(departure=each.id, stop="vagsbunnen", boardings=boardings), each.id)
    return len(departures)


@pytest.fixture
def two_fortnights(context: AppContext) -> tuple[date, int]:
    """Two whole fortnights before the running one: 4, then 5 on each departure. First day of the later; its departures."""
    last = fortnight_of(context.today() - timedelta(days=14) - GRACE).first
    ride(context, last - timedelta(14), 4)
    return last, ride(context, last, 5)


@pytest.mark.parametrize("language", LANGUAGES)
def test_staff_read_what_happened_in_a_sentence(
    signed_in: SignIn, two_fortnights: tuple[date, int], language: str
) -> None:
    first, number = two_fortnights
    page = signed_in(Role.STAFF).get(f"/ridership?fortnight={first}&lang={language}").text
    w = words(language)
    percent = w.say("fortnight.percent", n="25")
    counted = {"counted": str(number), "due": str(number)}
    assert w.say("fortnight.headline.more", riders=str(5 * number), percent=percent, **counted) in page
    assert "format=pdf" in page
    assert "mailto:?subject=" in page
    assert "<svg " in page


def test_a_reader_sees_the_same_page_with_released_figures(
    signed_in: SignIn, context: AppContext, two_fortnights: tuple[date, int]
) -> None:
    first, number = two_fortnights
    freeze_due(context, ADMIN, 5)
    page = signed_in(Role.READER).get("/ridership?lang=nb").text
    assert f"{5 * number} reiste, 25 prosent flere enn forrige to uker" in page
    assert words("nb").say("fortnight.released_only") in page
    assert f"Til MO Gyldenpris</dt><dd>{5 * number}" in page
    assert f"from={first}" in page


def test_fortnights_counted_to_different_shares_are_not_compared(signed_in: SignIn, context: AppContext) -> None:
    last = fortnight_of(context.today() - timedelta(days=14)).first
    ride(context, last, 4)
    departure = f"{last - timedelta(14)}.gyldenpris-weekday-1000"
    record_and_wait(context, DRIVER, Count(departure=departure, stop="vagsbunnen", boardings=8), departure)
    page = signed_in(Role.STAFF).get("/ridership?lang=nb").text
    assert "prosent flere" not in page
    assert "Kan ikke sammenlignes med forrige to uker" in page
