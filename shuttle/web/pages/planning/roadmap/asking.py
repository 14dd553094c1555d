"""The form that asks for a roadmap: dates and budgets of the steps, options by tick, limits; read without loss of inputs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.basics.service_time import parse_date
from shuttle.domain.planning.roadmap.definition import MOST_STEPS, Roadmap
from shuttle.feeds.roadmap_files.text_edits import RoadmapEdits

MORE_STEPS = 1
"""Empty rows beneath the steps."""


@dataclass(kw_only=True)
class RoadmapForm:
    """Contents of the form: texts as typed. `steps`: (date, NOK a year)."""

    steps: list[tuple[str, str]]
    options: list[str]
    hours_only_grow: bool = True
    max_moved: str = ""
    max_dropped: str = ""
    worst: str = ""
    minutes: str = "5"
    decided: Mapping[str, str] = field(default_factory=dict)
    """Date of a step -> the option that stands already."""


def form_of(roadmap: Roadmap) -> RoadmapForm:
    """The form as the roadmap's file has it."""
    change = roadmap.change
    return RoadmapForm(
        steps=[(step.starts.isoformat(), f"{step.budget:.0f}") for step in roadmap.steps] + [("", "")] * MORE_STEPS,
        options=[option.id for option in roadmap.options],
        hours_only_grow=roadmap.hours_only_grow,
        max_moved="" if change.moved is None else str(change.moved),
        max_dropped="" if change.dropped is None else str(change.dropped),
        worst=f"{100 * roadmap.worst_coverage:g}" if roadmap.worst_coverage else "",
        decided={step.starts.isoformat(): step.option for step in roadmap.steps if step.option},
    )


def edits_of(form: RoadmapForm) -> RoadmapEdits:
    """The form's values. Raises Invalid (`bad-form`) with a fault for each field that cannot be read."""
    faults: list[Fault] = []
    steps = []
    for number, (day, money) in enumerate(form.steps[:MOST_STEPS]):
        if day.strip() or money.strip():
            starts, budget = _date(day, number, faults), _money(money, number, faults)
            if starts is not None and budget is not None:
                steps.append((starts, budget, form.decided.get(starts.isoformat(), "")))
    moved = _whole(form.max_moved, "max_moved", faults)
    dropped = _whole(form.max_dropped, "max_dropped", faults)
    worst = _whole(form.worst, "worst", faults, most=100)
    if not steps and not faults:
        faults.append(Fault(what="there is no step", allowed="a date and a budget", path=("starts-0",), code="no-step"))
    if faults:
        raise Invalid("bad-form", "; ".join(map(str, faults)), faults=faults)
    return RoadmapEdits(
        steps=steps,
        options=form.options,
        hours_only_grow=form.hours_only_grow,
        max_moved=moved,
        max_dropped=dropped,
        worst_coverage=(worst or 0) / 100,
    )


def _date(text: str, number: int, faults: list[Fault]) -> date | None:
    try:
        return parse_date(text)
    except Invalid as error:
        path = (f"starts-{number}",)
        faults.append(Fault(what=error.detail, given=text, allowed=error.allowed, path=path, code=error.code))
        return None


def _money(text: str, number: int, faults: list[Fault]) -> float | None:
    digits = "".join(text.split()).replace("\N{NO-BREAK SPACE}", "")
    if digits.isascii() and digits.isdigit() and len(digits) <= 9:
        return float(digits)
    path = (f"budget-{number}",)
    faults.append(Fault(what="not an amount", given=text, allowed="0 to 999999999", path=path, code="bad-amount"))
    return None


def _whole(text: str, name: str, faults: list[Fault], most: int = 500) -> int | None:
    if not text.strip():
        return None
    if text.strip().isascii() and text.strip().isdigit() and int(text.strip()[:9]) <= most:
        return int(text)
    faults.append(Fault(what="not a whole number", given=text, allowed=f"0 to {most}", path=(name,), code="bad-amount"))
    return None
