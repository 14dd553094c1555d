"""Trial: a pre-registered question about a phase of the service, evaluated from counts.

The measure, baseline, duration and goal are stored before the phase starts and never change, so they cannot be chosen by the
result. A trial can be deleted until its decision is stored. A failed trial stays as visible as a successful one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from shuttle.domain.basics.errors import Invalid, Refused
from shuttle.domain.basics.service_time import days_after, service_date
from shuttle.domain.ridership.statistics import Mean, MeanChange, Week, change, effect, weekly_mean
from shuttle.domain.ridership.summaries import Span

LONGEST_TEXT = 300


class Measure(StrEnum):
    """Measure that is compared. Riders a week is the primary measure: more departures with as many passengers each are more passengers.

    With a stop, riders are those who left there; boardings and left behind at the base stop are those at that stop.
    """

    RIDERS_PER_WEEK = "riders_per_week"
    BOARDINGS_PER_DEPARTURE = "boardings_per_departure"
    LEFT_BEHIND_PER_DEPARTURE = "left_behind_per_departure"


class Outcome(StrEnum):
    """The planner's decision after the trial; it may differ from the verdict of the figures."""

    CONTINUED = "continued"
    CHANGED = "changed"
    STOPPED = "stopped"


class TrialVerdict(StrEnum):
    """The result of comparing the counts with the goal."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    UNCERTAIN = "uncertain"
    RUNNING = "running"
    NOT_COUNTED = "not_counted"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A pre-registered question. `stop` limits it to those who ride there. `goal`: the smallest mean that is a success
    (for passengers left behind: the largest), a departure or, for riders a week, a week. `stop_rule`: the consequence of missing the goal.

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
        most = 100_000 if self.measure is Measure.RIDERS_PER_WEEK else 1000
        if not 0 <= self.goal <= most:
            raise Invalid("bad-goal", f"a goal of {self.goal}", given=self.goal, allowed=f"0 to {most}")
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

    def check_closable(self, today: date, outcome: Outcome) -> None:
        """Checks that a decision can be stored; one that rests on the figures waits for the end of the phase.

        Raises Refused (`trial-closed`, `trial-not-started`, `trial-running`).
        """
        if self.outcome is not None:
            raise Refused("trial-closed", f"the trial was closed: {self.outcome}", given=self.id)
        if today < self.starts:
            raise Refused("trial-not-started", f"the trial starts on {self.starts}", given=self.id)
        if today <= self.phase.last and outcome is not Outcome.STOPPED:
            raise Refused(
                "trial-running",
                f"the phase lasts until {self.phase.last}; before that a trial can be stopped only",
                given=outcome.value,
                allowed="stopped",
            )


@dataclass(frozen=True, kw_only=True)
class MeasuredWeek:
    """Seven days of a trial: the measured total with its bounds, over `base` (departures, or 1 for the week itself).

    `least` and `most` are certain; `most` None: no upper bound. `estimate` puts departures that were not counted at the mean of
    the counted ones. `due`: departures that have left, of which `counted` have a figure. A week has no estimate without those.
    """

    least: float
    most: float | None
    estimate: float
    base: float
    counted: int
    due: int


@dataclass(frozen=True, kw_only=True)
class TrialPeriod:
    """The baseline, the phase so far, or a control in one of the two."""

    weeks: tuple[MeasuredWeek, ...] = ()

    @property
    def counted(self) -> int:
        return sum(week.counted for week in self.weeks)

    @property
    def due(self) -> int:
        return sum(week.due for week in self.weeks)

    @property
    def estimates(self) -> list[Week]:
        return [Week(week.estimate, week.base) for week in self.weeks if week.counted]

    @property
    def is_exact(self) -> bool:
        """True when no figure of a counted departure is an interval."""
        return all(week.most == week.least for week in self.weeks if week.counted == week.due)

    @cached_property
    def mean(self) -> Mean | None:
        return weekly_mean(self.estimates)

    @property
    def departures_a_week(self) -> float | None:
        return self.due / len(self.weeks) if self.weeks else None


class Control(StrEnum):
    """Control: dates or a stop to compare with besides the baseline, to tell an effect from the season."""

    LAST_YEAR = "last_year"
    OTHER_DEPARTURES = "other_departures"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class TrialResult:
    """The verdict, and the figures behind it. `change`: after minus before, only when the phase is over.

    `effect`: the change as a share, less that of `control`; None where no control has enough weeks: season and effect cannot
    be separated then.
    """

    before: TrialPeriod
    after: TrialPeriod
    finding: TrialVerdict
    change: MeanChange | None = None
    effect: MeanChange | None = None
    control: Control = Control.NONE


def trial_result(
    trial: Trial,
    before: TrialPeriod,
    after: TrialPeriod,
    controls: Sequence[tuple[Control, TrialPeriod, TrialPeriod]],
    today: date,
) -> TrialResult:
    """The result from the weeks of both periods. Before the phase has ended there is no verdict: looking every week at an interval
    made for one look finds a success by chance in up to a quarter of trials.

    `controls`: each with its weeks beside the baseline and beside the phase, the preferred one first.
    """
    if not after.counted:
        return TrialResult(before=before, after=after, finding=TrialVerdict.NOT_COUNTED)
    if today <= trial.phase.last:
        return TrialResult(before=before, after=after, finding=TrialVerdict.RUNNING)
    measured, chosen = None, Control.NONE
    for control, beside_before, beside_after in controls:
        measured = effect(before.estimates, after.estimates, beside_before.estimates, beside_after.estimates)
        if measured is not None:
            chosen = control
            break
    return TrialResult(
        before=before,
        after=after,
        finding=_verdict(trial, after),
        change=change(before.estimates, after.estimates),
        effect=measured,
        control=chosen,
    )


def _verdict(trial: Trial, after: TrialPeriod) -> TrialVerdict:
    """`reached` and `not_reached` only where the interval around the certain bounds allows nothing else."""
    least = weekly_mean([Week(week.least, week.base) for week in after.weeks])
    bounds = [Week(week.most, week.base) for week in after.weeks if week.most is not None]
    most = weekly_mean(bounds) if len(bounds) == len(after.weeks) else None
    low, high = least.low if least else None, most.high if most else None
    if trial.measure is Measure.LEFT_BEHIND_PER_DEPARTURE:
        reached, missed = high is not None and high <= trial.goal, low is not None and low > trial.goal
    else:
        reached, missed = low is not None and low >= trial.goal, high is not None and high < trial.goal
    return TrialVerdict.REACHED if reached else TrialVerdict.NOT_REACHED if missed else TrialVerdict.UNCERTAIN
