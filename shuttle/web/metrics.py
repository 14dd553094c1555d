"""`/metrics`: metrics in the text format of Prometheus.

Access takes `SHUTTLE_METRICS_TOKEN`; without one only this machine may read, and not through a reverse proxy. The token is a setting
and no account, so that metrics can be read while the database is unavailable. Then `shuttle_database_up` is 0 and metrics from the
database are left out.
"""

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from shuttle import __version__
from shuttle.domain.basics.errors import NotSignedIn, ShuttleError
from shuttle.services.operation.operator_figures import OperatorFigures, figures
from shuttle.web.feeds import last_modified
from shuttle.web.server.state import State, state_of

router = APIRouter(tags=["operation"], include_in_schema=False)

FORMAT = "text/plain; version=0.0.4; charset=utf-8"
FORWARDED = ("x-forwarded-for", "forwarded")
OUTCOMES = ("done", "failed", "missed", "interrupted", "running")


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """The metrics of all workers of this host. Raises NotSignedIn (`metrics-token`)."""
    state = state_of(request)
    _allow(request, state.settings.metrics_token.get_secret_value())
    text = await run_in_threadpool(exposition, state)
    return Response(text, media_type=FORMAT, headers={"Cache-Control": "no-store"})


def _allow(request: Request, token: str) -> None:
    """Raises NotSignedIn (`metrics-token`)."""
    if token:
        authorization = request.headers.get("authorization", "")
        if hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            return
    elif _is_loopback(request) and not any(name in request.headers for name in FORWARDED):
        return
    raise NotSignedIn(
        "metrics-token", "metrics are read with SHUTTLE_METRICS_TOKEN, or without one from the same machine"
    )


def _is_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def exposition(state: State) -> bytes:
    """All metrics in the text format."""

    class Current(Collector):
        def collect(self) -> Iterator[Any]:
            yield from state.metrics.collect()
            yield from _service_metrics(state)

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(Current())
    return generate_latest(registry)


def _service_metrics(state: State) -> Iterator[Metric]:
    yield InfoMetricFamily("shuttle", "The program", value={"version": __version__})
    up = GaugeMetricFamily("shuttle_database_up", "1 when the database answers")
    try:
        operator_figures = figures(state.context)
        changed = last_modified(state.context.schedule(), state, state.context.today())
    except ShuttleError:
        up.add_metric((), 0)
        yield up
        return
    up.add_metric((), 1)
    yield up
    text = "When the content of the feeds changed last; they are made from the schedule on request"
    yield GaugeMetricFamily("shuttle_feeds_changed_timestamp_seconds", text, value=changed.timestamp())
    age = (datetime.now(UTC) - changed).total_seconds()
    yield GaugeMetricFamily("shuttle_feeds_age_seconds", "Seconds since then", value=max(0.0, age))
    yield from _work_metrics(operator_figures)


def _work_metrics(operator_figures: OperatorFigures) -> Iterator[Metric]:
    plans = GaugeMetricFamily("shuttle_plans", "Plans that wait or run", labels=("state",))
    for state in ("queued", "running"):
        plans.add_metric((state,), operator_figures.plans.get(state, 0))
    yield plans
    yield GaugeMetricFamily(
        "shuttle_departures_due_today", "Departures of today that have left", value=operator_figures.due
    )
    missing = max(0, operator_figures.due - operator_figures.counted)
    yield GaugeMetricFamily("shuttle_counts_missing_today", "Of those, without any count", value=missing)
    began = GaugeMetricFamily("shuttle_job_began_timestamp_seconds", "When the job last began", labels=("job",))
    succeeded = GaugeMetricFamily("shuttle_job_succeeded_timestamp_seconds", "When it last succeeded", labels=("job",))
    outcome = GaugeMetricFamily("shuttle_job_outcome", "1 for its latest outcome", labels=("job", "outcome"))
    for name, job in operator_figures.jobs.items():
        began.add_metric((name,), job.began.timestamp())
        if job.succeeded is not None:
            succeeded.add_metric((name,), job.succeeded.timestamp())
        for word in OUTCOMES:
            outcome.add_metric((name, word), word == job.outcome)
    yield from (began, succeeded, outcome)
