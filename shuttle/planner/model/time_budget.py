"""Time that is left of a limit.

Two times differ: that of the wall, which a limit is about, and that of the processor, which says how much work was done. On a
busy machine a niced process gets little of the second; a search is measured by it, so that its answer is not worse there.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class TimeBudget:
    """`ends`: on the monotonic clock; `stop`: whether to end before."""

    ends: float
    stop: Callable[[], bool] = field(default=lambda: False)

    @property
    def left(self) -> float:
        return max(0.05, self.ends - time.monotonic())

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.ends or self.stop()

    def within(self, seconds: float) -> "TimeBudget":
        """The same clock, for so many seconds at most."""
        return TimeBudget(min(self.ends, time.monotonic() + seconds), self.stop)


@dataclass
class Work:
    """So many seconds of the processor, unless the clock is over before."""

    clock: TimeBudget
    seconds: float
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = time.thread_time()

    @property
    def done(self) -> bool:
        return self.clock.over or time.thread_time() - self._began >= self.seconds
