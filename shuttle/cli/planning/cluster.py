"""Executors of a sweep: this machine, or the workers of a Dask cluster whose versions have been compared with ours.

TLS, time-outs and credentials of a cluster are Dask's own settings, which it reads from the environment (scripts/README.md).
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from shuttle.domain.basics.errors import Refused
from shuttle.planner.process.versions import versions

LOCAL = 2
"""Solver processes at a time without a cluster."""


@contextmanager
def executor(cluster: str | None) -> Iterator[Executor]:
    """Threads that each wait for a solver process, or the cluster at the address.

    Raises Refused (`no-cluster`) without the extra for it, without an answer from there, without workers, or with other versions.
    """
    if cluster is None:
        threads = ThreadPoolExecutor(max_workers=LOCAL)
        try:
            yield threads
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
        return
    try:
        from distributed import Client
    except ImportError:
        what = "a cluster needs the extra `cluster`: install requirements-cluster.lock"
        raise Refused("no-cluster", what, given=cluster, allowed="no --cluster") from None
    try:
        client = Client(cluster, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        what = f"the cluster {cluster} does not answer: {_first_line(error)}"
        raise Refused("no-cluster", what, given=cluster, allowed="the address of a Dask scheduler") from None
    with client:
        check_workers(cluster, {"the scheduler": _of_scheduler(client), **client.run(versions, on_error="return")})
        with client.get_executor() as workers:
            yield workers


def _of_scheduler(client: Any) -> Any:
    """Its versions, or the error: it reads each request before a worker does, and needs the program too."""
    try:
        return client.run_on_scheduler(versions)
    except Exception as error:  # whatever importing the program there raises
        return error


def check_workers(cluster: str, theirs: Mapping[str, Any]) -> None:
    """Raises Refused (`no-cluster`) in one line. `theirs`: the scheduler and the workers by address, with the versions of each, or the
    error that asking for them met."""
    ours = versions()
    if not set(theirs) - {"the scheduler"}:
        what = f"the cluster {cluster} has no workers"
        raise Refused("no-cluster", what, given=cluster, allowed="at least one worker")
    wrong = []
    for worker, its in sorted(theirs.items()):
        if isinstance(its, Mapping):
            other = [
                f"{name} {its.get(name, 'none')} (here {mine})" for name, mine in ours.items() if its.get(name) != mine
            ]
        else:
            other = [f"no such program: {_first_line(its)}"]
        wrong += [f"{worker} has {', '.join(other)}"] if other else []
    if wrong:
        what = f"the cluster cannot solve for this program: {'; '.join(wrong)}"
        raise Refused(
            "no-cluster", what, given=cluster, allowed="the same program and requirements-cluster.lock on each"
        )


def _first_line(error: object) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
