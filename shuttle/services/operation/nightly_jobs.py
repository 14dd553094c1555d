"""Nightly jobs: each a function that returns its JobOutcome, which is rendered in any language.

Every job is idempotent, because an interrupted run is started again. A backup replaces that day's and an estimate that
night's; releases, reports and removed observers stay; the others only read.
"""

from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.outcome import JobOutcome
from shuttle.domain.ridership.fortnights import ANCHOR
from shuttle.language import Words
from shuttle.services.app_context import AppContext
from shuttle.services.operation import reminders
from shuttle.services.operation.backups import backup, drill
from shuttle.services.operation.stored_reports import write_due
from shuttle.services.ridership import rollup
from shuttle.services.ridership.demand_estimates import WEEKS, estimate_demand
from shuttle.services.ridership.releases import freeze_due
from shuttle.services.ridership.retention import DUTY_DAYS, forget

CLOCK = Person("clock", "clock", Role.ADMIN)
"""The acting person of scheduled jobs in the audit log."""

BACKUPS_KEPT = 14


def release_figures(context: AppContext, threshold: int, anchor: date) -> JobOutcome:
    """Release every fortnight that is due."""
    return JobOutcome("released", {"fortnights": len(freeze_due(context, CLOCK, threshold, anchor))})


def forget_observers(
    context: AppContext, observer_days: int, sign_in_days: int, duty_days: int = DUTY_DAYS
) -> JobOutcome:
    """Remove persons and moments of old counts and reports, old sign-ins and old duty assignments."""
    numbers = forget(context, CLOCK, observer_days, sign_in_days, duty_days=duty_days)
    return JobOutcome("made-anonymous", asdict(numbers))


def back_up(context: AppContext, folder: Path) -> JobOutcome:
    """Write today's verified backup to the folder and keep those of the last two weeks."""
    folder.mkdir(parents=True, exist_ok=True)
    yesterday = f"shuttle-{context.today() - timedelta(days=1)}"
    for part in folder.glob("shuttle-*.part*"):
        if part.name < yesterday:  # left by a killed run; today's may belong to a running one
            part.unlink(missing_ok=True)
    file = folder / f"shuttle-{context.today().isoformat()}.db"
    contents = backup(context, CLOCK, file)
    for old in sorted(folder.glob("shuttle-*.db"))[:-BACKUPS_KEPT]:
        old.unlink(missing_ok=True)
    return JobOutcome("saved", {"rows": sum(contents.values()), "file": file.name})


def drill_restore(context: AppContext, folder: Path) -> JobOutcome:
    """Restore the newest backup into a scratch database, and check its sums. Raises Refused (`no-backup`, `sums-differ`), Invalid
    (`not-a-backup`).
    """
    backups = sorted(folder.glob("shuttle-*.db"))
    if not backups:
        raise Refused("no-backup", f"there is no backup in {folder}", given=str(folder))
    rows = drill(context, CLOCK, backups[-1])
    return JobOutcome("restored", {"rows": rows, "file": backups[-1].name})


def check_rollup(context: AppContext) -> JobOutcome:
    """Verify the sums. Raises Refused (`sums-differ`); repairing them is a person's decision."""
    differences = rollup.check(context, CLOCK)
    if differences:
        detail = f"{len(differences)} differences between sums and counts: shuttle rollup check"
        raise Refused("sums-differ", detail, given=len(differences))
    return JobOutcome("sums-equal")


def write_reports(context: AppContext, words: Words, fonts: Path | None, anchor: date = ANCHOR) -> JobOutcome:
    """Write the reports of ended periods."""
    written = write_due(context, CLOCK, words, fonts, anchor)
    return (
        JobOutcome("written", {"reports": ", ".join(report.name for report in written)})
        if written
        else JobOutcome("none-due")
    )


def estimate(context: AppContext) -> JobOutcome:
    """Estimate demand from the counts of the last weeks, for the planner's page."""
    night = estimate_demand(context, CLOCK)
    if night is None:
        return JobOutcome("nothing-counted", {"weeks": WEEKS})
    days = max(pair.days for pair in night.pairs)
    return JobOutcome("estimated", {"pairs": len(night.pairs), "days": days})


def report_uncounted(context: AppContext) -> JobOutcome:
    """Yesterday's departures without a count, which the staff page lists as well."""
    span = reminders.yesterday(context)
    day = reminders.counted(context, span)
    if not day.missing:
        return JobOutcome("all-counted", {"due": day.due}) if day.due else JobOutcome("nothing-to-count")
    times = [departure.departs for departure in day.missing]
    return JobOutcome("uncounted", {"uncounted": len(times), "due": day.due, "times": times})


def look_ahead(context: AppContext) -> JobOutcome:
    """Undecided days, days without a timetable, and timetables that end soon."""
    upcoming = reminders.upcoming(context)
    amounts = {"undecided": len(upcoming.undecided), "without": len(upcoming.without), "tables": len(upcoming.tables)}
    return JobOutcome("looked-ahead", {**amounts, "days": reminders.AHEAD})
