"""Why nothing is possible: every minimal set of requirements that clash, and every smallest set whose removal helps.

MARCO (Liffiton et al. 2016): walk through the subsets of the requirements; shrink each impossible one to a minimal conflict,
grow each possible one to a largest that still holds, and never look at what either has settled. What is left out of a largest
possible set is a smallest relaxation. What is found for a set mostly meets further requirements by chance: then the larger set is
known to be possible, too. A conflict counts when both provers say that it is impossible; that larger sets are follows
from it, and that a relaxation is a smallest one follows from the conflicts that it meets.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

from ortools.sat.python import cp_model

from shuttle.planner.model.program import Program, Terms
from shuttle.planner.model.time_budget import TimeBudget
from shuttle.planner.solvers import cpsat, highs
from shuttle.planner.solvers.cpsat import Effort

Names = frozenset[str]

WORKERS = 2
"""With two the portfolio that lives on the relaxation is used; one by default takes a third longer. Which sets are found is the same."""


@dataclass(frozen=True)
class Conflict:
    """`conflicts` and `relaxations`, the smallest first; `complete` False when the time was over before all were found."""

    conflicts: tuple[Names, ...]
    relaxations: tuple[Names, ...]
    complete: bool


def least(program: Program, taken: Terms, effort: Effort) -> float | None:
    """The least that the terms can come to while all requirements hold; None where nothing holds them or time is over."""
    asked = replace(program, cost=dict(taken), constant=0.0)
    found = cpsat.solve(asked, effort)
    return found.cost if found.values is not None and found.proven else None


@dataclass(kw_only=True)
class Explainer:
    """Asks the same program about subsets of its requirements."""

    program: Program
    names: list[str]
    clock: TimeBudget
    seed: int = 0
    _possible: list[Names] = field(default_factory=list)
    _impossible: list[Names] = field(default_factory=list)

    def explain(self) -> Conflict:
        """All minimal conflicts and all smallest relaxations."""
        conflicts: list[Names] = []
        satisfiable: list[Names] = []
        confirmed: list[Names] = []
        everything = frozenset(self.names)
        while not self.clock.over:
            seed = self._unexplored(conflicts, satisfiable)
            if seed is None:
                break
            if self.possible(seed):
                satisfiable.append(self._grown(seed, everything))
            else:
                conflicts.append(self._shrunk(seed))
                confirmed += [conflicts[-1]] if self._confirmed(conflicts[-1]) else []
        relaxations = [everything - largest for largest in satisfiable]
        by_size = sorted(confirmed, key=lambda names: (len(names), sorted(names)))
        smallest = sorted(relaxations, key=lambda names: (len(names), sorted(names)))
        return Conflict(tuple(by_size), tuple(smallest), confirmed == conflicts and not self.clock.over)

    def possible(self, names: Names) -> bool:
        """Whether these requirements can hold together, as one prover says; what is known of other sets is not asked again."""
        if any(names <= known for known in self._possible):
            return True
        if any(known <= names for known in self._impossible):
            return False
        holding = self._subsets.holding(names, Effort(min(30.0, self.clock.left), WORKERS, self.seed))
        if holding is None:
            self._impossible.append(names)
        else:
            self._possible.append(names | holding)
        return holding is not None

    @cached_property
    def _subsets(self) -> cpsat.Subsets:
        return cpsat.Subsets(self.program)

    @cached_property
    def _other_subsets(self) -> highs.Subsets:
        return highs.Subsets(self.program)

    def _confirmed(self, names: Names) -> bool:
        """Whether the other prover finds it impossible, too."""
        return self._other_subsets.infeasible(names, Effort(min(30.0, self.clock.left), 1, self.seed))

    def _shrunk(self, names: Names) -> Names:
        """Half of them is left out where the rest is impossible still, then quarters, at last one by one."""
        size = max(1, len(names) // 2)
        while size:
            order = sorted(names)
            for part in (frozenset(order[first : first + size]) for first in range(0, len(order), size)):
                if part < names and not self.possible(names - part):
                    names = names - part
            size //= 2
        return names

    def _grown(self, names: Names, everything: Names) -> Names:
        for name in sorted(everything - names):
            if self.possible(names | {name}):
                names = names | {name}
        return names

    def _unexplored(self, conflicts: list[Names], satisfiable: list[Names]) -> Names | None:
        """A largest subset that holds no known conflict and lies in no known possible set, or None."""
        model = cp_model.CpModel()
        kept = {name: model.new_bool_var(name) for name in self.names}
        for conflict in conflicts:
            model.add_bool_or([kept[name].negated() for name in conflict])
        for possible in satisfiable:
            model.add_bool_or([kept[name] for name in self.names if name not in possible])
        model.maximize(sum(kept.values()))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        if solver.solve(model) != cp_model.OPTIMAL:
            return None
        return frozenset(name for name, variable in kept.items() if solver.value(variable))
