"""Bounded thread pool for slow work: one running task per client, first come first served, with a maximum number of tasks.

The web's shared threads are for work of milliseconds. Slow work (a year of figures, a poster, a password check) gets a few threads
of its own, since every computing thread also makes the event loop wait for the interpreter lock. A task whose client hung up while it
waited is not started, so that a reloaded page does not wait for the one before.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TypeVar

from shuttle.domain.basics.errors import Unavailable

T = TypeVar("T")


NICE = 10
"""Priority of a yielding thread, as nice(2) has it: 0 is normal, 19 the lowest."""


def _lower_priority() -> None:
    """On Linux a thread has a priority of its own; elsewhere this would change that of the whole process."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICE))


@dataclass
class ClientTurn:
    """A client's lock on its one thread, and the number of its tasks that run or wait."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    tasks: int = 0


class BoundedExecutor:
    """One per kind of work, used on one event loop. `max_tasks` counts running and waiting tasks of all clients.

    `low_priority`: its threads run at a lower priority. Right only for work that releases the interpreter lock: otherwise the event
    loop would wait for a lock whose holder gets no processor.
    """

    def __init__(self, name: str, threads: int, max_tasks: int, low_priority: bool = False) -> None:
        self._threads = ThreadPoolExecutor(threads, name, initializer=_lower_priority if low_priority else None)
        self._max_tasks = max_tasks
        self._tasks = 0
        self._turns: dict[str, ClientTurn] = {}

    async def run(
        self, client: str, function: Callable[[], T], is_gone: Callable[[], Awaitable[bool]] | None = None
    ) -> T:
        """The function's result, computed in the client's turn.

        Raises Unavailable: `busy` where `max_tasks` are running or waiting, `nobody-waits` where the client `is_gone` by its turn.
        """
        if self._tasks >= self._max_tasks:
            raise Unavailable("busy", "too many requests of this kind are waiting; try again in a few seconds")
        turn = self._turns.setdefault(client, ClientTurn())
        self._tasks += 1
        turn.tasks += 1
        try:
            has_waited = turn.lock.locked()
            async with turn.lock:
                if has_waited and is_gone is not None and await is_gone():
                    raise Unavailable("nobody-waits", "the client closed the connection before its turn came")
                return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, function)
        finally:
            self._tasks -= 1
            turn.tasks -= 1
            if not turn.tasks:
                del self._turns[client]

    def close(self) -> None:
        """Cancel waiting tasks; running ones end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)
