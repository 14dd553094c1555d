"""Asking a question before a phase starts, and reading what came of it."""

from dataclasses import replace
from secrets import token_hex

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import FIRST_DATE
from shuttle.domain.ridership.summaries import Grouping, Span
from shuttle.domain.ridership.trials import Measure, Outcome, Trial, TrialResult, result
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.ridership import exact_ridership
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership import trials as store


def plan_trial(context: AppContext, person: Person | None, wanted: Trial) -> Trial:
    """Write a trial down. Raises Invalid (`unknown-stop`, `date-outside`), Refused (`trial-too-late`)."""
    person = allow(person, Action.PLAN)
    wanted.check_plannable(context.today())
    known = [stop.id for stop in context.schedule().network.stops]
    if wanted.stop is not None and wanted.stop not in known:
        raise Invalid("unknown-stop", f"there is no stop {wanted.stop!r}", given=wanted.stop, allowed=", ".join(known))
    trial = replace(wanted, id=f"trial-{token_hex(4)}", planned_by=person.name, planned_at=context.now(), outcome=None)
    with context.transaction() as session:
        store.add_trial(session, trial)
        add_entry(session, context.now(), person.name, person.role.value, "plan-trial", trial.id)
    return trial


def close_trial(context: AppContext, person: Person | None, trial_id: str, outcome: Outcome) -> Trial:
    """Write down what was decided. The trial stays where it is. Raises NotFound, Refused."""
    person = allow(person, Action.PLAN)
    with context.transaction() as session:
        store.trial(session, trial_id).check_closable(context.today())
        store.close_trial(session, trial_id, outcome, person.name, context.now())
        details = {"outcome": outcome.value}
        add_entry(session, context.now(), person.name, person.role.value, "close-trial", trial_id, details)
        return store.trial(session, trial_id)


def delete_trial(context: AppContext, person: Person | None, trial_id: str) -> None:
    """Delete a trial of which nothing was decided. Raises NotFound (`unknown-trial`), Refused (`trial-closed`)."""
    person = allow(person, Action.PLAN)
    with context.transaction() as session:
        gone = store.delete_trial(session, trial_id)
        details = {"question": gone.question, "stop_rule": gone.stop_rule, "starts": gone.starts.isoformat()}
        details["weeks"] = str(gone.weeks)
        add_entry(session, context.now(), person.name, person.role.value, "delete-trial", trial_id, details)


def unreadable_trials(context: AppContext, person: Person | None) -> list[tuple[str, str]]:
    """Id and question of each stored trial whose dates make no trial: it can be deleted."""
    allow(person, Action.READ_EXACT_RIDERSHIP)
    with context.reading() as session:
        return [(row.id, row.question) for row in store.unreadable_trials(session)]


def trials(context: AppContext, person: Person | None) -> list[tuple[Trial, TrialResult]]:
    """Every trial with what its counts say so far, the latest first; failed ones like the others."""
    allow(person, Action.READ_EXACT_RIDERSHIP)
    with context.reading() as session:
        found = store.trials(session)
    return [(trial, result_of(context, trial)) for trial in found]


def trial(context: AppContext, person: Person | None, trial_id: str) -> tuple[Trial, TrialResult]:
    """One trial. Raises NotFound (`unknown-trial`)."""
    allow(person, Action.READ_EXACT_RIDERSHIP)
    with context.reading() as session:
        found = store.trial(session, trial_id)
    return found, result_of(context, found)


def result_of(context: AppContext, trial: Trial) -> TrialResult:
    """Before and after, from each counted departure; the phase as far as it has come."""
    return result(trial, _measured(context, trial, trial.baseline), _measured(context, trial, trial.phase))


def _measured(context: AppContext, trial: Trial, span: Span) -> list[float]:
    """The measure on each counted departure of the span until today; where a stop is named, as counted at that stop."""
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
