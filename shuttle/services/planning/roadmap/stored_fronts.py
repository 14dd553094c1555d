"""Solved fronts of this installation: each is stored in its own transaction, so that an interrupted run keeps it.

A database that does not answer costs the run nothing but what was solved before: a front is solved again, or not kept for the next run.
"""

import logging
from dataclasses import dataclass

from shuttle.domain.basics.errors import Unavailable
from shuttle.domain.planning.result import PlanResult
from shuttle.services.app_context import AppContext
from shuttle.store.planning import solved_fronts

log = logging.getLogger("shuttle.roadmaps")


@dataclass(frozen=True)
class StoredFronts:
    """A `FrontStore` in the database."""

    context: AppContext

    def load(self, key: str) -> PlanResult | None:
        try:
            with self.context.reading() as session:
                return solved_fronts.load(session, key)
        except Unavailable as error:
            log.warning("a solved front cannot be read: %s", error.whole)
            return None

    def save(self, key: str, result: PlanResult) -> None:
        try:
            with self.context.transaction() as session:
                solved_fronts.save(session, key, result, self.context.now())
        except Unavailable as error:
            log.warning("a solved front cannot be kept: %s", error.whole)
