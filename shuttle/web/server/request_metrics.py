"""Metrics of requests and of stored counts, by prometheus_client.

With several workers prometheus_client keeps each process's values in files of PROMETHEUS_MULTIPROC_DIR (its multiprocess mode), and the
worker that answers `/metrics` adds them up. Counters of a worker that ended stay in the sum until the program restarts; its gauges are
dropped.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Read by prometheus_client on import; `shuttle serve` sets it where there are several workers."""

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the histogram buckets, in seconds; one more bucket has none."""

disable_created_metrics()  # type: ignore[no-untyped-call]


class RequestMetrics:
    """The metrics of one application. Labels take values from short lists only, which bounds the number of series."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Histogram(
            "shuttle_request_seconds",
            "Duration of requests",
            ("method", "route", "status"),
            buckets=BOUNDS,
            registry=self._registry,
        )
        self._commits = Histogram(
            "shuttle_commit_seconds", "Duration of commits of counts", buckets=BOUNDS, registry=self._registry
        )
        self._stored = Counter("shuttle_counts_stored", "Counts stored", registry=self._registry)
        self.queued = Gauge(
            "shuttle_counts_queued",
            "Counts waiting to be written",
            registry=self._registry,
            multiprocess_mode="livesum",
        )

    def committed(self, seconds: float, counts: int) -> None:
        """Called by the writer of counts after each commit: its duration, and the number of counts in it."""
        self._commits.observe(seconds)
        self._stored.inc(counts)

    def collect(self) -> Iterable[Metric]:
        """The metrics of all workers of this host."""
        folder = os.environ.get(FOLDER)
        if folder is None:
            return self._registry.collect()
        forget_dead(Path(folder))
        return MultiProcessCollector(None, folder).collect()  # type: ignore[no-untyped-call,no-any-return]


def forget_dead(folder: Path) -> None:
    """Drop the gauges of workers that ended: a killed worker does not do so itself."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)  # signal 0 only asks whether the process is there
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
