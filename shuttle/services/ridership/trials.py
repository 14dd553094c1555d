"""Trials: a question with a goal, registered before the phase starts, and the result from the counts."""

from dataclasses import replace
from secrets import token_hex

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import FIRST_DATE
from shuttle.domain.ridership.summaries import Grouping, Span
from shuttle.domain.ridership.trials import Measure, Outcome, Trial, TrialResult, trial_result
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.ridership import exact_ridership
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership import trials as store


def plan_trial(context: AppContext, person: Person | None, draft: Trial) -> Trial:
    """Register a trial. Raises Invalid (`unknown-stop`, `date-outside`), Refused (`trial-too-late`)."""
    person = allow(person, Action.PLAN)
    draft.check_plannable(context.today())
    stops = [stop.id for stop in context.schedule().network.stops]
    if draft.stop is not None and draft.stop not in stops:
        raise Invalid("unknown-stop", f"there is no stop {draft.stop!r}", given=draft.stop, allowed=", ".join(stops))
    trial = replace(draft, id=f"trial-{token_hex(4)}", planned_by=person.name, planned_at=context.now(), outcome=None)
    with context.transaction() as session:
        store.add_trial(session, trial)
        add_entry(session, context.now(), person.name, person.role.value, "plan-trial", trial.id)
    return trial


def close_trial(context: AppContext, person: Person | None, trial_id: str, outcome: Outcome) -> Trial:
    """Record the decision; the trial stays. Raises NotFound (`unknown-trial`), Refused."""
    person = allow(person, Action.PLAN)
    with context.transaction() as session:
        store.trial(session, trial_id).check_closable(context.today())
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
    """Compares the counted departures of the baseline with those of the phase so far."""
    return trial_result(trial, _measured(context, trial, trial.baseline), _measured(context, trial, trial.phase))


def _measured(context: AppContext, trial: Trial, span: Span) -> list[float]:
    """The measure of each counted departure of the span until today; of a trial with a stop, at that stop only."""
    first, last = max(span.first, FIRST_DATE), min(span.last, context.today())
    if last < first:
        return []
    span = Span(first, last)
    by = (Grouping.DAY, Grouping.TRIP) if trial.stop is None else (Grouping.DAY, Grouping.TRIP, Grouping.STOP)
    lines = exact_ridership(context, span, by).lines
    if trial.stop is not None:
        lines = tuple(line for line in lines if line.key[2] == trial.stop)
    counted = [line.amounts for line in lines if line.run.counted]
    if trial.measure is Measure.LEFT_BEHIND_PER_DEPARTURE:
        return [float(amounts.left_behind) for amounts in counted]
    return [float(amounts.boardings) for amounts in counted]
