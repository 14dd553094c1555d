"""Limits of a Pareto front as text. A result names each limit in English, among the planner's own requirements."""

from collections.abc import Iterable

from shuttle.domain.planning.result import LimitResult
from shuttle.language import Words


def limit_names(limits: Iterable[LimitResult], words: Words) -> dict[str, str]:
    """By the name in the answer: "høyst 4 avganger"."""
    return {each["name"]: words.say(f"plan.limit.{each['by']}", most=_amount(each["limit"], words)) for each in limits}


def least_that_works(limit: LimitResult, words: Words) -> str:
    """The least with which all other requirements hold, in a sentence; empty where it is not known."""
    if limit["least"] is None:
        return ""
    return words.say(f"plan.least.{limit['by']}", least=_amount(limit["least"], words))


def _amount(amount: float, words: Words) -> str:
    return words.number(amount, 0 if float(amount).is_integer() else 1)
