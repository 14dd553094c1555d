"""The schedule in both databases, and the constraints that the databases enforce."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from operator import is_
from threading import Barrier, get_ident

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shuttle.domain.basics.errors import NotFound, Refused
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.service_details import NO_DETAILS
from shuttle.domain.timetable.trips import Publication, Timetable, TimetableStatus
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context, prepare
from shuttle.store.engine import schema
from shuttle.store.tables.timetables import PublicationRow
from shuttle.store.timetable import timetables
from shuttle.store.timetable.schedule import raise_version, read_schedule
from shuttle.store.timetable.service_details import write_details
from tests.builders import SCHEDULES, a_timetable, the_real_schedule, trips
from tests.conftest import OSLO


def comparable(timetable: Timetable) -> Timetable:
    return replace(timetable, changed_at=None, trips=tuple(sorted(timetable.trips, key=lambda trip: trip.id)))


def test_the_stored_schedule_equals_the_files(context: AppContext) -> None:
    stored, written = context.schedule(), the_real_schedule()
    assert stored.network == written.network
    assert stored.calendar == written.calendar
    assert stored.opening_times == written.opening_times
    assert [comparable(t) for t in stored.timetables] == [comparable(t) for t in written.timetables]
    assert [p.valid for p in stored.publications] == [p.valid for p in written.publications]


def test_a_second_start_changes_nothing(context: AppContext, database_url: str) -> None:
    again = open_app_context(database_url, OSLO)
    assert prepare(again, SCHEDULES) is False
    assert schema.upgrade(again.engine) is False
    again.close()


def test_the_cached_schedule_follows_changes_of_another_process(context: AppContext, database_url: str) -> None:
    other = open_app_context(database_url, OSLO)
    for round_trip in range(20):
        before = context.schedule()
        with other.transaction() as session:
            timetables.write_timetable(session, replace(a_timetable(f"v-{round_trip}"), status=TimetableStatus.DRAFT))
            raise_version(session)
        after = context.schedule()
        assert after is not before
        assert f"v-{round_trip}" in after.timetable_by_id
    other.close()


def test_the_cached_schedule_stays_while_nothing_changes(context: AppContext) -> None:
    assert context.schedule() is context.schedule()


def test_unchanged_values_are_the_same_objects_after_a_change(context: AppContext) -> None:
    before = context.schedule()
    with context.transaction() as session:
        timetables.write_timetable(session, replace(a_timetable("another"), status=TimetableStatus.DRAFT))
        raise_version(session)
    after = context.schedule()
    assert after is not before
    assert all(map(is_, after.calendar.special_days, before.calendar.special_days))
    for timetable in before.timetables:
        assert all(map(is_, after.timetable_by_id[timetable.id].trips, timetable.trips))


def test_after_a_change_one_of_many_threads_reads_the_schedule(
    context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    context.schedule()
    readers, all_here = [], Barrier(8)

    def read_slowly(session: Session) -> Schedule:
        readers.append(get_ident())
        time.sleep(0.2)  # long enough for all other threads to arrive
        return read_schedule(session)

    def ask(_number: int) -> Schedule:
        all_here.wait()
        return context.schedule()

    monkeypatch.setattr("shuttle.services.app_context.read_schedule", read_slowly)
    with context.transaction() as session:
        raise_version(session)
    with ThreadPoolExecutor(8) as pool:
        schedules = list(pool.map(ask, range(8)))
    assert len(readers) == 1
    assert all(schedule is schedules[0] for schedule in schedules)


def test_one_version_is_read_as_it_is_among_all(context: AppContext) -> None:
    with context.reading() as session:
        for timetable in read_schedule(session).timetables:
            assert timetables.read_timetable(session, timetable.id) == timetable
        with pytest.raises(NotFound, match="no timetable 'never'"):
            timetables.read_timetable(session, "never")


def test_a_published_timetable_cannot_be_edited(context: AppContext) -> None:
    with pytest.raises(Refused, match="cannot be edited"), context.transaction() as session:
        timetables.write_timetable(session, a_timetable("2024-10", trips("gyldenpris", "weekday", "09:00")))
    assert len(context.schedule().timetable_by_id["2024-10"].trips) == 8


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2030, 1, 1), None), (date(2024, 10, 1), date(2024, 10, 1)), (date(2020, 1, 1), date(2024, 10, 1))],
)
def test_the_database_refuses_publications_that_share_a_date(
    context: AppContext, first: date, last: date | None
) -> None:
    with pytest.raises(Refused, match="another timetable is published"), context.transaction() as session:
        timetables.write_publication(session, Publication("2024-10", Validity(first, last)), "planner")


def test_the_database_refuses_an_overlap_from_extending_a_publication(context: AppContext) -> None:
    with context.transaction() as session:
        timetables.write_publication(session, Publication("2024-10", Validity(date(2020, 1, 1), date(2020, 2, 1))), "p")
    with pytest.raises(Exception, match="publications_never_overlap"), context.transaction() as session:
        row = session.query(PublicationRow).filter_by(valid_from=date(2020, 1, 1)).one()
        row.valid_to = date(2025, 1, 1)


def test_a_withdrawn_publication_blocks_no_other(context: AppContext) -> None:
    with context.transaction() as session:
        assert timetables.withdraw_publications(session, "2024-10", "planner", context.now(), date(2024, 10, 1)) == 1
        timetables.write_publication(session, Publication("2024-10", Validity(date(2024, 10, 1))), "planner")


def test_a_failed_transaction_leaves_nothing(context: AppContext) -> None:
    with pytest.raises(RuntimeError), context.transaction() as session:
        timetables.write_timetable(session, replace(a_timetable("half"), status=TimetableStatus.DRAFT))
        raise RuntimeError("killed")
    with context.reading() as session:
        assert "half" not in read_schedule(session).timetable_by_id


def test_a_database_of_a_newer_program_is_refused(context: AppContext) -> None:
    with context.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused, match="use the newer program"):
        schema.upgrade(context.engine)


def test_the_tables_are_what_the_migrations_make(context: AppContext) -> None:
    """A table changed without a migration would fail only in existing installations."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from shuttle.store.tables.every import Base

    with context.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_an_empty_database_is_filled_once(empty_database_url: str) -> None:
    context = open_app_context(empty_database_url, OSLO)
    assert prepare(context, SCHEDULES) is True
    assert prepare(context, SCHEDULES) is False
    assert len(context.schedule().departures_on(date(2026, 5, 15)).departures) == 5
    context.close()


def test_a_database_of_an_older_program_gets_the_names_of_its_files(context: AppContext) -> None:
    with context.transaction() as session:
        write_details(session, NO_DETAILS)
        raise_version(session)
    assert context.schedule().details == NO_DETAILS
    prepare(context, SCHEDULES)
    assert context.schedule().details.name("nn") == "Bussen til MO-sentera"
    assert context.schedule().details.agency_id == "bergen-kommune"
