"""Rooms for work that takes more than a moment: few places, an order among those who wait, and an end to waiting.

The threads of the web are for what is done in milliseconds. A year of figures, a poster or the checking of a password would
keep all of them from everybody else, and each that is at work at the same time makes the event loop wait for the interpreter
once more. So such work has threads of its own: a few `places`, of which a client holds one at most, and `most` who wait or
work; who comes then is told to come back. What was asked for by somebody who has gone meanwhile is not begun: a page that is
loaded anew does not wait for the one before.
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
"""How far behind, of the 19 that there are."""


def _be_nice() -> None:
    """On Linux a thread has a priority of its own; elsewhere it would be the whole program's."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICE))


@dataclass
class Turn:
    """A client's place in the room, and how many requests of the client want it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0


class BoundedExecutor:
    """One for each kind of work. Used on one event loop.

    `yields`: its threads leave the processor to everybody else. Right where the work does not hold the interpreter meanwhile,
    for which the event loop would have to wait until they get the processor again.
    """

    def __init__(self, name: str, places: int, most: int, yields: bool = False) -> None:
        self._threads = ThreadPoolExecutor(places, name, initializer=_be_nice if yields else None)
        self._most = most
        self._here = 0
        self._turns: dict[str, Turn] = {}

    async def do(self, client: str, act: Callable[[], T], is_gone: Callable[[], Awaitable[bool]] | None = None) -> T:
        """What the act gives, when its turn has come.

        Raises Unavailable: `busy` where too many are here already, `nobody-waits` where the client `is_gone` by then.
        """
        if self._here >= self._most:
            raise Unavailable("busy", "too much of this is asked for at the moment; try again in a few seconds")
        turn = self._turns.setdefault(client, Turn())
        self._here += 1
        turn.wanted += 1
        try:
            waited = turn.lock.locked()
            async with turn.lock:
                if waited and is_gone is not None and await is_gone():
                    raise Unavailable("nobody-waits", "whoever asked for this has gone before its turn came")
                return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, act)
        finally:
            self._here -= 1
            turn.wanted -= 1
            if not turn.wanted:
                del self._turns[client]

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
