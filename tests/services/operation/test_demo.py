"""`shuttle demo`: a year that was made up, marked as such, and consistent in itself."""

from datetime import timedelta

import pytest

from shuttle.domain.basics.errors import Refused
from shuttle.domain.ridership.fortnights import ANCHOR
from shuttle.language import words
from shuttle.services.app_context import AppContext
from shuttle.services.operation.demo import Filled, fill_demo
from shuttle.services.operation.demo_year import demo_departures
from shuttle.services.ridership import releases, rollup, trials
from shuttle.store.ridership.passings import passings_on
from tests.web.pages.conftest import ADMIN

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def filled(context: AppContext) -> Filled:
    return fill_demo(context, ADMIN, 5, ANCHOR, words("nb").say)


def test_a_year_is_there_with_its_changes_trial_and_evening(context: AppContext) -> None:
    came = filled(context)
    schedule, today = context.schedule(), context.today()
    assert schedule.details.is_example and schedule.details.name("nb")
    assert came.counts > 2000 and came.changes > 10
    assert rollup.check(context, ADMIN) == []
    assert len(releases.released(context, ADMIN)) > 20
    ((_, result),) = trials.trials(context, ADMIN)
    assert result.before.counted > 100 and result.after.counted > 100
    with context.reading() as session:
        assert passings_on(session, today - timedelta(days=3))
    assert came.evening_from is not None
    evening = schedule.departures_on(came.evening_from).departures
    assert {"mo-nesttun"} < {call.stop for departure in evening for call in departure.calls}
    assert schedule.windows("mo-nesttun", came.evening_from) == ((9 * 60, 21 * 60),)
    assert schedule.windows("mo-nesttun", came.evening_from - timedelta(days=7)) == ((9 * 60, 15 * 60),)


def test_it_fills_an_empty_database_only(context: AppContext) -> None:
    filled(context)
    with pytest.raises(Refused, match="in use"):
        filled(context)


def test_the_same_departures_get_the_same_riders(context: AppContext) -> None:
    today = context.today()
    departures = context.schedule().departures_on(today - timedelta(days=7)).departures
    first, second = (
        list(demo_departures(departures, 8, today - timedelta(days=365), context.zone, context.now())) for _ in range(2)
    )
    assert first == second and first
    for day in first:
        counts = [arrival.count for arrival in day.arrivals]
        assert sum(count.boardings for count in counts) == sum(count.alightings or 0 for count in counts) <= 8
