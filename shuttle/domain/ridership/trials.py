"""Did it work? Asked before, so that the answer cannot be chosen afterwards.

A trial is a question about the service that is written down before a phase starts: what is measured, over which weeks it is
compared with, for how long, and what must be reached. Nothing in it changes; until a decision is written down it can be deleted
whole. What came of it is worked out from the counts, with its uncertainty; and a trial that failed stays as visible as one that
succeeded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from shuttle.domain.basics.errors import Invalid, Refused
from shuttle.domain.basics.service_time import days_after, service_date
from shuttle.domain.ridership.statistics import Change, change
from shuttle.domain.ridership.summaries import Span

LONGEST_TEXT = 300


class Measure(StrEnum):
    """What is compared. Each is a mean over departures, so that more counting does not look like more riding."""

    BOARDINGS_PER_DEPARTURE = "boardings_per_departure"
    LEFT_BEHIND_PER_DEPARTURE = "left_behind_per_departure"


class Outcome(StrEnum):
    """What the planner decided when the trial was over; the figures stand beside it."""

    CONTINUED = "continued"
    CHANGED = "changed"
    STOPPED = "stopped"


class TrialVerdict(StrEnum):
    """What the counts say of the goal."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    UNCERTAIN = "uncertain"
    NOT_COUNTED = "not_counted"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A question, asked before. `stop` narrows it to departures that call there; `goal` is the least mean that is a success
    (for those left behind: the greatest). `stop_rule` says what happens when the goal is missed."""

    id: str
    question: str
    measure: Measure
    baseline: Span
    starts: date
    weeks: int
    goal: float
    stop_rule: str
    stop: str | None = None
    planned_by: str = ""
    planned_at: datetime | None = None
    outcome: Outcome | None = None
    closed_by: str = ""
    closed_at: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("question", "stop_rule"):
            if not 3 <= len(getattr(self, name).strip()) <= LONGEST_TEXT:
                raise Invalid(
                    f"bad-{name.replace('_', '-')}",
                    f"the {name.replace('_', ' ')} is empty or too long",
                    given=getattr(self, name)[:40],
                    allowed=f"3 to {LONGEST_TEXT} characters",
                )
        if not 1 <= self.weeks <= 104:
            raise Invalid("bad-weeks", f"a trial of {self.weeks} weeks", given=self.weeks, allowed="1 to 104 weeks")
        if not 0 <= self.goal <= 1000:
            raise Invalid("bad-goal", f"a goal of {self.goal} per departure", given=self.goal, allowed="0 to 1000")
        if self.baseline.last >= self.starts:
            raise Invalid(
                "baseline-after-start",
                f"the baseline ends on {self.baseline.last}, and the trial starts on {self.starts}",
                given=self.baseline.last,
                allowed="a baseline that ends before the start",
            )

    @property
    def phase(self) -> Span:
        return Span(self.starts, days_after(self.starts, 7 * self.weeks - 1))

    def check_plannable(self, today: date) -> None:
        """Raises Invalid (`date-outside`), Refused (`trial-too-late`): a question that is asked after the start is no trial."""
        for day in (self.baseline.first, self.baseline.last, self.starts, self.phase.last):
            service_date(day)
        if self.starts <= today:
            raise Refused(
                "trial-too-late",
                f"the trial would have started on {self.starts}; it must be written down before",
                given=self.starts,
                allowed=f"from {today + timedelta(days=1)} on",
            )

    def check_closable(self, today: date) -> None:
        """Raises Refused (`trial-closed`, `trial-not-started`)."""
        if self.outcome is not None:
            raise Refused("trial-closed", f"the trial was closed: {self.outcome}", given=self.id)
        if today < self.starts:
            raise Refused("trial-not-started", f"the trial starts on {self.starts}", given=self.id)


@dataclass(frozen=True)
class TrialResult:
    """Before and after with their uncertainty, and what they say of the goal so far."""

    change: Change | None
    finding: TrialVerdict
    counted_before: int
    counted_after: int


def result(trial: Trial, before: Sequence[float], after: Sequence[float]) -> TrialResult:
    """What came of it, from the counts of each counted departure in the baseline and in the phase."""
    found = change(before, after)
    return TrialResult(found, _finding(trial, found), len(before), len(after))


def _finding(trial: Trial, found: Change | None) -> TrialVerdict:
    if found is None:
        return TrialVerdict.NOT_COUNTED
    low, high = found.after.low, found.after.high
    if low is None or high is None:
        return TrialVerdict.UNCERTAIN
    if trial.measure is Measure.LEFT_BEHIND_PER_DEPARTURE:
        reached, missed = high <= trial.goal, low > trial.goal
    else:
        reached, missed = low >= trial.goal, high < trial.goal
    return TrialVerdict.REACHED if reached else TrialVerdict.NOT_REACHED if missed else TrialVerdict.UNCERTAIN
