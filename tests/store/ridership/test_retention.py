"""Retention removes observers of old counts and changes no sum."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.incidents import Incident, IncidentKind
from shuttle.domain.ridership.summaries import Grouping, Span
from shuttle.services.access.counting_keys import issue_key
from shuttle.services.access.tablets import add_tablet
from shuttle.services.app_context import AppContext
from shuttle.services.ridership import rollup
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.retention import forget
from shuttle.services.ridership.ridership import exact_ridership
from shuttle.store.access.people import account_named, person_of
from shuttle.store.ridership.incidents import add_incident, incidents_on
from shuttle.store.ridership.retention import NO_MOMENT, NO_OBSERVER, RetentionResult
from shuttle.store.tables.operation import AuditLogRow
from shuttle.store.tables.ridership import CountRow, ObservationRow, PassingRow, SkippedStopRow

ADMIN = Person("a", "Admin", Role.ADMIN)
OLD = date(2026, 8, 3)
RECENT = date(2026, 11, 20)


def fill(context: AppContext) -> None:
    """An old and a recent day: a driver who corrects, and staff with a different count."""
    for day in (OLD, RECENT):
        departure = f"{day}.gyldenpris-weekday-1000"
        for number, (person, boardings) in enumerate((("d1", 4), ("d1", 5), ("s1", 7))):
            role = Role.DRIVER if person == "d1" else Role.STAFF
            record_and_wait(
                context,
                Person(person, person, role),
                Count(departure=departure, stop="vagsbunnen", boardings=boardings),
                f"{day}-{number}",
            )


def sources(context: AppContext) -> list[tuple[date, str]]:
    with context.reading() as session:
        rows = session.execute(
            select(ObservationRow.service_date, ObservationRow.source).order_by(ObservationRow.order)
        )
        return [(row[0], row[1]) for row in rows]


def test_old_counts_lose_their_observer_and_keep_their_figure(context: AppContext) -> None:
    fill(context)
    span = Span(OLD, RECENT)
    before = exact_ridership(context, span, (Grouping.DAY, Grouping.STOP, Grouping.HOUR))
    assert forget(context, ADMIN, 90, 30, dry_run=True) == RetentionResult(observers=1, superseded=2, sign_ins=0)
    assert len(sources(context)) == 6
    assert forget(context, ADMIN, 90, 30) == RetentionResult(observers=1, superseded=2, sign_ins=0)
    assert sources(context) == [(OLD, NO_OBSERVER), (RECENT, "d1"), (RECENT, "d1"), (RECENT, "s1")]
    assert exact_ridership(context, span, (Grouping.DAY, Grouping.STOP, Grouping.HOUR)) == before
    assert rollup.check(context, ADMIN) == []
    assert forget(context, ADMIN, 90, 30) == RetentionResult()


def test_a_retry_after_retention_is_not_stored_twice(context: AppContext) -> None:
    fill(context)
    forget(context, ADMIN, 90, 30)
    again = Count(departure=f"{OLD}.gyldenpris-weekday-1000", stop="vagsbunnen", boardings=5)
    assert record_and_wait(context, Person("d1", "d1", Role.DRIVER), again, f"{OLD}-1").replayed
    assert rollup.check(context, ADMIN) == []


def test_ended_sign_ins_are_deleted_and_valid_ones_stay(context: AppContext) -> None:
    from tests.web.pages.conftest import session_of

    secret = session_of(context, Role.DRIVER, "Kari")
    with context.transaction() as session:
        account = account_named(session, "Kari")
        assert account
        issue_key(session, person_of(account), secret, None, timedelta(days=14), context.now())
        add_tablet(session, ADMIN, "Ved døra", "mo-nesttun", frozenset({"mo-nesttun"}), context.now())
    assert forget(context, ADMIN, 90, 30).sign_ins == 0
    later = context.now() + timedelta(days=400)
    context.now = lambda: later
    assert forget(context, ADMIN, 90, 30).sign_ins == 3, "a session, a phone's key, a tablet"
    assert forget(context, ADMIN, 90, 30).sign_ins == 0


def test_retention_is_recorded(context: AppContext) -> None:
    fill(context)
    forget(context, ADMIN, 90, 30)
    with context.reading() as session:
        acts = session.scalars(select(AuditLogRow).where(AuditLogRow.act == "forget")).all()
    nothing = {"sign_ins": 0, "passings": 0, "skipped": 0, "duties": 0, "incidents": 0}
    assert [act.details for act in acts] == [{"observers": 1, "superseded": 2, **nothing}]


def test_no_id_keeps_the_moment_of_receipt(context: AppContext) -> None:
    fill(context)
    forget(context, ADMIN, 90, 30)
    with context.reading() as session:
        rows = session.scalars(select(ObservationRow).where(ObservationRow.service_date == OLD)).all()
        counts = session.scalars(select(CountRow).where(CountRow.service_date == OLD)).all()
    assert [row.id for row in rows] == [f"{NO_MOMENT}{row.order}" for row in rows]
    assert [count.observation for count in counts] == [row.id for row in rows]


def test_reports_of_the_bus_lose_their_person_and_moment(context: AppContext) -> None:
    said_at = datetime(2026, 8, 3, 8, 31, 17, tzinfo=UTC)
    with context.transaction() as session:
        for number, minute in enumerate((30, 31)):
            at = datetime(2026, 8, 3, 8, minute, 12, tzinfo=UTC)
            session.add(
                PassingRow(
                    key=f"k{number}",
                    service_date=OLD,
                    trip="gyldenpris-weekday-1000",
                    stop="vagsbunnen",
                    kind="left",
                    at=at,
                    said_by="Kari",
                    said_at=said_at,
                )
            )
        departure = f"{OLD}.gyldenpris-weekday-1000"
        session.add(
            SkippedStopRow(
                service_date=OLD,
                departure=departure,
                stop="mo-gyldenpris",
                reason="weather",
                role="driver",
                said_at=said_at,
            )
        )
    assert forget(context, ADMIN, 90, 30) == RetentionResult(passings=2, skipped=1)
    noon = datetime(2026, 8, 3, 12, tzinfo=UTC)
    with context.reading() as session:
        (passing,) = session.scalars(select(PassingRow)).all()
        (skipped,) = session.scalars(select(SkippedStopRow)).all()
    assert (passing.said_by, passing.said_at, passing.at) == (
        NO_OBSERVER,
        noon,
        datetime(2026, 8, 3, 8, 31, tzinfo=UTC),
    )
    assert skipped.said_at == noon
    assert forget(context, ADMIN, 90, 30) == RetentionResult()


def test_incidents_of_old_days_are_deleted(context: AppContext) -> None:
    at = datetime(2026, 8, 3, 8, 31, tzinfo=UTC)
    with context.transaction() as session:
        for day in (OLD, context.today()):
            add_incident(
                session,
                Incident(
                    key=str(day),
                    departure=f"{day}.gyldenpris-weekday-1000",
                    kind=IncidentKind.STOPPED,
                    minutes=None,
                    withdrawn=False,
                    recorded_at=at,
                    said_by="Kari",
                    said_at=at,
                ),
            )
    assert forget(context, ADMIN, 90, 30) == RetentionResult(incidents=1)
    with context.reading() as session:
        assert incidents_on(session, [OLD]) == {} and len(incidents_on(session, [context.today()])) == 1
