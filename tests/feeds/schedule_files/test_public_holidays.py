"""Special days of 2020 to 2100 have their dates, kinds and names."""

from datetime import date

import pytest

from shuttle.domain.timetable.service_days import SpecialKind
from shuttle.feeds.public_holidays import EVES, HOLIDAYS, names_of, special_days

ALL = special_days(dict.fromkeys(HOLIDAYS, "holiday"))


def keys_on(day: date) -> list[str]:
    return [special.key for special in ALL if special.date == day]


def test_every_year_has_the_twelve_days_and_the_five_eves() -> None:
    for year in range(2020, 2101):
        assert sorted(special.key for special in ALL if special.date.year == year) == sorted((*HOLIDAYS, *EVES))


def test_17_may_2027_is_both_constitution_day_and_whit_monday() -> None:
    assert sorted(keys_on(date(2027, 5, 17))) == ["constitution-day", "whit-monday"]


def test_only_1_and_17_may_are_high_days() -> None:
    high = {(day.date.month, day.date.day) for day in ALL if day.kind is SpecialKind.HIGH_DAY}
    assert high == {(5, 1), (5, 17)}


def test_an_eve_is_no_holiday_and_nobody_has_decided_it() -> None:
    eves = [special for special in ALL if special.kind is SpecialKind.EVE]
    assert {eve.key for eve in eves} == set(EVES)
    assert all(eve.day_type is None for eve in eves)


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (date(2026, 4, 1), "wednesday-before-easter"),
        (date(2026, 4, 4), "easter-eve"),
        (date(2026, 5, 23), "whitsun-eve"),
        (date(2026, 12, 24), "christmas-eve"),
        (date(2100, 12, 31), "new-years-eve"),
        (date(2026, 5, 14), "ascension-day"),
    ],
)
def test_a_special_day_falls_on_its_date(day: date, key: str) -> None:
    assert keys_on(day) == [key]


def test_easter_agrees_with_the_algorithm_of_the_church() -> None:
    """The anonymous Gregorian algorithm, as an opinion of its own about the dates that everything hangs on."""
    for year in range(2020, 2101):
        a, (b, c) = year % 19, divmod(year, 100)
        (d, e), g = divmod(b, 4), (8 * b + 13) // 25
        h = (19 * a + b - d - g + 15) % 30
        i, k = divmod(c, 4)
        m = (32 + 2 * e + 2 * i - h - k) % 7
        n = (a + 11 * h + 22 * m) // 451
        month, day = divmod(h + m - 7 * n + 114, 31)
        assert "easter-sunday" in keys_on(date(year, month, day + 1))


def test_names_are_proper_in_both_norwegian_languages() -> None:
    assert names_of("whit-monday").nn == "2. pinsedag"
    assert (names_of("maundy-thursday").nb, names_of("maundy-thursday").nn) == ("Skjærtorsdag", "Skjertorsdag")
    assert (names_of("easter-eve").nb, names_of("easter-eve").nn) == ("Påskeaften", "Påskeaftan")
