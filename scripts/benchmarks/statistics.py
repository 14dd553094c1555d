"""Coverage and error rates of the intervals of ridership, and bias of estimated demand, simulated on seasons whose truth is set.

Boardings of a departure are negative binomial around a mean that shares a week's and a day's effect (log-normal, 20 and 10 percent)
and, where named, a season. Pseudo-random with fixed seeds: the same figures on every machine.
"""

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from math import cos, pi, sqrt

from scripts.benchmarks.rows import Row
from shuttle.domain.planning.demand.counts import CountedDay, StopCountsOfDeparture
from shuttle.domain.planning.demand.estimation import Estimator
from shuttle.domain.ridership.boardings import LEFT_BEHIND, left_behind_class, most_left_behind
from shuttle.domain.ridership.statistics import ChangeVerdict, Week, change, effect, weekly_mean

NAME = "statistics"
DEFAULT = True

DEPARTURES_A_DAY, MEAN, SEASONS = 5, 4.0, 2000
WEEK_EFFECT, DAY_EFFECT, DISPERSION = 0.2, 0.1, 1.5
SEATS, DEMAND_TIMES, DEMAND_DAYS, DEMAND_SEASONS = 8, (600, 720, 900, 1020, 1110), 40, 12


def weeks(
    chance: random.Random, number: int, mean: float = MEAN, season: Callable[[int], float] = lambda _: 1.0
) -> list[Week]:
    """Weekly totals on the base of counted departures."""
    made = []
    for at in range(number):
        of_week = mean * season(at) * chance.lognormvariate(-(WEEK_EFFECT**2) / 2, WEEK_EFFECT)
        boardings = 0
        for _ in range(7):
            of_day = of_week * chance.lognormvariate(-(DAY_EFFECT**2) / 2, DAY_EFFECT)
            boardings += sum(_negative_binomial(chance, of_day) for _ in range(DEPARTURES_A_DAY))
        made.append(Week(boardings, 7 * DEPARTURES_A_DAY))
    return made


def _negative_binomial(chance: random.Random, mean: float) -> int:
    drawn = chance.gammavariate(mean / (DISPERSION - 1), DISPERSION - 1)
    passed, number = chance.expovariate(1), 0
    while passed < drawn:
        passed += chance.expovariate(1)
        number += 1
    return number


def share(events: Iterable[bool]) -> float:
    """Percent of SEASONS draws."""
    return 100 * sum(events) / SEASONS


def _covers(chance: random.Random, number: int) -> bool:
    mean = weekly_mean(weeks(chance, number))
    return mean is not None and mean.low is not None and mean.high is not None and mean.low <= MEAN <= mean.high


def _is_changed(chance: random.Random, before: int, after: int, ratio: float) -> bool:
    found = change(weeks(chance, before), weeks(chance, after, MEAN * ratio))
    return found is not None and found.verdict is not ChangeVerdict.UNCERTAIN


def _season_is_effect(chance: random.Random, number: int, ratio: float) -> bool:
    """A season of 20 percent falls between baseline and phase, this year as last year; `ratio` is the true effect."""

    def fall(at: int) -> float:
        return 0.9 + 0.1 * cos(pi * at / (2 * number))

    def both() -> tuple[list[Week], list[Week]]:
        return weeks(chance, number, season=fall), weeks(chance, number, season=lambda at: fall(at + number))

    last_before, last_after = both()
    before = weeks(chance, number, season=fall)
    after = weeks(chance, number, MEAN * ratio, season=lambda at: fall(at + number))
    found = effect(before, after, last_before, last_after)
    return found is not None and found.verdict is not ChangeVerdict.UNCERTAIN


def _is_reached_at_end(chance: random.Random, number: int) -> bool:
    """The truth lies a tenth under the goal; looked at once, when the phase is over."""
    mean = weekly_mean(weeks(chance, number, MEAN * 0.9))
    return mean is not None and mean.low is not None and mean.low >= MEAN


