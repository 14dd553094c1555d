"""Service days: the day type of a date, and its reasons in words."""

from dataclasses import replace
from datetime import date

import pytest

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.timetable.service_days import Override, ReasonKind, SpecialKind
from shuttle.language import words
from shuttle.language.days import day_reason
from tests.builders import a_calendar


def test_ascension_day_runs_the_holiday_table_and_says_so() -> None:
    day = a_calendar().service_day(date(2026, 5, 14))
    assert day.day_type == "holiday"
    assert day_reason(day, words("nb")) == "Helligdag: Kristi himmelfartsdag"


def test_two_names_on_one_date_are_both_reasons() -> None:
    day = a_calendar().service_day(date(2027, 5, 17))
    assert day.day_type == "holiday"
    for language in ("nb", "nn"):
        reason = day_reason(day, words(language))
        assert "Grunnlovsdag" in reason
        assert "2. pinsedag" in reason


def test_the_constitution_day_is_a_high_day_and_no_public_holiday() -> None:
    day = a_calendar().service_day(date(2028, 5, 17))
    assert [reason.why for reason in day.reasons] == [ReasonKind.HIGH_DAY]
    assert day_reason(day, words("nn")).startswith("Høgtidsdag")


def test_an_ordinary_friday_is_a_weekday() -> None:
    day = a_calendar().service_day(date(2026, 5, 15))
    assert (day.day_type, day.undecided) == ("weekday", False)


@pytest.mark.parametrize(("month", "day"), [(12, 24), (12, 31)])
def test_an_eve_has_its_weekday_s_type_until_a_planner_decides(month: int, day: int) -> None:
    calendar = a_calendar()
    eve = date(2026, month, day)
    assert calendar.service_day(eve).undecided
    assert calendar.service_day(eve).day_type == "weekday"
    decided = replace(calendar, overrides=(Override(date=eve, day_type="holiday", reason="Som i fjor"),))
    assert not decided.service_day(eve).undecided
    assert decided.service_day(eve).day_type == "holiday"


def test_an_override_precedes_a_public_holiday_and_keeps_its_name() -> None:
    ascension = date(2026, 5, 14)
    calendar = replace(a_calendar(), overrides=(Override(date=ascension, day_type="weekday", reason="Streik i byen"),))
    day = calendar.service_day(ascension)
    assert day.day_type == "weekday"
    assert [reason.why for reason in day.reasons] == [ReasonKind.OVERRIDE, ReasonKind.PUBLIC_HOLIDAY]


def test_a_date_has_one_override_at_most() -> None:
    override = Override(date=date(2026, 5, 14), day_type="weekday", reason="en")
    with pytest.raises(Invalid, match="two overrides"):
        replace(a_calendar(), overrides=(override, replace(override, reason="to")))


def test_a_day_type_that_is_used_must_be_defined() -> None:
    with pytest.raises(Invalid, match="summer"):
        replace(a_calendar(), overrides=(Override(date=date(2026, 5, 14), day_type="summer", reason="sommer"),))


def test_the_names_of_an_unknown_day_type_are_refused() -> None:
    with pytest.raises(Invalid, match="weekday, holiday"):
        a_calendar().names_of("summer")


def test_the_eves_are_no_holidays_in_law() -> None:
    kinds = {s.key: s.kind for s in a_calendar().special_days if s.date.year == 2026}
    assert kinds["christmas-eve"] is SpecialKind.EVE
    assert kinds["maundy-thursday"] is SpecialKind.PUBLIC_HOLIDAY
