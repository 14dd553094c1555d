"""Trial: a pre-registered question about a phase of the service, evaluated from counts.

The measure, baseline, duration and goal are stored before the phase starts and never change, so they cannot be chosen by the
result. A trial can be deleted until its decision is stored. A failed trial stays as visible as a successful one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from shuttle.domain.basics.errors import Invalid, Refused
from shuttle.domain.basics.service_time import days_after, service_date
from shuttle.domain.ridership.statistics import MeanChange, change
from shuttle.domain.ridership.summaries import Span

LONGEST_TEXT = 300


class Measure(StrEnum):
    """What is compared. Each is a mean over departures, so that more counting does not look like more passengers."""

    BOARDINGS_PER_DEPARTURE = "boardings_per_departure"
    LEFT_BEHIND_PER_DEPARTURE = "left_behind_per_departure"


class Outcome(StrEnum):
    """The planner's decision after the trial; it may differ from what the figures say."""

    CONTINUED = "continued"
    CHANGED = "changed"
    STOPPED = "stopped"


class TrialVerdict(StrEnum):
    """The result of comparing the counts with the goal."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    UNCERTAIN = "uncertain"
    NOT_COUNTED = "not_counted"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A pre-registered question. `stop` limits it to departures that call there. `goal`: the smallest mean that is a success
    (for passengers left behind: the largest). `stop_rule`: the consequence of missing the goal.

    Raises Invalid (`bad-question`, `bad-stop-rule`, `bad-weeks`, `bad-goal`, `baseline-after-start`).
    """

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
        """Checks that the trial starts after `today`. Raises Invalid (`date-outside`), Refused (`trial-too-late`)."""
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
        """Checks that a decision can be stored. Raises Refused (`trial-closed`, `trial-not-started`)."""
        if self.outcome is not None:
            raise Refused("trial-closed", f"the trial was closed: {self.outcome}", given=self.id)
        if today < self.starts:
            raise Refused("trial-not-started", f"the trial starts on {self.starts}", given=self.id)


@dataclass(frozen=True)
class TrialResult:
    """The change with its interval, the verdict so far, and the numbers of counted departures."""

    change: MeanChange | None
    finding: TrialVerdict
    counted_before: int
    counted_after: int


def trial_result(trial: Trial, before: Sequence[float], after: Sequence[float]) -> TrialResult:
    """The result, from the count of each counted departure in the baseline and in the phase."""
    difference = change(before, after)
    return TrialResult(difference, _verdict(trial, difference), len(before), len(after))


def _verdict(trial: Trial, difference: MeanChange | None) -> TrialVerdict:
    if difference is None:
        return TrialVerdict.NOT_COUNTED
    low, high = difference.after.low, difference.after.high
    if low is None or high is None:
        return TrialVerdict.UNCERTAIN
    if trial.measure is Measure.LEFT_BEHIND_PER_DEPARTURE:
        reached, missed = high <= trial.goal, low > trial.goal
    else:
        reached, missed = low >= trial.goal, high < trial.goal
    return TrialVerdict.REACHED if reached else TrialVerdict.NOT_REACHED if missed else TrialVerdict.UNCERTAIN
