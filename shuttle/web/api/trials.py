"""API of trials: a question about the service with a baseline, a phase, a goal and a rule to stop, written down before it starts."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from shuttle.domain.access.permissions import Action, allow
from shuttle.domain.ridership.statistics import MeanChange
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.ridership.trials import LONGEST_TEXT, Measure, Outcome, Trial, TrialPeriod, TrialResult
from shuttle.services.ridership import trials as trial_service
from shuttle.web.api.shapes import Identifier, RequestBody, ServiceDate
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1/trials", tags=["trials"], responses=ANY_PROBLEM)

Sentence = Annotated[str, Field(min_length=3, max_length=LONGEST_TEXT)]


class GivenTrial(RequestBody):
    """A question about the service, never about a person. `goal` is per departure, or per week for `riders_per_week`; `weeks` is the length of the phase."""

    question: Sentence
    measure: Measure = Measure.BOARDINGS_PER_DEPARTURE
    stop: Identifier | None = None
    baseline_from: ServiceDate
    baseline_to: ServiceDate
    starts: ServiceDate
    weeks: Annotated[int, Field(ge=1, le=104)]
    goal: Annotated[float, Field(ge=0, le=100_000)]
    stop_rule: Sentence


class GivenOutcome(RequestBody):
    outcome: Literal["continued", "changed", "stopped"]


@router.get("")
def trials(request: Request, asking: Asking) -> dict[str, Any]:
    """All trials with their results so far."""
    return {"trials": [trial_document(*each) for each in trial_service.trials(state_of(request).context, asking)]}


@router.get("/{trial_id}")
def trial(request: Request, trial_id: str, asking: Asking) -> dict[str, Any]:
    """One trial with its result so far."""
    return trial_document(*trial_service.trial(state_of(request).context, asking, trial_id))


@router.post("", status_code=201)
def plan_trial(request: Request, body: GivenTrial, asking: Asking) -> dict[str, Any]:
    """Plan a trial before its phase starts."""
    allow(asking, Action.PLAN)
    trial = Trial(
        id="",
        question=body.question,
        measure=body.measure,
        baseline=Span(body.baseline_from, body.baseline_to),
        starts=body.starts,
        weeks=body.weeks,
        goal=body.goal,
        stop_rule=body.stop_rule,
        stop=body.stop,
    )
    context = state_of(request).context
    stored = trial_service.plan_trial(context, asking, trial)
    return trial_document(stored, trial_service.result_of(context, stored))


@router.post("/{trial_id}/close")
def close_trial(request: Request, trial_id: str, body: GivenOutcome, asking: Asking) -> dict[str, Any]:
    """Close a trial with its outcome; the trial and its figures stay."""
    context = state_of(request).context
    closed = trial_service.close_trial(context, asking, trial_id, Outcome(body.outcome))
    return trial_document(closed, trial_service.result_of(context, closed))


@router.delete("/{trial_id}", status_code=204)
def delete_trial(request: Request, trial_id: str, asking: Asking) -> None:
    """Delete a trial without an outcome; the audit log keeps its question."""
    trial_service.delete_trial(state_of(request).context, asking, trial_id)


def trial_document(trial: Trial, result: TrialResult) -> dict[str, Any]:
    """A trial as JSON, with means before and after and their intervals; null where the counts do not suffice."""
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
        "finding": result.finding.value,
        "model": "weekly totals, Student's t",
        "before": _period(result.before),
        "after": _period(result.after),
        "change": _change(result.change),
        "effect": {**effect, "control": result.control.value} if (effect := _change(result.effect)) else None,
    }


def _change(change: MeanChange | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {"difference": change.difference, "low": change.low, "high": change.high, "verdict": change.verdict.value}


def _period(period: TrialPeriod) -> dict[str, float | int | None]:
    """Means of the weeks with an interval from 4 weeks on. `departures_due`: those that have left, counted or not."""
    mean = period.mean
    return {
        "weeks": len(period.weeks),
        "departures_due": period.due,
        "departures_counted": period.counted,
        "mean": mean.mean if mean else None,
        "low": mean.low if mean else None,
        "high": mean.high if mean else None,
    }
