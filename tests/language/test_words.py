"""Words of one language: placeholders, singular and plural, dates, times and numbers."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from shuttle.language import LANGUAGES, MissingText, Words, pick_language, words
from shuttle.language.roadmap_texts import gap_text

ASCENSION = date(2026, 5, 14)


def test_a_value_is_written_into_its_place() -> None:
    assert words("nb").say("why.public_holiday", name="Kristi himmelfartsdag") == "Helligdag: Kristi himmelfartsdag"
    assert words("nn").say("why.public_holiday", name="1. juledag") == "Heilagdag: 1. juledag"


def test_one_and_several_have_their_own_forms() -> None:
    texts = Words("nn", {"departures": ("{n} avgang", "{n} avgangar")})
    assert [texts.count("departures", n) for n in (0, 1, 5)] == ["0 avgangar", "1 avgang", "5 avgangar"]


def test_a_key_or_language_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(MissingText, match=r"no text 'x\.y' in nb"):
        words("nb").say("x.y")
    with pytest.raises(MissingText, match="known: nb, nn, en"):
        words("sv")


def test_the_first_supported_language_is_picked() -> None:
    assert pick_language("xx", None, "nn", "en") == "nn"
    assert pick_language("../etc", "") == "nb"


@pytest.mark.parametrize(
    ("language", "clock", "prose"),
    [("nb", "09.05", "kl.\xa009.05"), ("nn", "09.05", "kl.\xa009.05"), ("en", "09:05", "09:05")],
)
def test_time_is_written_as_24_hours(language: str, clock: str, prose: str) -> None:
    assert (words(language).clock_text(545), words(language).at_clock(545)) == (clock, prose)


def test_a_minute_past_midnight_is_a_time_of_the_next_date() -> None:
    assert words("nb").clock_text(24 * 60 + 10) == "00.10"


@pytest.mark.parametrize(
    ("language", "day", "text"),
    [
        ("nb", ASCENSION, "torsdag 14. mai 2026"),
        ("nb", date(2026, 5, 16), "lørdag 16. mai 2026"),
        ("nn", date(2026, 5, 16), "laurdag 16. mai 2026"),
        ("en", ASCENSION, "Thursday 14 May 2026"),
    ],
)
def test_a_date_is_written_with_its_weekday(language: str, day: date, text: str) -> None:
    assert words(language).date_text(day) == text


def test_norwegian_has_decimal_comma_and_space_in_thousands() -> None:
    assert words("nb").number(12345.5, 1) == "12\xa0345,5"
    assert words("en").number(12345.5, 1) == "12,345.5"
    assert (words("nb").number(-0.04, 1), words("en").number(-0.06, 1)) == ("0,0", "-0.1")
    assert words("nn").kroner(12000) == "12\xa0000\xa0kr"
    assert words("nb").percent(0.325, 1) == "32,5\xa0%"


def test_a_moment_is_written_in_local_time() -> None:
    moment = datetime(2026, 5, 14, 8, 0, tzinfo=UTC)
    assert words("nb").moment_text(moment, ZoneInfo("Europe/Oslo")) == "14. mai 2026 kl.\xa010.00"
    assert words("en").moment_text(moment, ZoneInfo("Europe/Oslo")) == "14 May 2026, 10:00"


def test_a_duration_is_hours_and_minutes() -> None:
    assert [words("nb").duration(minutes) for minutes in (45, 125)] == ["45\xa0min", "2\xa0t 05\xa0min"]


def test_a_gap_is_never_written_as_zero_and_zero_never_as_negative() -> None:
    nb, en = words("nb"), words("en")
    assert nb.gap(0.0132) == "1,3\N{NO-BREAK SPACE}%"
    assert nb.gap(0.0002) == "under 0,1\N{NO-BREAK SPACE}%"
    assert en.gap(0.0002) == "below 0.1%"
    assert nb.number(-0.04, 1) == "0,0"
    assert nb.number(-0.06, 1) == "-0,1"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_gap_of_which_nothing_is_proven_is_not_told_in_percent(language: str) -> None:
    texts = words(language)
    assert texts.gap(0.034) in gap_text(0.034, texts)
    assert "%" not in gap_text(1.0, texts)
