"""What the house does for itself by night: each a function that says what came of it, for a reader of any language.

Each may be done again, since a run that was interrupted is taken up again, and that changes nothing that was done: a backup takes
the place of that day's, a release and a report are there once and stay, an estimate takes the place of that night's, who is
forgotten stays forgotten, and the other three only look.
"""

from datetime import date, timedelta
from pathlib import Path

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.outcome import JobOutcome
from shuttle.domain.ridership.fortnights import ANCHOR
from shuttle.language import Words
from shuttle.services.app_context import AppContext
from shuttle.services.operation import reminders
from shuttle.services.operation.backups import backup
from shuttle.services.operation.stored_reports import write_due
from shuttle.services.ridership import rollup
from shuttle.services.ridership.demand_estimates import WEEKS, estimate_demand
from shuttle.services.ridership.releases import freeze_due
from shuttle.services.ridership.retention import forget

CLOCK = Person("clock", "clock", Role.ADMIN)
"""Who the record of acts names for what nobody asked for."""

BACKUPS_KEPT = 14


def release_figures(context: AppContext, threshold: int, anchor: date) -> JobOutcome:
    """Release every fortnight that is due."""
    return JobOutcome("released", {"fortnights": len(freeze_due(context, CLOCK, threshold, anchor))})


def forget_observers(context: AppContext, observer_days: int, sign_in_days: int) -> JobOutcome:
    """Forget who counted long ago."""
    done = forget(context, CLOCK, observer_days, sign_in_days)
    return JobOutcome(
        "forgotten", {"observers": done.observers, "superseded": done.superseded, "sign_ins": done.sign_ins}
    )


def save_everything(context: AppContext, folder: Path) -> JobOutcome:
    """Today's verified backup in the folder, beside those of the last two weeks."""
    folder.mkdir(parents=True, exist_ok=True)
    yesterday = f"shuttle-{context.today() - timedelta(days=1)}"
    for left in folder.glob("shuttle-*.part*"):
        if left.name < yesterday:  # of a run whose process was killed; one of today may be somebody's at this moment
            left.unlink(missing_ok=True)
    file = folder / f"shuttle-{context.today().isoformat()}.db"
    contents = backup(context, CLOCK, file)
    for old in sorted(folder.glob("shuttle-*.db"))[:-BACKUPS_KEPT]:
        old.unlink(missing_ok=True)
    return JobOutcome("saved", {"rows": sum(contents.values()), "file": file.name})


def check_rollup(context: AppContext) -> JobOutcome:
    """Prove the sums; what is wrong is left for a person to look at. Raises Refused (`sums-differ`), so that it is seen."""
    found = rollup.check(context, CLOCK)
    if found:
        said = f"{len(found)} differences between sums and counts: shuttle rollup check"
        raise Refused("sums-differ", said, given=len(found))
    return JobOutcome("sums-equal")


def write_reports(context: AppContext, words: Words, fonts: Path | None, anchor: date = ANCHOR) -> JobOutcome:
    """The reports of the periods that are over, beside the earlier ones."""
    written = write_due(context, CLOCK, words, fonts, anchor)
    return (
        JobOutcome("written", {"reports": ", ".join(report.name for report in written)})
        if written
        else JobOutcome("none-due")
    )


def estimate(context: AppContext) -> JobOutcome:
    """Demand from the counts of the last weeks, for the planner's page."""
    made = estimate_demand(context, CLOCK)
    if made is None:
        return JobOutcome("nothing-counted", {"weeks": WEEKS})
    days = max(pair.days for pair in made.pairs)
    return JobOutcome("estimated", {"pairs": len(made.pairs), "days": days})


def name_uncounted(context: AppContext) -> JobOutcome:
    """Departures of yesterday that nobody counted. The staff's page asks for them, too."""
    span = reminders.yesterday(context)
    found = reminders.counted(context, span)
    if not found.missing:
        return JobOutcome("all-counted", {"due": found.due}) if found.due else JobOutcome("nothing-to-count")
    times = [departure.departs for departure in found.missing]
    return JobOutcome("uncounted", {"uncounted": len(times), "due": found.due, "times": times})


def look_ahead(context: AppContext) -> JobOutcome:
    """Days that a planner has not decided, days on which no timetable applies, and a last table that ends soon."""
    found = reminders.upcoming(context)
    amounts = {"undecided": len(found.undecided), "without": len(found.without), "tables": len(found.tables)}
    return JobOutcome("looked-ahead", {**amounts, "days": reminders.AHEAD})
