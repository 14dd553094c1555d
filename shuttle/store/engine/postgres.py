"""PostgreSQL connections with deadlines, for networks that may stall.

A connection whose answer missed its deadline is closed: its late answer would belong to an earlier statement. The pool
opens a new one. Imported only where PostgreSQL is used.
"""

from math import inf
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

from shuttle.store.engine.deadlines import left

T = TypeVar("T")

LONGEST_CONNECT = 5
SHORTEST_CONNECT = 2
"""Seconds; the shortest wait of libpq."""

SETTINGS: dict[str, Any] = {
    "options": "-c statement_timeout=9000 -c lock_timeout=5000",
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,
}
"""Server limits of a statement and a lock (ms), and system limits for a lost peer (keepalives in s, tcp_user_timeout in ms)."""


class ConnectionWithDeadline(psycopg.Connection[Any]):
    """A connection that waits no longer than the current deadline."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """As psycopg's. Raises OperationalError, and closes the connection, when the answer misses the deadline."""
        seconds_left = left()
        until = monotonic() + seconds_left
        if timeout is not None:
            seconds_left = min(timeout, seconds_left)
        try:
            return super().wait(gen, interval, None if seconds_left == inf else seconds_left)
        except psycopg.OperationalError:
            if monotonic() >= until:
                self.close()
            raise


def connect(*arguments: Any, **parameters: Any) -> ConnectionWithDeadline:
    """As `psycopg.connect`. Raises OperationalError at once when the deadline has passed."""
    seconds_left = left()
    if seconds_left <= 0:
        raise psycopg.OperationalError("no time left to connect")
    seconds = int(min(LONGEST_CONNECT, max(SHORTEST_CONNECT, seconds_left)))
    return ConnectionWithDeadline.connect(*arguments, **{**parameters, "connect_timeout": seconds})
