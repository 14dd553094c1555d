"""Import of paper counts, on both databases: whole sheets or nothing, each once, below counts made on board."""

from datetime import date

import pytest
from sqlalchemy import func, select

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid, NotAllowed
from shuttle.domain.basics.service_time import time_of_day_text
from shuttle.domain.ridership.boardings import Count
from shuttle.feeds.counts.paper_counts import PaperSheet, read_paper_counts
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.count_exports import export_counts
from shuttle.services.ridership.paper_counts import Imported, import_paper_counts
from shuttle.services.ridership.retention import forget
from shuttle.services.ridership.rollup import check
from shuttle.store.tables.operation import AuditLogRow
from shuttle.store.tables.ridership import ObservationRow

ADMIN = Person("a", "Admin", Role.ADMIN)
FRIDAY = date(2026, 11, 20)
TEN = "2026-11-20.gyldenpris-weekday-1000"
SHEET = (
    "date,departs,stop,boardings,alightings\n"
    "2026-11-20,10:00,vagsbunnen,4,0\n"
    "2026-11-20,10:00,mo-gyldenpris,0,4\n"
    "2026-11-20,12:00,vagsbunnen,,\n"
)


def sheet(context: AppContext, text: str) -> PaperSheet:
    return read_paper_counts("counts.csv", text.encode(), context.schedule(), context.now(), context.zone)


def import_text(context: AppContext, text: str) -> Imported:
    return import_paper_counts(context, ADMIN, sheet(context, text), "counts.csv")


def holding_boardings(context: AppContext) -> dict[tuple[str, str], int]:
    """(departure, stop) -> the boardings that hold."""
    taken = export_counts(context, ADMIN, FRIDAY, FRIDAY, "boardings")
    return {
        (counted.departure.id, stop.stop): stop.held.count.boardings
        for counted in taken.departures
        for stop in counted.stops
        if stop.held
    }


def stored(context: AppContext) -> int:
    with context.reading() as session:
        return session.scalar(select(func.count()).select_from(ObservationRow)) or 0


def test_a_sheet_is_taken_in_and_the_same_again_adds_nothing(context: AppContext) -> None:
    assert import_text(context, SHEET) == Imported(added=2, known=0, blank=1)
    assert import_text(context, SHEET) == Imported(added=0, known=2, blank=1)
    assert holding_boardings(context) == {(TEN, "vagsbunnen"): 4, (TEN, "mo-gyldenpris"): 0}
    assert stored(context) == 2
    assert check(context, ADMIN) == []


def test_lines_in_another_order_and_beside_new_ones_are_known(context: AppContext) -> None:
    import_text(context, SHEET)
    header, first, second, _ = SHEET.splitlines()
    again = "\n".join([header, second, "2026-11-20,15:00,vagsbunnen,1,", first])
    assert import_text(context, again) == Imported(added=1, known=2, blank=0)


def test_a_corrected_sheet_replaces_counts_and_so_does_its_reversal(context: AppContext) -> None:
    corrected = SHEET.replace("vagsbunnen,4,0", "vagsbunnen,5,0")
    for text, boardings in ((SHEET, 4), (corrected, 5), (SHEET, 4), (SHEET, 4)):
        import_text(context, text)
        assert holding_boardings(context)[TEN, "vagsbunnen"] == boardings
    assert stored(context) == 4
    assert check(context, ADMIN) == []


def test_a_sheet_is_known_also_when_it_is_forgotten_who_counted(context: AppContext) -> None:
    corrected = SHEET.replace("vagsbunnen,4,0", "vagsbunnen,5,0")
    import_text(context, SHEET)
    import_text(context, corrected)
    forget(context, ADMIN, observer_days=1, sign_in_days=1)
    assert import_text(context, corrected) == Imported(added=0, known=2, blank=1)
    assert import_text(context, SHEET) == Imported(added=1, known=1, blank=1)
    assert holding_boardings(context)[TEN, "vagsbunnen"] == 4
    assert check(context, ADMIN) == []


def test_one_fault_and_nothing_is_taken_in(context: AppContext) -> None:
    broken = SHEET + "2026-11-20,15:00,vagsbunnen,many,\n"
    with pytest.raises(Invalid) as refused:
        import_text(context, broken)
    assert [(fault.where, fault.line, fault.given) for fault in refused.value.faults] == [("counts.csv", 5, "many")]
    assert stored(context) == 0


def test_counts_on_board_precede_paper_in_either_order(context: AppContext) -> None:
    driver = Person("d", "Driver", Role.DRIVER)
    staff = Person("s", "Staff", Role.STAFF)
    record_and_wait(context, staff, Count(departure=TEN, stop="vagsbunnen", boardings=7), "k1")
    import_text(context, SHEET)
    record_and_wait(context, driver, Count(departure=TEN, stop="mo-gyldenpris", boardings=2), "k2")
    assert holding_boardings(context) == {(TEN, "vagsbunnen"): 7, (TEN, "mo-gyldenpris"): 2}
    assert check(context, ADMIN) == []


def test_paper_is_marked_as_paper_and_the_import_is_recorded(context: AppContext) -> None:
    import_text(context, SHEET)
    with context.reading() as session:
        assert set(session.execute(select(ObservationRow.source, ObservationRow.role))) == {("paper", "paper")}
        (act,) = session.scalars(select(AuditLogRow).where(AuditLogRow.act == "import-counts"))
    assert (act.person, act.subject, act.details) == ("Admin", "counts.csv", {"added": 2, "known": 0, "blank": 1})


def test_a_reader_may_not_take_counts_in(context: AppContext) -> None:
    with pytest.raises(NotAllowed):
        import_paper_counts(context, Person("r", "r", Role.READER), sheet(context, SHEET), "counts.csv")


def test_a_year_of_sheets_is_taken_in_at_once(context: AppContext) -> None:
    lines = ["date,departs,stop,boardings"]
    for number in range(330):
        day = date.fromordinal(FRIDAY.toordinal() - number)
        departures = context.schedule().departures_on(day).departures
        lines += [f"{day},{time_of_day_text(departure.departs)},vagsbunnen,{number % 9}" for departure in departures]
    imported = import_text(context, "\n".join(lines))
    assert imported == Imported(added=len(lines) - 1, known=0, blank=0)
    assert imported.added > 1400
    assert import_text(context, "\n".join(lines)) == Imported(added=0, known=len(lines) - 1, blank=0)
    assert check(context, ADMIN) == []
