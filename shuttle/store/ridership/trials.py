"""Trials in the database."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.domain.basics.errors import NotFound, Refused
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.ridership.trials import Measure, Outcome, Trial
from shuttle.store.engine.rows import readable
from shuttle.store.tables.ridership import TrialRow


def add_trial(session: Session, trial: Trial) -> None:
    """Add a trial without an outcome."""
    session.add(
        TrialRow(
            id=trial.id,
            question=trial.question,
            measure=trial.measure.value,
            baseline_first=trial.baseline.first,
            baseline_last=trial.baseline.last,
            starts=trial.starts,
            weeks=trial.weeks,
            goal=trial.goal,
            stop_rule=trial.stop_rule,
            stop=trial.stop,
            planned_by=trial.planned_by,
            planned_at=trial.planned_at,
            closed_by="",
        )
    )


def trials(session: Session) -> list[Trial]:
    """All trials, the latest start first, without the invalid ones of `unreadable_trials`."""
    rows = session.scalars(select(TrialRow).order_by(TrialRow.starts.desc(), TrialRow.id))
    return list(readable(rows, _trial))


def unreadable_trials(session: Session) -> list[TrialRow]:
    """Rows without an outcome that the domain refuses (a baseline of 2000 years, say); a page shows them for deletion."""
    rows = session.scalars(select(TrialRow).where(TrialRow.outcome.is_(None)).order_by(TrialRow.id)).all()
    return [row for row in rows if not list(readable([row], _trial))]


def trial(session: Session, trial_id: str) -> Trial:
    """One trial. Raises NotFound (`unknown-trial`)."""
    return _trial(_row(session, trial_id))


def close_trial(session: Session, trial_id: str, outcome: Outcome, by: str, at: datetime) -> None:
    """Fill in the outcome. Raises NotFound (`unknown-trial`)."""
    row = _row(session, trial_id)
    row.outcome, row.closed_by, row.closed_at = outcome.value, by, at


def delete_trial(session: Session, trial_id: str) -> TrialRow:
    """Delete a trial and return its row. Raises NotFound (`unknown-trial`), Refused (`trial-closed`)."""
    row = _row(session, trial_id)
    if row.outcome:
        raise Refused("trial-closed", f"the trial was closed: {row.outcome}", given=trial_id)
    session.delete(row)
    session.flush()
    return row


def _row(session: Session, trial_id: str) -> TrialRow:
    row = session.get(TrialRow, trial_id)
    if row is None:
        raise NotFound("unknown-trial", f"there is no trial {trial_id!r}", given=trial_id)
    return row


def _trial(row: TrialRow) -> Trial:
    return Trial(
        id=row.id,
        question=row.question,
        measure=Measure(row.measure),
        baseline=Span(row.baseline_first, row.baseline_last),
        starts=row.starts,
        weeks=row.weeks,
        goal=row.goal,
        stop_rule=row.stop_rule,
        stop=row.stop,
        planned_by=row.planned_by,
        planned_at=row.planned_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
    )
