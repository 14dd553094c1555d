"""Attacks on a release: linear programming over all published numbers, and enumeration with knowledge of the rule."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ortools.math_opt.python import mathopt

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.ridership.suppression import THRESHOLD, Parts, Release, release

tables = st.lists(st.integers(0, 30) | st.integers(0, 6), min_size=1, max_size=6)


def breakdown(counts: list[int]) -> dict[str, int]:
    return {f"part {number}": count for number, count in enumerate(counts)}


def span_of(published: Release, name: str, part: str) -> tuple[float, float]:
    """A hidden part's least and greatest value in a linear program of all published numbers."""
    ends = []
    for greatest in (False, True):
        model = mathopt.Model()
        total = model.add_variable(lb=0 if published.total is None else published.total)
        if published.total is not None:
            model.add_linear_constraint(total == published.total)
        unknown = {}
        for other, parts in published.breakdowns.items():
            for each, shown in parts.items():
                # a hidden part of a release that shows its total is at least 1: zeros are shown there
                least = 0 if published.total is None else 1
                unknown[other, each] = model.add_variable(lb=least if shown is None else shown)
                if shown is not None:
                    model.add_linear_constraint(unknown[other, each] == shown)
            model.add_linear_constraint(mathopt.fast_sum(unknown[other, each] for each in parts) == total)
        if greatest:
            model.add_linear_constraint(total <= 10_000)
            model.maximize(unknown[name, part])
        else:
            model.minimize(unknown[name, part])
        ends.append(mathopt.solve(model, mathopt.SolverType.GLOP).objective_value())
    return ends[0], ends[1]


def hidden(published: Release) -> list[tuple[str, str]]:
    return [
        (name, part) for name, parts in published.breakdowns.items() for part, shown in parts.items() if shown is None
    ]


@st.composite
def two_breakdowns(draw: st.DrawFn) -> tuple[int, dict[str, Parts]]:
    """A total broken down in two ways, as by stop and by day type."""
    first = draw(tables)
    total = sum(first)
    cuts = sorted(draw(st.lists(st.integers(0, total), max_size=4)))
    second = [end - start for start, end in itertools.pairwise([0, *cuts, total])]
    return total, {"stop": breakdown(first), "day type": breakdown(second)}


@given(two_breakdowns())
def test_linear_programming_cannot_narrow_a_hidden_number_down(
    table: tuple[int, dict[str, Parts]],
) -> None:
    total, breakdowns = table
    published = release(total, breakdowns)
    for name, part in hidden(published):
        least, greatest = span_of(published, name, part)
        assert greatest - least >= 2 * THRESHOLD - 3 - 1e-6
        assert least <= breakdowns[name][part] + 1e-6
        assert greatest >= breakdowns[name][part] - 1e-6


@given(two_breakdowns())
def test_no_small_number_is_shown_and_shown_numbers_are_true(table: tuple[int, dict[str, Parts]]) -> None:
    total, breakdowns = table
    published = release(total, breakdowns)
    assert published.total in (None, total)
    assert not (published.total is not None and 0 < published.total < THRESHOLD)
    for name, parts in published.breakdowns.items():
        for part, shown in parts.items():
            assert shown is None or shown == breakdowns[name][part]
            assert shown is None or shown == 0 or shown >= THRESHOLD


def test_hiding_the_small_number_alone_is_broken_by_the_same_attack() -> None:
    naive = Release(20, {"stop": {"part 0": 17, "part 1": None}})
    assert sum(span_of(naive, "stop", "part 1")) == pytest.approx(6)


def test_two_small_numbers_with_a_small_sum_are_broken_by_the_attack() -> None:
    naive = Release(23, {"stop": {"part 0": None, "part 1": None, "part 2": 20}})
    least, greatest = span_of(naive, "stop", "part 0")
    assert greatest - least < THRESHOLD - 1
    published = release(23, {"stop": {"part 0": 1, "part 1": 2, "part 2": 20}})
    assert hidden(published) == [("stop", "part 0"), ("stop", "part 1"), ("stop", "part 2")]


@pytest.mark.parametrize(("parts", "most"), [(2, 24), (3, 18), (4, 14)])
def test_knowing_the_rule_leaves_every_small_number_possible(parts: int, most: int) -> None:
    """Among all tables with a total of at most `most`, those with equal releases differ in each hidden part."""
    alike: dict[tuple[int, ...], list[set[int]]] = {}
    for counts in itertools.product(range(most + 1), repeat=parts):
        if sum(counts) > most:
            continue
        published = release(sum(counts), {"stop": breakdown(list(counts))})
        if published.total is None:
            continue
        shown = tuple(-1 if value is None else value for value in published.breakdowns["stop"].values())
        values = alike.setdefault((published.total, *shown), [set() for _ in counts])
        for count, value, seen in zip(counts, shown, values, strict=True):
            if value == -1:
                seen.add(count)
    sizes = [len(seen) for values in alike.values() for seen in values if seen]
    assert min(sizes) >= THRESHOLD - 1


def test_a_zero_is_shown_and_a_revealing_total_is_hidden() -> None:
    assert release(12, {"stop": {"a": 3, "b": 0, "c": 9}}).breakdowns["stop"] == {"a": None, "b": 0, "c": None}
    assert release(7, {"stop": {"a": 1, "b": 6}}).total is None
    assert release(4, {"stop": {"a": 4, "b": 0}}) == Release(None, {"stop": {"a": None, "b": None}})
    assert release(0, {"stop": {"a": 0}}) == Release(0, {"stop": {"a": 0}})


def test_a_breakdown_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(Invalid, match="add up to 3, not to 4"):
        release(4, {"stop": {"a": 3}})
    with pytest.raises(Invalid, match="hides nothing"):
        release(4, {"stop": {"a": 4}}, threshold=1)
