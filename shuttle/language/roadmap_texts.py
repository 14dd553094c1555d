"""Roads in words: how far one is from the best, why a case does not hold, and whether the running times of cases are measured."""

from collections.abc import Sequence

from shuttle.domain.planning.roadmap.result import CaseResult
from shuttle.language import Words

UNKNOWN = 0.995
"""A gap from which nothing is proven yet: it would be shown as 100 %."""


def gap_text(gap: float, words: Words) -> str:
    """How far a road is from the best possible at most; `gap`: a share of its cost."""
    if gap >= UNKNOWN:
        return words.say("roadmap.gap_unknown")
    return words.say("roadmap.gap", gap=words.gap(gap))


def case_text(case: CaseResult, words: Words) -> str:
    """Why the road does not hold in a case."""
    key = "roadmap.case" if case["drivable"] else "roadmap.case_late"
    demand = words.percent(case["demand"])
    if "percentile" in case:
        return words.say(f"{key}.measured", demand=demand, percentile=words.number(case["percentile"]))
    return words.say(key, demand=demand, longer=words.number(case["running_time_percent"]))


def cases_basis(cases: Sequence[CaseResult], words: Words) -> str:
    """What the running times of the cases rest on: measured on some links, or assumed on all."""
    longer = words.number(max(case["running_time_percent"] for case in cases))
    first = cases[0]
    if "percentile" not in first:
        return words.say("roadmap.times_assumed", longer=longer)
    n, of = first.get("measured_links", 0), first.get("links", 0)
    key = "roadmap.times_measured" if n == of else "roadmap.times_partly_measured"
    return words.say(key, n=words.number(n), of=words.number(of), longer=longer)
