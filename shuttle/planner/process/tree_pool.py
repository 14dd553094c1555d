"""Search trees in threads, a limited number at a time. A solver gives up the interpreter's lock, so that they run side by side.

Trees wait in order for a place. A thread is never killed: a tree ends by its own time limit, and the result of one that is not waited
for is dropped.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Semaphore, Thread
from typing import Generic, TypeVar

from shuttle.planner.model.time_budget import TimeBudget
from shuttle.planner.solvers.cpsat import SolverResult

T = TypeVar("T")


@dataclass(eq=False)
class Tree(Generic[T]):
    """`of`: what it is solved for; `clock`: its time, from when it has a place; `result` None: none yet, or it failed."""

    of: T
    clock: TimeBudget
    result: SolverResult | None = None
    thread: Thread = field(init=False)


class TreePool(Generic[T]):
    """`trees`: those that wait, run, or have ended without anybody asking for them."""

    def __init__(self, places: int) -> None:
        self.trees: list[Tree[T]] = []
        self._places = Semaphore(max(1, places))

    def start(
        self, tree: Tree[T], seconds: Callable[[], float], solve: Callable[[TimeBudget], SolverResult | None]
    ) -> None:
        """`seconds`: how long it may take, asked when it has a place."""

        def run() -> None:
            with self._places:
                tree.clock = tree.clock.within(seconds())
                try:
                    tree.result = None if tree.clock.over else solve(tree.clock)
                except Exception:
                    traceback.print_exc()

        tree.thread = Thread(target=run, daemon=True)
        tree.thread.start()
        self.trees.append(tree)

    def ended(self) -> list[Tree[T]]:
        """Those that have ended since the last time."""
        over = [tree for tree in self.trees if not tree.thread.is_alive()]
        self.trees = [tree for tree in self.trees if tree not in over]
        return over

    def wait(self, seconds: float) -> None:
        """Until the first tree ends, or for so long."""
        if self.trees:
            self.trees[0].thread.join(seconds)
