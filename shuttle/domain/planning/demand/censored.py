"""Mean arrivals of windows, from boardings on buses that may have been full: an interval-censored negative binomial likelihood.

A departure with a free seat took everybody who was waiting: its boardings are exact. A full one left some behind, whose number is told as
a class (0, 1, 2, 3-5, 6+) or not at all: an interval. They wait for the next departure, so that its boardings are partly theirs; counted
there again they would be demand twice. So the hidden state of a day is how many were left behind at each departure:

    arrivals in a window = boardings + left behind - those who were waiting from the departure before.

The likelihood sums over that state (forward-backward recursion of a hidden Markov model, Rabiner 1989); the means are found by
expectation-maximisation (Dempster, Laird and Rubin 1977), which for a negative binomial variable of given size is the mean of the
expected arrivals. The size, which all windows share, is the one of SIZES with the highest likelihood; without a size it is Poisson.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import ceil, exp, lgamma, log, sqrt
from operator import mul

from shuttle.domain.basics.service_time import Minute

Window = tuple[Minute, Minute]
"""From and to: the minutes in which the passengers of a departure became ready."""

SIZES: tuple[float | None, ...] = (None, 12.0, 5.0, 2.0)
"""Sizes k of the negative binomial distribution (variance = mean + mean^2 / k); None: Poisson."""

MOST_STEPS = 24
CLOSE = 1e-3
"""Relative change of every mean at which the iteration ends."""
NEGLIGIBLE = 1e-9
"""Probability below which the longest queues are left out."""
GONE = 1e-6
"""Probability that those who wait go away unseen: only where nothing else explains how few boarded or stayed."""
MOST_FACTOR = 0.85
"""Factor of shrinking changes beyond which an extrapolation is not trusted."""


@dataclass(frozen=True)
class Boarded:
    """A counted departure: its boardings, and bounds of how many it left behind (`most` None: unbounded).

    `others_wait`: who was left behind by the departure before waits for this one.
    """

    window: Window
    boardings: float
    least: float = 0.0
    most: float | None = 0.0
    others_wait: bool = False

    @property
    def fewest(self) -> int:
        return int(self.least)


LONGEST_QUEUE = 60
"""Most passengers whom a departure can leave behind, beyond the fewest of its class: more would not wait."""

Chain = tuple[Boarded, ...]
"""Departures of a day linked by passengers left behind: every one but the first has `others_wait`."""


@dataclass(frozen=True)
class Means:
    """Mean arrivals of each window, and the shared size (None: Poisson)."""

    of: Mapping[Window, float]
    size: float | None


def chains(boarded: Iterable[Boarded]) -> list[Chain]:
    """The departures of a day, cut where nobody can be waiting."""
    cut: list[list[Boarded]] = []
    for each in boarded:
        before = cut[-1][-1] if cut else None
        is_linked = each.others_wait and before is not None and before.most != 0
        if is_linked:
            cut[-1].append(each)
        else:
            cut.append([each])
    return [tuple(chain) for chain in cut]


def fitted(several: Sequence[Chain], begin: Mapping[Window, float]) -> Means:
    """The means of highest likelihood over the sizes, from the means `begin`; a window without any bounded departure keeps that mean."""
    if not any(each.most != 0 for chain in several for each in chain):
        return Means(_exact_means(several), None)
    best, most_likely, means = Means(begin, None), float("-inf"), dict(begin)
    for size in SIZES:
        means = stepped(several, Means(means, size), MOST_STEPS)
        likelihood = sum(n * _expected(chain, Means(means, size))[1] for chain, n in Counter(several).items())
        if likelihood <= most_likely:
            break  # it has one maximum over the sizes
        best, most_likely = Means(means, size), likelihood
    return best


def stepped(several: Sequence[Chain], begin: Means, steps: int) -> dict[Window, float]:
    """The means after so many steps of expectation-maximisation at most, from `begin`; its size stays."""
    bounded = {each.window for chain in several for each in chain if each.most is not None}
    unlike, means = Counter(several), dict(begin.of)
    last: dict[Window, float] = {}
    for number in range(steps):
        sums, numbers = defaultdict[Window, float](float), Counter[Window]()
        for chain, n in unlike.items():
            for each, expected in zip(chain, _expected(chain, Means(means, begin.size))[0], strict=True):
                sums[each.window] += n * expected
                numbers[each.window] += n
        better = {window: sums[window] / numbers[window] for window in sums if window in bounded}
        changes = {window: mean - means[window] for window, mean in better.items()}
        means |= better
        if all(abs(change) < CLOSE * max(means[window], 1.0) for window, change in changes.items()):
            break
        if number % 3 == 2 and number + 1 < steps:
            leaps = {window: _ahead(changes[window], last[window]) for window in better}
            means |= {window: max(mean + leaps[window], mean / 2) for window, mean in better.items()}
        last = changes
    return means


def _ahead(change: float, before: float) -> float:
    """What the changes of a mean will add up to, where they shrink by a constant factor (Aitken's extrapolation)."""
    factor = min(change / before, MOST_FACTOR) if before and change / before > 0 else 0.0
    return change * factor / (1 - factor)


def _exact_means(several: Sequence[Chain]) -> dict[Window, float]:
    numbers: defaultdict[Window, list[float]] = defaultdict(list)
    for chain in several:
        for each in chain:
            numbers[each.window].append(each.boardings)
    return {window: sum(values) / len(values) for window, values in numbers.items()}


def _expected(chain: Chain, means: Means) -> tuple[list[float], float]:
    """Expected arrivals of each departure of a chain, and the logarithm of the chain's likelihood."""
    waiting, likelihood, links = [1.0], 0.0, list[_Link]()
    for each in chain:
        link = _link(each, means, waiting)
        total = max(sum(link.behind), 1e-300)
        likelihood += log(total)
        links.append(link)
        waiting = [0.0] * each.fewest + [chance / total for chance in link.behind]
        while waiting[-1] < NEGLIGIBLE and len(waiting) > each.fewest + 1:
            waiting.pop()
    expected = list[float]()
    ahead = [1.0] * len(links[-1].behind)
    fewest_waiting = [0, *(each.fewest for each in chain[:-1])]
    for each, link, fewest in zip(reversed(chain), reversed(links), reversed(fewest_waiting), strict=True):
        total = sum(map(mul, ahead, link.behind))
        expected.append(sum(map(mul, ahead, link.weighted)) / total if total > 0 else each.boardings)
        ahead = _backwards(link, each.fewest, ahead)[fewest:]
    return expected[::-1], likelihood


@dataclass(frozen=True)
class _Link:
    """A departure within its chain. `waiting`: probability of each number who waited for it, from 0; `behind`: joint weight of each
    number left behind, from its fewest; `weighted`: that weight times the arrivals; `chances`: of arrivals, from `part` on.
    """

    whole: int
    waiting: Sequence[float]
    behind: Sequence[float]
    weighted: Sequence[float]
    chances: Sequence[float]


def _link(each: Boarded, means: Means, waiting: Sequence[float]) -> _Link:
    whole = int(each.boardings)
    part = each.boardings - whole
    most = _most_behind(each, means, len(waiting) - 1)
    chances = _chances(part, means.of[each.window], means.size, whole + most + 1)
    amounts = [chance * (part + n) for n, chance in enumerate(chances)]
    tails = list(accumulate(reversed(waiting), initial=0.0))[::-1]
    behind, weighted = [], []
    for number in range(each.fewest, most + 1):
        last = whole + number  # arrivals if nobody waited; who waited beyond that has gone
        beyond = tails[last + 1] if last + 1 < len(tails) else 0.0
        behind.append(sum(map(mul, waiting, chances[last::-1])) + GONE * beyond * chances[0])
        weighted.append(sum(map(mul, waiting, amounts[last::-1])) + GONE * beyond * amounts[0])
    return _Link(whole, waiting, behind, weighted, chances)


def _backwards(link: _Link, fewest: int, ahead: Sequence[float]) -> list[float]:
    """What follows, for each number who waited, up to a factor."""
    values = []
    for waited in range(len(link.waiting)):
        first = link.whole + fewest - waited
        gone = min(max(-first, 0), len(ahead))
        value = GONE * sum(ahead[:gone]) * link.chances[0] + sum(map(mul, ahead[gone:], link.chances[max(first, 0) :]))
        values.append(value)
    largest = max(values) or 1.0
    return [value / largest for value in values]


def _most_behind(each: Boarded, means: Means, waiting: int) -> int:
    """The most left behind; an unbounded class ends where arrivals are next to impossible."""
    if each.most is not None:
        return max(ceil(each.most), each.fewest)
    mean = means.of[each.window]
    variance = mean + (mean**2 / means.size if means.size else 0.0)
    return max(
        each.fewest, min(ceil(mean + 5 * sqrt(variance) + 5 + waiting - each.boardings), each.fewest + LONGEST_QUEUE)
    )


@lru_cache(maxsize=4096)
def _chances(part: float, mean: float, size: float | None, number: int) -> list[float]:
    """Probabilities of `part` arrivals, one more, and so on; `part` is that of a class of passengers, 0 for all."""
    mean = max(mean, 1e-9)
    if size is None:
        return [exp(a * log(mean) - mean - lgamma(a + 1)) for a in (part + n for n in range(number))]
    share = mean / (size + mean)
    common = size * log(1 - share) - lgamma(size)
    return [exp(common + lgamma(a + size) - lgamma(a + 1) + a * log(share)) for a in (part + n for n in range(number))]
