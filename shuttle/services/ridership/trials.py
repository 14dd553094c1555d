"""Trials: a question with a goal, registered before the phase starts, and the result from the counts."""

from dataclasses import dataclass, replace
from secrets import token_hex

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid
from shuttle.domain.ridership.statistics import detectable
from shuttle.domain.ridership.trials import Outcome, Trial, TrialPeriod, TrialResult, trial_result
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.riders.trial_weeks import controls, trial_period
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership import trials as store


def plan_trial(context: AppContext, person: Person | None, draft: Trial) -> Trial:
    """Register a trial. Raises Invalid (`unknown-stop`, `date-outside`), Refused (`trial-too-late`)."""
    person = allow(person, Action.PLAN)
    draft.check_plannable(context.today())
    _check_stop(context, draft)
    trial = replace(draft, id=f"trial-{token_hex(4)}", planned_by=person.name, planned_at=context.now(), outcome=None)
    with context.transaction() as session:
        store.add_trial(session, trial)
        add_entry(session, context.now(), person.name, person.role.value, "plan-trial", trial.id)
    return trial


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The figures before a trial that is not planned yet, and the smallest change that it would show 8 times in 10."""

    trial: Trial
    before: TrialPeriod
    detectable: float | None


def look(context: AppContext, person: Person | None, draft: Trial) -> Baseline:
    """The baseline of a draft, so that its goal is set knowing it. Raises as `plan_trial`."""
    allow(person, Action.PLAN)
    draft.check_plannable(context.today())
    _check_stop(context, draft)
    before = trial_period(context, draft, draft.baseline)
    return Baseline(trial=draft, before=before, detectable=detectable(before.estimates, draft.weeks))


def _check_stop(context: AppContext, trial: Trial) -> None:
    stops = [stop.id for stop in context.schedule().network.stops]
    if trial.stop is not None and trial.stop not in stops:
        raise Invalid("unknown-stop", f"there is no stop {trial.stop!r}", given=trial.stop, allowed=", ".join(stops))


def close_trial(context: AppContext, person: Person | None, trial_id: str, outcome: Outcome) -> Trial:
    """Record the decision; the trial stays. Raises NotFound (`unknown-trial`), Refused."""
    person = allow(person, Action.PLAN)
    with context.transaction() as session:
        store.trial(session, trial_id).check_closable(context.today(), outcome)
        store.close_trial(session, trial_id, outcome, person.name, context.now())
        details = {"outcome": outcome.value}
        add_entry(session, context.now(), person.name, person.role.value, "close-trial", trial_id, details)
        return store.trial(session, trial_id)


def delete_trial(context: AppContext, person: Person | None, trial_id: str) -> None:
    """Delete a trial without a decision. Raises NotFound (`unknown-trial`), Refused (`trial-closed`)."""
    person = allow(person, Action.PLAN)
    with context.transaction() as session:
        row = store.delete_trial(session, trial_id)
        details = {"question": row.question, "stop_rule": row.stop_rule, "starts": row.starts.isoformat()}
        details["weeks"] = str(row.weeks)
        add_entry(session, context.now(), person.name, person.role.value, "delete-trial", trial_id, details)


def unreadable_trials(context: AppContext, person: Person | None) -> list[tuple[str, str]]:
    """Id and question of each stored trial with impossible dates; it can be deleted."""
    allow(person, Action.READ_EXACT_RIDERSHIP)
    with context.reading() as session:
        return [(row.id, row.question) for row in store.unreadable_trials(session)]


def planned_trials(context: AppContext, person: Person | None) -> list[Trial]:
    """All trials without their figures, the latest start first; these are no secret to a reader of released figures."""
    allow(person, Action.READ_RIDERSHIP)
    with context.reading() as session:
        return store.trials(session)


def trials(context: AppContext, person: Person | None) -> list[tuple[Trial, TrialResult]]:
    """All trials with their results so far, the latest first."""
    allow(person, Action.READ_EXACT_RIDERSHIP)
    with context.reading() as session:
        stored = store.trials(session)
    return [(trial, result_of(context, trial)) for trial in stored]


def trial(context: AppContext, person: Person | None, trial_id: str) -> tuple[Trial, TrialResult]:
    """One trial with its result so far. Raises NotFound (`unknown-trial`)."""
    allow(person, Action.READ_EXACT_RIDERSHIP)
    with context.reading() as session:
        stored = store.trial(session, trial_id)
    return stored, result_of(context, stored)


def result_of(context: AppContext, trial: Trial) -> TrialResult:
    """Compares the weeks of the phase with those of the baseline and, when the phase is over, with a control."""
    before, after = (trial_period(context, trial, span) for span in (trial.baseline, trial.phase))
    is_over = context.today() > trial.phase.last
    beside = controls(context, trial) if is_over and after.counted else []
    return trial_result(trial, before, after, beside, context.today())
