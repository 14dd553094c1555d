"""Metrics of requests and of stored counts, kept with prometheus_client.

With several workers prometheus_client keeps each process's values in files of PROMETHEUS_MULTIPROC_DIR (its multiprocess mode),
and whichever worker is asked adds them up. What a worker had counted when it ended stays in the sum until the program is started
again; only what waited in its memory goes with it.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""What prometheus_client looks for when it is imported: `shuttle serve` sets it where there are several workers."""

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets of durations, in seconds; one more bucket has none."""

disable_created_metrics()  # type: ignore[no-untyped-call]


class RequestMetrics:
    """Those of one application; labels take values from short lists only, so that their number is bounded."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Histogram(
            "shuttle_request_seconds",
            "Requests, and how long the answer took",
            ("method", "route", "status"),
            buckets=BOUNDS,
            registry=self._registry,
        )
        self._commits = Histogram(
            "shuttle_commit_seconds", "Commits of counts, many in one", buckets=BOUNDS, registry=self._registry
        )
        self._stored = Counter("shuttle_counts_stored", "Counts that commits have stored", registry=self._registry)
        self.queued = Gauge(
            "shuttle_counts_queued",
            "Counts that wait to be written",
            registry=self._registry,
            multiprocess_mode="livesum",
        )

    def committed(self, seconds: float, counts: int) -> None:
        """Called by the one thread that writes counts, after each commit."""
        self._commits.observe(seconds)
        self._stored.inc(counts)

    def collect(self) -> Iterable[Metric]:
        """Those of all workers of this host."""
        folder = os.environ.get(FOLDER)
        if folder is None:
            return self._registry.collect()
        forget_dead(Path(folder))
        return MultiProcessCollector(None, folder).collect()  # type: ignore[no-untyped-call,no-any-return]


def forget_dead(folder: Path) -> None:
    """Drop what waited in workers that are gone: nobody else takes a killed worker's gauges out of the sum."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)  # signal 0 only asks whether the process is there
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
