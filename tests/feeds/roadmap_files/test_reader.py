"""Roadmap files: the shipped one, and the line of every fault."""

from datetime import date

import pytest

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.planning.roadmap.definition import Roadmap
from shuttle.feeds.roadmap_files.reader import read_roadmap, read_roadmap_file
from tests.builders import SCHEDULES, the_real_schedule

SHIPPED = SCHEDULES / "roadmaps" / "nesttun-2030.toml"
TEXT = SHIPPED.read_text(encoding="utf-8")


def read(text: str) -> Roadmap:
    return read_roadmap(text, the_real_schedule())


def faults(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(Invalid) as refused:
        read(text)
    return [(fault.line, fault.what) for fault in refused.value.faults]


def line_of(text: str, part: str) -> int:
    return 1 + text[: text.index(part)].count("\n")


def test_the_shipped_roadmap_has_fifteen_choices_of_hours_and_three_steps() -> None:
    roadmap = read_roadmap_file(SHIPPED, the_real_schedule())
    now = {("mo-nesttun", "weekday"): ((540, 900),), ("mo-nesttun", "holiday"): ()}
    assert len(roadmap.states(now)) == 5 * 3
    assert [step.starts for step in roadmap.steps] == [date(2027, 1, 1), date(2028, 7, 1), date(2030, 1, 1)]
    assert roadmap.staff.nok_a_day("weekday", ((540, 900),), ((540, 1260),)) == 6 * 1200 + 4 * 300


def test_dates_out_of_order_are_told_at_their_line() -> None:
    text = TEXT.replace("2030-01-01", "2027-06-01")
    line = line_of(text, "starts = 2027-06-01")
    assert faults(text) == [(line, "a step starts before the one above it")]


def test_an_option_that_is_not_there_is_told_at_its_step() -> None:
    text = TEXT.replace("budget_nok_a_year = 4500000", 'budget_nok_a_year = 4500000\noption = "til-25"')
    assert faults(text) == [(line_of(text, 'option = "til-25"'), "there is no option 'til-25'")]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('stop = "mo-nesttun"', 'stop = "mo-eidsvag"', "there is no stop 'mo-eidsvag'"),
        ('weekday = [["09:00", "17:00"]]', 'sommer = [["09:00", "17:00"]]', "there is no day type 'sommer'"),
        ("budget_nok_a_year = 3200000", "budget_nok_a_year = -1", "budget_nok_a_year is out of range"),
        ("weekday = 1200", "weekday = -5", "nok_per_hour is out of range"),
        ('id = "til-19"', 'id = "til-17"', "'til-17' stands twice in options"),
        ('"17:00", ends = "23:00"', '"25:99", ends = "23:00"', "a time of day has 60 minutes an hour"),
        ("combine = true", "combine = 1", "combine is not true or false"),
    ],
)
def test_a_fault_says_what_is_wrong(old: str, new: str, what: str) -> None:
    told = faults(TEXT.replace(old, new, 1))
    assert len(told) == 1 and told[0][0] is not None
    if "time" not in what:
        assert told[0][1] == what


def test_no_steps_and_odd_cases_are_refused() -> None:
    start = TEXT.index("[[steps]]")
    assert [what for _, what in faults(TEXT[:start] + "steps = []\n")] != []
    odd = TEXT + "\n[robust]\ndemand = [0]\nrunning_time_percent = [200]\n"
    assert [what for _, what in faults(odd)] == ["demand is out of range", "running_time_percent is out of range"]