def demand_days(chance: random.Random, means: tuple[float, ...], asked: bool) -> list[CountedDay]:
    """Days of a bus with SEATS seats at DEMAND_TIMES; who finds none waits for the next one within two hours. `asked`: whether the driver
    tells the class of those left behind; otherwise only that the bus was full.
    """
    days = []
    for at in range(DEMAND_DAYS):
        waiting, departures = 0, []
        for number, (departs, mean) in enumerate(zip(DEMAND_TIMES, means, strict=True)):
            if number and departs - DEMAND_TIMES[number - 1] > 120:
                waiting = 0
            here = waiting + _negative_binomial(chance, mean)
            waiting = max(0, here - SEATS)
            least = LEFT_BEHIND[left_behind_class(waiting)]
            most = most_left_behind(least)
            departures.append(
                StopCountsOfDeparture(
                    departs=departs,
                    boardings=here - waiting,
                    left_behind=least if asked else 0,
                    full=here >= SEATS,
                    left_most=most if asked else None,
                )
            )
        days.append(CountedDay(date(2026, 1, 5) + timedelta(at), tuple(departures)))
    return days


def _demand(name: str, means: tuple[float, ...], asked: bool) -> list[Row]:
    """Bias of the day's demand in percent of the truth, and how often the intervals of windows cover it."""
    passengers, covered = 0.0, list[bool]()
    for seed in range(DEMAND_SEASONS):
        estimate = Estimator(resamples=40, seed=seed).estimate(demand_days(random.Random(seed), means, asked))
        passengers += estimate.passengers / DEMAND_SEASONS
        covered += [each.low <= mean <= each.high for each, mean in zip(estimate.windows, means, strict=True)]
    bias = 100 * (passengers / sum(means) - 1)
    said = "left behind told" if asked else "only full told"
    return [
        Row(f"bias of demand, {name}, {said}", bias, "%", "-5 to 5", abs(bias) <= 5),
        Row(f"90 % interval covers a window, {name}, {said}", 100 * sum(covered) / len(covered), "%"),
    ]


def _between(name: str, value: float, low: float, high: float) -> Row:
    return Row(name, value, "%", f"{low:g} to {high:g}", low - _noise(low) <= value <= high + _noise(high))


def _below(name: str, value: float, high: float) -> Row:
    return Row(name, value, "%", f"<= {high:g}", value <= high + _noise(high))


def _noise(percent: float) -> float:
    """Two standard errors of a share of SEASONS draws."""
    return 200 * sqrt(percent / 100 * (1 - percent / 100) / SEASONS)


def run(_rounds: int) -> list[Row]:
    rows = []
    for number in (4, 6, 13, 26):
        chance = random.Random(number)
        rows.append(
            _between(
                f"95 % interval covers the mean, {number} weeks",
                share(_covers(chance, number) for _ in range(SEASONS)),
                93,
                96,
            )
        )
    for before, after in ((6, 6), (13, 6), (26, 13)):
        chance = random.Random(before)
        changed = share(_is_changed(chance, before, after, 1.0) for _ in range(SEASONS))
        rows.append(_below(f"no effect read as a change, {before} weeks and {after}", changed, 5))
    for number in (6, 13):
        chance = random.Random(100 + number)
        rows.append(
            _below(
                f"season read as an effect, {number} weeks, same weeks last year",
                share(_season_is_effect(chance, number, 1.0) for _ in range(SEASONS)),
                5,
            )
        )
    chance = random.Random(7)
    rows.append(
        _below(
            "missed goal read as reached, 6 weeks, at the end",
            share(_is_reached_at_end(chance, 6) for _ in range(SEASONS)),
            5,
        )
    )
    chance = random.Random(8)
    rows.append(
        Row("a rise of half is seen, 6 weeks and 6", share(_is_changed(chance, 6, 6, 1.5) for _ in range(SEASONS)), "%")
    )
    chance = random.Random(9)
    rows.append(
        Row(
            "a rise of half is seen beside last year, 13 weeks",
            share(_season_is_effect(chance, 13, 1.5) for _ in range(SEASONS)),
            "%",
        )
    )
    for name, means in (
        ("half the seats", (4.0,) * 5),
        ("as many as seats", (8.0,) * 5),
        ("one peak of twice the seats", (4.0, 6.0, 16.0, 6.0, 4.0)),
    ):
        for asked in (True, False):
            rows += _demand(name, means, asked)
    return rows
