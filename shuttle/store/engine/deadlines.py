"""Deadlines for database work, per context (PostgreSQL only).

The server's statement timeout does not end the wait for an answer that a stalled network never delivers. So each wait
for PostgreSQL ends at the deadline of the current context. A request has one deadline for all its statements. A job or
a command has a limit for each answer only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from time import monotonic

LONGEST_ANSWER = 10.0
"""Seconds for one answer; longer than the server's statement timeout."""


@dataclass
class Deadline:
    """Ends at `until` (of `time.monotonic`); a single answer may take `each` seconds at most."""

    until: float = inf
    each: float = LONGEST_ANSWER

    @property
    def left(self) -> float:
        """Remaining seconds for the next answer; 0 once the deadline has passed."""
        return max(0.0, min(self.each, self.until - monotonic()))

    def lift(self) -> None:
        """Remove the overall limit, as when the response has begun to stream; `each` stays."""
        self.until = inf


_CURRENT: ContextVar[Deadline] = ContextVar("deadline", default=Deadline())  # noqa: B039  the default is never changed


def left() -> float:
    """Seconds that the next answer may take in this context."""
    return _CURRENT.get().left


@contextmanager
def deadline(seconds: float = inf, each: float = LONGEST_ANSWER) -> Iterator[Deadline]:
    """Sets a deadline for all database work inside, also in threads that run in a copy of this context."""
    current = Deadline(monotonic() + seconds, each)
    token = _CURRENT.set(current)
    try:
        yield current
    finally:
        _CURRENT.reset(token)
