"""Ways out of a conflict: a changed scenario for each, made from the result of the plan that found the conflict.

A way out is named by the requirement and the kind of change. The new value comes from the stored result, never from the request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shuttle.domain.basics.errors import Refused
from shuttle.domain.planning.result import NearestResult, PlanResult
from shuttle.feeds.scenario_files.text_edits import with_front, with_number, with_wishes, without_requirement

Way = Literal["value", "wish"]


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """A change to a requirement of a conflict: by a `value`, or as a wish. `limit`: it is the limit of the front, by `by`."""

    way: Way
    requirement: str
    day_type: str = ""
    nearest: NearestResult | None = None
    by: str = ""


def ways_out(result: PlanResult, conflict: Sequence[str]) -> tuple[WayOut, ...]:
    """Ways out of a conflict: first the sufficient values, then the requirements that may become wishes."""
    limits = {limit["name"]: limit["by"] for limit in result["limits"]}
    values = [
        WayOut(
            way="value",
            requirement=each["requirement"],
            day_type=each["day_type"],
            nearest=each,
            by=limits.get(each["requirement"], ""),
        )
        for each in result.get("nearest", ())
        if each["requirement"] in conflict
    ]
    wishes = [WayOut(way="wish", requirement=name) for name in conflict if name not in limits]
    return (*values, *wishes)


def eased(text: str, result: PlanResult, way: str, requirement: str, day_type: str) -> str:
    """The scenario's text with the way out taken; `without` leaves a requirement out, to show its cost. Raises Refused
    (`no-way-out`), Invalid (`unknown-requirement`)."""
    if way == "wish":
        return with_wishes(text, [requirement])
    if way == "without":
        return without_requirement(text, requirement)
    several = {each for conflict in result["conflicts"] for each in conflict}
    for each in ways_out(result, sorted(several)):
        if (each.way, each.requirement, each.day_type) == (way, requirement, day_type) and each.nearest is not None:
            nearest = each.nearest
            if each.by:
                return with_front(text, nearest["value"], nearest["value"])
            return with_number(text, requirement, nearest["key"], nearest["value"])
    raise Refused("no-way-out", f"the plan has no such way out: {way} {requirement}", given=requirement)
