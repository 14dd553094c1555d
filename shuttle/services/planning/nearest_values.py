"""Nearest values: where requirements clash, the value of each at which it holds together with all others.

The requirement alone becomes a wish whose breach costs more than anything else, and nobody rides: the timetable with the least breach is
then found quickly, and its breach is how far the value has to give way. The value has a timetable, so asking with it leads to proposals;
that no nearer value has one is proven only where `proven` says so.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import ceil, floor
from time import monotonic

from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.result import NearestResult, PlanProgress, PlanResult
from shuttle.planner.process import solver_client
from shuttle.planner.process.request import PlanRequest

SECONDS = 20.0
"""For each requirement, at most."""

DEAR = 100_000.0
"""Passenger minutes for a unit of breach, so that nothing else counts."""

TINY = 1e-9


@dataclass(frozen=True)
class Number:
    """The number of a requirement: its key in the file, its value, and the value after a breach in the check's unit."""

    key: str
    value: float
    eased: Callable[[float], float]


def number_of(requirement: ask.Requirement) -> Number | None:
    """None for a requirement without a number that can give way."""
    match requirement:
        case ask.CoverageShare(share=share):
            return Number("min_share", share, lambda breach: max(0.0, floor((share - breach) * 100 + TINY) / 100))
        case ask.TripCount(most=int(most)):
            return Number("max", most, lambda breach: most + ceil(breach - TINY))
        case ask.TripCount(least=int(least)):
            return Number("min", least, lambda breach: max(0, least - ceil(breach - TINY)))
        case ask.Budget(driver_hours=float() | int() as hours):
            return Number("driver_hours", hours, lambda breach: ceil((hours + breach / 60) * 10 - TINY) / 10)
        case ask.Budget(nok=float() | int() as nok):
            return Number("nok", nok, lambda breach: ceil(nok + breach - TINY))
        case ask.MaxGap(minutes=minutes):
            return Number("minutes", minutes, lambda breach: minutes + ceil(breach - TINY))
        case ask.MinGap(minutes=minutes) if minutes:
            return Number("minutes", minutes, lambda breach: max(0, minutes - ceil(breach - TINY)))
        case ask.MaxChange(moved=moved):
            return Number("moved", moved, lambda breach: moved + ceil(breach - TINY))
    return None


PHASE = "nearest"
"""Of the progress, after those of the solver process: `done` of `of` requirements are tried."""


def with_nearest(
    request: PlanRequest,
    result: PlanResult,
    ending: Callable[[], str | None] = lambda: None,
    on_progress: Callable[[PlanProgress], None] = lambda _progress: None,
) -> PlanResult:
    """The result with the nearest value of each requirement that is part of a conflict."""
    if not result["conflicts"]:
        return result
    began, several = monotonic(), list[NearestResult]()
    candidates = list(_candidates(request, result))
    for number, (day_type, wanted) in enumerate(candidates):
        on_progress(_progress(number, len(candidates), day_type, result["seconds"] + monotonic() - began))
        if ending():
            break
        nearest = _nearest(request, result, day_type, wanted, ending)
        if nearest is not None and not ending():
            several.append(nearest)
    return {**result, "nearest": several}


def _progress(done: int, of: int, day_type: str, seconds: float) -> PlanProgress:
    return {
        "phase": PHASE,
        "done": done,
        "of": of,
        "seconds": seconds,
        "best": None,
        "bound": None,
        "gap": None,
        "day_type": day_type,
        "limit": None,
    }


def _candidates(request: PlanRequest, result: PlanResult) -> Iterator[tuple[str, ask.Requirement]]:
    """Each hard requirement of the conflicts with a number that can give way, on each day type without a proposal."""
    names = {name for conflict in result["conflicts"] for name in conflict}
    for day_type, day in result["day_types"].items():
        if day["no_proposal"] == "impossible":
            for wanted in _all_of(request, day_type):
                if wanted.name in names and wanted.hard and number_of(wanted) is not None:
                    yield day_type, wanted


def _nearest(
    request: PlanRequest,
    result: PlanResult,
    day_type: str,
    wanted: ask.Requirement,
    ending: Callable[[], str | None],
) -> NearestResult | None:
    """None where no value was found, or the one that is asked."""
    number = number_of(wanted)
    assert number is not None
    for limit in result["limits"]:
        if limit["name"] == wanted.name and limit["least"] is not None and limit["day_type"] == day_type:
            return {**_named(wanted, day_type, number, limit["least"]), "proven": True}
    eased = _eased(request, day_type, wanted, ending)
    if eased is None or abs(number.eased(eased[0]) - number.value) <= TINY:
        return None
    return {**_named(wanted, day_type, number, number.eased(eased[0])), "proven": eased[1]}


def _named(wanted: ask.Requirement, day_type: str, number: Number, value: float) -> NearestResult:
    return {
        "requirement": wanted.name,
        "day_type": day_type,
        "key": number.key,
        "asked": number.value,
        "value": value,
        "proven": False,
    }


def _all_of(request: PlanRequest, day_type: str) -> list[ask.Requirement]:
    """The requirements of a day type, and the largest limit of the front as one."""
    several = [each for each in request.scenario.requirements if each.applies_to(day_type)]
    limit = front_limit(request.scenario.front)
    return [*several, limit] if limit is not None else several


def front_limit(front: ask.FrontRequest | None) -> ask.Requirement | None:
    """The largest limit of a front as a requirement, called as in a result; None without a front."""
    if front is None:
        return None
    if front.by == "trips":
        return ask.TripCount(name=f"at most {front.last:.12g} trips", most=round(front.last))
    if front.by == "driver_hours":
        return ask.Budget(name=f"at most {front.last:.12g} driver hours", driver_hours=front.last)
    return ask.Budget(name=f"at most {front.last:.12g} NOK", nok=front.last)


def _eased(
    request: PlanRequest, day_type: str, wanted: ask.Requirement, ending: Callable[[], str | None]
) -> tuple[float, bool] | None:
    """The least breach of a requirement while all others hold, and whether it is proven; None where none was found."""
    wish = replace(wanted, hard=False, weight=DEAR)
    others = (each for each in _all_of(request, day_type) if not isinstance(each, ask.Room))
    scenario = replace(
        request.scenario,
        day_types=(day_type,),
        requirements=tuple(wish if each.name == wanted.name else each for each in others),
        front=None,
        demand=replace(request.scenario.demand, profiles=()),
        fleet=replace(request.scenario.fleet, seats=None),
    )
    asked = replace(request, scenario=scenario, time_limit=SECONDS, starts={}, past={}, hindsight_days=0)
    result = solver_client.run(asked, ending=ending)
    for proposal in result["day_types"][day_type]["proposals"]:
        for each in proposal["requirements"]:
            if each["name"] == wanted.name and proposal["driven"]:
                return max(0.0, -each["slack"]), proposal["proven"]
    return None
