"""Bounded thread pool for slow work: one running task per client, first come first served, with a maximum number of tasks.

The web's shared threads are for work of milliseconds. Slow work (a year of figures, a poster, a password check) gets a few threads
of its own, since every computing thread also makes the event loop wait for the interpreter lock. A task whose client hung up while it
waited is not started, so that a reloaded page does not wait for the one before.

Strangers never fill it: a client has a few places, strangers together have a part of the places and all threads but one, and what is left
is for people who are signed in.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
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
    """One per kind of work, used on one event loop. `max_tasks` counts running and waiting tasks of all clients; a client has `each`
    of them, strangers together have `strangers` (None: all) and, where they do not have all, one thread fewer.

    `low_priority`: its threads run at a lower priority. Right only for work that releases the interpreter lock: otherwise the event
    loop would wait for a lock whose holder gets no processor.
    """

    def __init__(
        self,
        name: str,
        threads: int,
        max_tasks: int,
        low_priority: bool = False,
        each: int | None = None,
        strangers: int | None = None,
    ) -> None:
        self._threads = ThreadPoolExecutor(threads, name, initializer=_lower_priority if low_priority else None)
        self._max_tasks, self._each = max_tasks, max_tasks if each is None else each
        self._tasks = self._of_strangers = 0
        self._most_of_strangers = max_tasks if strangers is None else strangers
        self._threads_of_strangers = asyncio.Semaphore(threads if strangers is None else max(1, threads - 1))
        self._turns: dict[str, ClientTurn] = {}

    async def run(
        self,
        client: str,
        function: Callable[[], T],
        is_gone: Callable[[], Awaitable[bool]] | None = None,
        is_stranger: bool = True,
    ) -> T:
        """The function's result, computed in the client's turn.

        Raises Unavailable: `busy` where the client's, the strangers' or all places are taken, `nobody-waits` where the client `is_gone`
        by its turn.
        """
        turn = self._turns.setdefault(client, ClientTurn())
        are_strangers_many = is_stranger and self._of_strangers >= self._most_of_strangers
        if self._tasks >= self._max_tasks or turn.tasks >= self._each or are_strangers_many:
            self._forget(client, turn)
            raise Unavailable("busy", "too many requests of this kind are waiting; try again in a few seconds")
        self._tasks += 1
        self._of_strangers += is_stranger
        turn.tasks += 1
        try:
            has_waited = turn.lock.locked()
            async with turn.lock, self._threads_of_strangers if is_stranger else nullcontext():
                if has_waited and is_gone is not None and await is_gone():
                    raise Unavailable("nobody-waits", "the client closed the connection before its turn came")
                return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, function)
        finally:
            self._tasks -= 1
            self._of_strangers -= is_stranger
            turn.tasks -= 1
            self._forget(client, turn)

    def _forget(self, client: str, turn: ClientTurn) -> None:
        if not turn.tasks:
            self._turns.pop(client, None)

    def close(self) -> None:
        """Cancel waiting tasks; running ones end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)
