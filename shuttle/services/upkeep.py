"""What the house does for itself by night: each a function that says in a line what it did."""

from datetime import timedelta
from pathlib import Path

from shuttle.domain.access import Person, Role
from shuttle.domain.clock import dates
from shuttle.domain.ridership import Grouping, Span
from shuttle.services import rollup
from shuttle.services.backups import backup
from shuttle.services.house import House
from shuttle.services.releases import freeze_due
from shuttle.services.retention import forget
from shuttle.services.ridership import exact_ridership

CLOCK = Person("clock", "clock", Role.ADMIN)
"""Who the record of acts names for what nobody asked for."""

BACKUPS_KEPT = 14
AHEAD = 60
"""Days that are looked at for what a planner has not decided."""


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
    """Prove the sums; what is wrong is said and left for a person to look at."""
    found = rollup.check(house, CLOCK)
    return f"{len(found)} differences: shuttle rollup check" if found else "the sums are what was counted"


def name_uncounted(house: House) -> str:
    """Departures of yesterday that nobody counted."""
    yesterday = house.today() - timedelta(days=1)
    whole = exact_ridership(house, Span(yesterday, yesterday), (Grouping.DAY,)).total.run
    return f"{whole.due - whole.counted} of {whole.due} departures of {yesterday} were not counted"


def look_ahead(house: House) -> str:
    """Days that a planner has not decided, and days on which no timetable applies."""
    schedule, today = house.schedule(), house.today()
    undecided, without = 0, 0
    for day in dates(today, today + timedelta(days=AHEAD)):
        found = schedule.departures_on(day)
        undecided += found.service_day.undecided
        without += found.timetable is None
    return f"{undecided} undecided days, {without} days without a timetable in the next {AHEAD}"
