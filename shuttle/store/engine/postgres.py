"""Connections to PostgreSQL that do not wait for ever, over a network that may stall.

A connection whose answer did not come in time is closed: what it would say later is nobody's, and the next who asks gets a
new one. Imported only where PostgreSQL is used.
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
"""Seconds; libpq knows no shorter wait."""

SETTINGS: dict[str, Any] = {
    "options": "-c statement_timeout=9000 -c lock_timeout=5000",
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,
}
"""Limits of the server on a statement and a lock, and of the system on a peer that is gone (ms and s, as libpq has them)."""


class ConnectionWithDeadline(psycopg.Connection[Any]):
    """Waits no longer than the patience of whoever asks."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Raises OperationalError, and closes the connection, when the answer does not come in time."""
        patient_for = left()
        until = monotonic() + patient_for
        if timeout is not None:
            patient_for = min(timeout, patient_for)
        try:
            return super().wait(gen, interval, None if patient_for == inf else patient_for)
        except psycopg.OperationalError:
            if monotonic() >= until:
                self.close()
            raise


def connect(*arguments: Any, **parameters: Any) -> ConnectionWithDeadline:
    """As psycopg.connect. Raises OperationalError at once when there is no patience left to connect with."""
    patient_for = left()
    if patient_for <= 0:
        raise psycopg.OperationalError("no time left to connect")
    seconds = int(min(LONGEST_CONNECT, max(SHORTEST_CONNECT, patient_for)))
    return ConnectionWithDeadline.connect(*arguments, **{**parameters, "connect_timeout": seconds})
