"""A limit on how long a body may take, for one look a second instead of a timer for each request.

A timer of asyncio costs as much as everything else that is done for a body that is here at once, and nearly all are. So those
who wait for a body are written down, and once a second, while there are any, the ones that have waited for too long are ended.
"""

import asyncio
from time import monotonic
from types import TracebackType

from shuttle.domain.errors import Invalid

BODY_SECONDS = 20.0
LOOK_SECONDS = 1.0


class SlowBodies:
    """Around whatever waits for a body: `with slow_bodies: ...`. Raises Invalid (`body-too-slow`). One an event loop."""

    def __init__(self) -> None:
        self._since: dict[asyncio.Task[object], float] = {}
        self._ended: set[asyncio.Task[object]] = set()
        self._looking = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._since[task] = monotonic()
        if not self._looking:
            self._looking = True
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._since.pop(task, None)
        if task in self._ended:
            self._ended.remove(task)
            if task.uncancel() == 0 and kind is asyncio.CancelledError:
                allowed = f"{BODY_SECONDS:.0f} seconds"
                raise Invalid("body-too-slow", f"the body was not here after {allowed}", allowed=allowed) from None

    def _look(self) -> None:
        oldest = monotonic() - BODY_SECONDS
        for task in [task for task, since in self._since.items() if since < oldest]:
            del self._since[task]
            self._ended.add(task)
            task.cancel()
        self._looking = bool(self._since)
        if self._looking:
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
