"""Past boardings of departures that a proposal moves or drops: counted days only, with zeros kept apart from missing counts."""

from datetime import date

from shuttle.domain.planning.demand.past_boardings import PastBoardings, past_document
from shuttle.domain.planning.timetable_changes import TimetableChanges
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.past_boardings import past_of
from tests.services.ridership.test_recorded_demand import RECORDED, WEEKDAYS, count

STATED = RECORDED.replace('source = "recorded"\nfrom = 2026-11-02\nto = 2026-11-13\n', "")
PROFILE = """
[[demand.profile]]
day_type = "weekday"
from = "vagsbunnen"
to = "mo-gyldenpris"
starts = "09:00"
slot_minutes = 60
passengers = [1]
"""


def past(context: AppContext, text: str = RECORDED) -> dict[int, PastBoardings]:
    schedule = context.schedule()
    return dict(past_of(context, schedule, read_scenario(text, schedule, context.today()))["weekday"])


def test_the_mean_is_over_counted_days_with_zeros_and_without_silence(context: AppContext) -> None:
    for day, boardings in zip(WEEKDAYS[:3], (4, 0, 5), strict=True):
        count(context, day, "1000", boardings)
    count(context, date(2026, 11, 19), "1000", 40)
    count(context, date(2026, 8, 3), "1000", 90)
    assert past(context) == {600: PastBoardings(3.0, 3)}, (
        "the dates of the scenario, and nothing for who was not counted"
    )
    assert past(context, STATED + PROFILE) == {600: PastBoardings(49 / 4, 4)}, "else the last twelve weeks"


def test_what_moves_or_goes_is_named_and_what_stays_is_not() -> None:
    changes = TimetableChanges(kept=(600,), moved=((720, 735),), added=(800,), dropped=(1020,))
    assert past_document(changes, {600: PastBoardings(9, 2), 720: PastBoardings(3.5, 8)}) == [
        {"departs": "12:00", "mean": 3.5, "days": 8},
        {"departs": "17:00", "mean": None, "days": 0},
    ]
