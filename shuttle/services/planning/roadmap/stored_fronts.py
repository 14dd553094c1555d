"""Solved fronts of this installation: each is stored in its own transaction, so that an interrupted run keeps it."""

from dataclasses import dataclass

from shuttle.domain.planning.result import PlanResult
from shuttle.services.app_context import AppContext
from shuttle.store.planning import solved_fronts


@dataclass(frozen=True)
class StoredFronts:
    """A `FrontStore` in the database."""

    context: AppContext

    def load(self, key: str) -> PlanResult | None:
        with self.context.reading() as session:
            return solved_fronts.load(session, key)

    def save(self, key: str, result: PlanResult) -> None:
        with self.context.transaction() as session:
            solved_fronts.save(session, key, result, self.context.now())
