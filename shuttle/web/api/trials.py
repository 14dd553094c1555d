"""Trials over the API."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from shuttle.domain.access.permissions import Action, allow
from shuttle.domain.ridership.statistics import Mean
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.ridership.trials import LONGEST_TEXT, Measure, Outcome, Trial, TrialResult
from shuttle.services.ridership import trials as acts
from shuttle.web.api.shapes import Identifier, RequestBody, ServiceDate
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1/trials", tags=["trials"], responses=ANY_PROBLEM)

Sentence = Annotated[str, Field(min_length=3, max_length=LONGEST_TEXT)]


class GivenTrial(RequestBody):
    """A question about the service, never about anybody. `goal`: per departure; `weeks`: how long the phase lasts."""

    question: Sentence
    measure: Measure = Measure.BOARDINGS_PER_DEPARTURE
    stop: Identifier | None = None
    baseline_from: ServiceDate
    baseline_to: ServiceDate
    starts: ServiceDate
    weeks: Annotated[int, Field(ge=1, le=104)]
    goal: Annotated[float, Field(ge=0, le=1000)]
    stop_rule: Sentence


class GivenOutcome(RequestBody):
    outcome: Literal["continued", "changed", "stopped"]


@router.get("")
def trials(request: Request, asking: Asking) -> dict[str, Any]:
    """Every trial with what its counts say so far."""
    return {"trials": [trial_document(*found) for found in acts.trials(state_of(request).context, asking)]}


@router.get("/{trial_id}")
def trial(request: Request, trial_id: str, asking: Asking) -> dict[str, Any]:
    """One trial."""
    return trial_document(*acts.trial(state_of(request).context, asking, trial_id))


@router.post("", status_code=201)
def plan_trial(request: Request, given: GivenTrial, asking: Asking) -> dict[str, Any]:
    """Write a trial down before it starts."""
    allow(asking, Action.PLAN)
    wanted = Trial(
        id="",
        question=given.question,
        measure=given.measure,
        baseline=Span(given.baseline_from, given.baseline_to),
        starts=given.starts,
        weeks=given.weeks,
        goal=given.goal,
        stop_rule=given.stop_rule,
        stop=given.stop,
    )
    context = state_of(request).context
    made = acts.plan_trial(context, asking, wanted)
    return trial_document(made, acts.result_of(context, made))


@router.post("/{trial_id}/close")
def close_trial(request: Request, trial_id: str, given: GivenOutcome, asking: Asking) -> dict[str, Any]:
    """Write down what was decided; the trial and its figures stay."""
    context = state_of(request).context
    closed = acts.close_trial(context, asking, trial_id, Outcome(given.outcome))
    return trial_document(closed, acts.result_of(context, closed))


@router.delete("/{trial_id}", status_code=204)
def delete_trial(request: Request, trial_id: str, asking: Asking) -> None:
    """Delete a trial of which nothing was decided; the record of acts keeps what it asked."""
    acts.delete_trial(state_of(request).context, asking, trial_id)


def trial_document(trial: Trial, found: TrialResult) -> dict[str, Any]:
    """A trial as JSON, with before and after and their intervals; null where nothing can be said."""
    change = found.change
    return {
        "id": trial.id,
        "question": trial.question,
        "measure": trial.measure.value,
        "stop": trial.stop,
        "baseline": {"from": trial.baseline.first.isoformat(), "to": trial.baseline.last.isoformat()},
        "starts": trial.starts.isoformat(),
        "ends": trial.phase.last.isoformat(),
        "weeks": trial.weeks,
        "goal": trial.goal,
        "stop_rule": trial.stop_rule,
        "planned_by": trial.planned_by,
        "planned_at": trial.planned_at.isoformat() if trial.planned_at else None,
        "outcome": trial.outcome.value if trial.outcome else None,
        "finding": found.finding.value,
        "model": "quasi-Poisson",
        "before": _mean(change.before if change else None, found.counted_before),
        "after": _mean(change.after if change else None, found.counted_after),
        "change": change
        and {"difference": change.difference, "low": change.low, "high": change.high, "verdict": change.verdict.value},
    }


def _mean(mean: Mean | None, counted: int) -> dict[str, float | int | None]:
    if mean is None:
        return {"departures_counted": counted, "mean": None, "low": None, "high": None, "dispersion": None}
    return {
        "departures_counted": counted,
        "mean": mean.mean,
        "low": mean.low,
        "high": mean.high,
        "dispersion": mean.dispersion,
    }
