"""A plan survives a database that is away for a while, and its planner never reads where the database is."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Unavailable
from shuttle.services.app_context import AppContext, utc_now
from shuttle.services.planning import queue_worker
from shuttle.services.planning.plan_worker import PlanWorker
from shuttle.services.planning.plans import PlanOptions, ask, result_of
from shuttle.store.planning import plans as store
from shuttle.store.planning import queues
from shuttle.store.tables.planning import PlanRow
from tests.builders import SCHEDULES
from tests.web.api.test_plans import SMALL

PLANNER = Person("p", "Petra", Role.PLANNER)
OpenSession = Callable[[], AbstractContextManager[Session]]
ADDRESS = "192.0.2.9"
LONG = SMALL.replace("grid_minutes = 30", "grid_minutes = 1").replace("max = 6", "max = 40") + (
    '[front]\nby = "trips"\nfrom = 6\nto = 40\n'
)
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Outage:
    """Lets the context's database be away."""

    def __init__(self, context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_on = False
        for name in ("transaction", "reading"):
            monkeypatch.setattr(context, name, self._through(getattr(context, name)))

    def _through(self, open_session: OpenSession) -> OpenSession:
        @contextmanager
        def opened() -> Iterator[Session]:
            if self.is_on:
                raise Unavailable("database-unavailable", "the database failed", inside=f"no route to {ADDRESS}")
            with open_session() as session:
                yield session

        return opened


def asked(context: AppContext, text: str, seconds: float) -> str:
    with context.transaction() as session:
        return ask(session, PLANNER, text, "long", "A long question", PlanOptions(seconds), context.now(), 0).id


def row_of(context: AppContext, plan_id: str) -> PlanRow:
    with context.reading() as session:
        return store.plan(session, plan_id)


def until(holds: Callable[[], bool]) -> None:
    latest = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < latest, "gave up waiting"
        time.sleep(0.1)


@pytest.mark.slow
def test_a_plan_ends_well_though_the_database_was_away_meanwhile(
    context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost_after = timedelta(seconds=3)
    monkeypatch.setattr(queues, "LOST_AFTER", lost_after)
    monkeypatch.setattr(queue_worker, "LOST_AFTER", lost_after)
    context.now = utc_now
    outage, plan_id = Outage(context, monkeypatch), asked(context, LONG, 6)
    workers = [PlanWorker(context, SCHEDULES), PlanWorker(context, SCHEDULES)]
    for worker in workers:
        worker.start()
    try:
        until(lambda: result_of(row_of(context, plan_id)) is not None)
        outage.is_on = True
        time.sleep(9)  # longer than the plan takes, and than a heartbeat may be late
        outage.is_on = False
        until(lambda: row_of(context, plan_id).status != "running")
    finally:
        for worker in workers:
            worker.stop()
    row = row_of(context, plan_id)
    assert row.status in ("feasible", "optimal", "out_of_time") and row.failure == ""
    result = result_of(row)
    assert result is not None and result["day_types"]["weekday"]["proposals"]


def test_a_heartbeat_is_no_evidence_while_the_database_was_away(context: AppContext) -> None:
    worker, now = PlanWorker(context, SCHEDULES), context.now()
    plan_id = asked(context, SMALL, 6)
    with context.transaction() as session:
        row = store.plan(session, plan_id)
        row.status, row.beat_at = "running", now - timedelta(minutes=5)
    worker._silent(Unavailable("database-unavailable", "the database failed"))
    assert worker.take() is None and row_of(context, plan_id).status == "running"
    worker._answers_since -= queues.LOST_AFTER.total_seconds()
    assert worker.take() is None and row_of(context, plan_id).status == "interrupted"


def test_a_failure_says_nothing_of_where_the_database_is(
    context: AppContext, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    worker, plan_id = PlanWorker(context, SCHEDULES), asked(context, SMALL, 6)

    def fail(_row: PlanRow) -> None:
        raise Unavailable("database-unavailable", "the database failed", inside=f"no route to {ADDRESS}")

    monkeypatch.setattr(worker, "_request", fail)
    row = worker.take()
    assert row is not None
    worker.solve(row)
    ended = row_of(context, plan_id)
    assert ended.status == "failed" and "the database failed" in ended.failure
    assert ADDRESS not in ended.failure
    assert ADDRESS in caplog.text, "the operator reads it in the log"
