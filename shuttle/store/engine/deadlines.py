"""How long the database may keep somebody waiting.

A network that stalls, neither delivering nor breaking, would hold a request for ever: the server's own limits on a statement do
not help when its answer never comes. So each wait for PostgreSQL ends when the patience of whoever asks is at its end.
A request has one for all that it asks; what nobody waits for, a job or a command, has one for each answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from time import monotonic

LONGEST_ANSWER = 10.0
"""Seconds for one answer: longer than the server lets a statement run."""


@dataclass
class Deadline:
    """Ends at `until` (of `time.monotonic`), and bears no single answer that takes longer than `each` seconds."""

    until: float = inf
    each: float = LONGEST_ANSWER

    @property
    def left(self) -> float:
        """Seconds; 0 when it is at its end."""
        return max(0.0, min(self.each, self.until - monotonic()))

    def lift(self) -> None:
        """Nobody waits for the whole any more, as when an answer that streams has begun."""
        self.until = inf


_NOW: ContextVar[Deadline] = ContextVar("patience", default=Deadline())  # noqa: B039  the default is never lifted


def left() -> float:
    """Seconds that the next answer may take for whoever asks now."""
    return _NOW.get().left


@contextmanager
def deadline(seconds: float = inf, each: float = LONGEST_ANSWER) -> Iterator[Deadline]:
    """For everything asked inside, also in threads that are handed this context."""
    found = Deadline(monotonic() + seconds, each)
    token = _NOW.set(found)
    try:
        yield found
    finally:
        _NOW.reset(token)
