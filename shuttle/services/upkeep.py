"""What the house does for itself by night: each a function that says in a line what it did."""

from pathlib import Path

from shuttle.domain.access import Person, Role
from shuttle.domain.clock import clock
from shuttle.domain.errors import Refused
from shuttle.language import Words
from shuttle.services import attention, rollup
from shuttle.services.backups import backup
from shuttle.services.demand_estimates import WEEKS, estimate_demand
from shuttle.services.filed_reports import write_due
from shuttle.services.house import House
from shuttle.services.releases import freeze_due
from shuttle.services.retention import forget

CLOCK = Person("clock", "clock", Role.ADMIN)
"""Who the record of acts names for what nobody asked for."""

BACKUPS_KEPT = 14


def release_figures(house: House, threshold: int) -> str:
    """Release every fortnight that is due."""
    return f"{len(freeze_due(house, CLOCK, threshold))} fortnights released"


def forget_observers(house: House, observer_days: int, sign_in_days: int) -> str:
    """Forget who counted long ago."""
    done = forget(house, CLOCK, observer_days, sign_in_days)
    return f"{done.observers} counts made nobody's, {done.superseded} superseded, {done.sign_ins} sign-ins removed"


def save_everything(house: House, folder: Path) -> str:
    """Today's verified backup in the folder, beside those of the last two weeks."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"shuttle-{house.today().isoformat()}.zip"
    contents = backup(house, CLOCK, file)
    for old in sorted(folder.glob("shuttle-*.zip"))[:-BACKUPS_KEPT]:
        old.unlink()
    return f"{sum(rows for rows, _ in contents.values())} rows in {file.name}, restored and compared"


def check_rollup(house: House) -> str:
    """Prove the sums; what is wrong is left for a person to look at. Raises Refused (`sums-differ`), so that it is seen."""
    found = rollup.check(house, CLOCK)
    if found:
        raise Refused("sums-differ", f"{len(found)} differences between sums and counts: shuttle rollup check")
    return "the sums are what was counted"


def write_reports(house: House, folder: Path, words: Words, fonts: Path | None) -> str:
    """The reports of the periods that are over, beside the earlier ones."""
    written = write_due(house, CLOCK, folder, words, fonts)
    return f"written: {', '.join(report.name for report in written)}" if written else "no report was due"


def estimate(house: House) -> str:
    """Demand from the counts of the last weeks, for the planner's page."""
    made = estimate_demand(house, CLOCK)
    if made is None:
        return f"nothing was counted in the last {WEEKS} weeks"
    days = max(pair.days for pair in made.pairs)
    return f"{len(made.pairs)} pairs of stops and day types, from {days} counted days at most"


def name_uncounted(house: House) -> str:
    """Departures of yesterday that nobody counted. The staff's page asks for them, too."""
    span = attention.yesterday(house)
    found = attention.counted(house, span)
    named = ", ".join(clock(departure.departs) for departure in found.missing)
    said = f"{len(found.missing)} of {found.due} departures of {span.first} were not counted"
    return f"{said}: {named}" if named else said


def look_ahead(house: House) -> str:
    """Days that a planner has not decided, days on which no timetable applies, and a last table that ends soon."""
    found = attention.ahead(house)
    said = f"{len(found.undecided)} undecided days, {len(found.without)} days without a timetable"
    ends = "".join(f"; {finding.detail}" for finding in found.tables)
    return f"{said} in the next {attention.AHEAD}{ends}"
