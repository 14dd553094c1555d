"""Publications by layer: a temporary timetable hides another one, and gives way again."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.basics.provenance import Validity
from shuttle.domain.timetable.trips import Publication, layer_for, periods_of, publication_on, stretch_of
from tests.strategies import SPAN, any_period

ANCHOR = date(2027, 6, 21)
DAYS = [ANCHOR + timedelta(days=n) for n in range(-2 * SPAN, 4 * SPAN)]


def published(*several: tuple[str, Validity]) -> list[Publication]:
    """Published one after the other, each above those that it shares a date with."""
    publications: list[Publication] = []
    for name, valid in several:
        publications.append(Publication(name, valid, layer=layer_for(publications, valid)))
    return publications


def spans(publications: list[Publication]) -> list[tuple[str, date | None, date | None]]:
    return [(period.timetable, period.valid.first, period.valid.last) for period in periods_of(publications)]


BASE = ("base", Validity(date(2024, 10, 1)))
SUMMER = ("summer", Validity(date(2027, 6, 21), date(2027, 8, 15)))


def test_a_temporary_timetable_gives_way_to_the_open_ended_one() -> None:
    assert spans(published(BASE, SUMMER)) == [
        ("base", date(2024, 10, 1), date(2027, 6, 20)),
        ("summer", date(2027, 6, 21), date(2027, 8, 15)),
        ("base", date(2027, 8, 16), None),
    ]


def test_one_within_another_gives_way_to_that() -> None:
    within = ("works", Validity(date(2027, 7, 5), date(2027, 7, 11)))
    names = [timetable for timetable, _, _ in spans(published(BASE, SUMMER, within))]
    assert names == ["base", "summer", "works", "summer", "base"]


def test_what_is_taken_away_leaves_what_ran_before() -> None:
    several = published(BASE, SUMMER, ("autumn", Validity(date(2027, 8, 16))))
    assert spans([each for each in several if each.timetable != "summer"])[0] == (
        "base",
        date(2024, 10, 1),
        date(2027, 8, 15),
    )
    assert spans([each for each in several if each.timetable != "autumn"]) == spans(published(BASE, SUMMER))


def test_one_that_is_hidden_throughout_has_no_period() -> None:
    hidden = published(SUMMER, ("year", Validity(date(2027, 1, 1))))
    assert spans(hidden) == [("year", date(2027, 1, 1), None)]


def test_publications_that_follow_each_other_are_one_stretch() -> None:
    periods = periods_of(published(BASE, ("base", Validity(date(2027, 1, 1))), SUMMER))
    assert len(periods) == 4
    assert stretch_of(periods, date(2027, 3, 1)) == Validity(date(2024, 10, 1), date(2027, 6, 20))
    assert stretch_of(periods, date(2024, 9, 1)) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), any_period(ANCHOR)), max_size=6))
def test_on_each_day_the_one_published_last_applies(several: list[tuple[str, Validity]]) -> None:
    publications = published(*several)
    periods = periods_of(publications)
    for day in DAYS:
        covering = [name for name, valid in several if valid.first and valid.first <= day <= (valid.last or day)]
        here, there = publication_on(periods, day), publication_on(publications, day)
        assert (here and here.timetable) == (there and there.timetable) == (covering[-1] if covering else None)
    assert sum(len([p for p in periods if p.valid.covers(day)]) > 1 for day in DAYS) == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), any_period(ANCHOR)), min_size=1, max_size=6), st.data())
def test_taking_one_away_is_as_if_it_had_not_been(several: list[tuple[str, Validity]], data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, len(several) - 1))
    rest = [each for number, each in enumerate(published(*several)) if number != gone]
    never = published(*[each for number, each in enumerate(several) if number != gone])
    for day in DAYS:
        here, there = publication_on(rest, day), publication_on(never, day)
        assert (here and here.timetable) == (there and there.timetable)
