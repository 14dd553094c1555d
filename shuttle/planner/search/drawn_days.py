"""The passenger cost of many drawn days at once: `domain.uncertainty.played_costs` with a column for each day.

Who queues where is the same on all days; only how many they are differs. So one pass through the calls of a timetable plays four
hundred days in a twentieth of a second.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.robustness.uncertainty import DAYS, drawn_days, slot_distributions
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.planning.simulation import SimulationRuns

Amounts = NDArray[np.float64]

FAR = 1e9


class DrawnDays:
    """The drawn days of one day type; the same seed draws the same passengers, whatever the trips are."""

    def __init__(self, scenario: Scenario, day_type: str, seed: int = 0, days: int = DAYS) -> None:
        self._scenario, self._day_type = scenario, day_type
        self._slots = slot_distributions(scenario, day_type)
        drawn = np.array(drawn_days(scenario, day_type, seed, days), dtype=np.float64)
        self._amounts = drawn.reshape(days, len(self._slots)).T  # slot by day

    def costs(self, trips: Sequence[PlannedTrip]) -> list[float]:
        """Passenger minutes of each day as it is played, first come, first served."""
        runs = SimulationRuns(self._scenario, self._day_type, trips)
        readiness = runs.readiness
        left = self._people(readiness)
        ready = np.array([minute for _, minute in readiness], dtype=np.float64)
        there = np.array([pair[1] for pair, _ in readiness])
        seats = float(self._scenario.fleet.seats or FAR)
        days = self._amounts.shape[1]
        aboard: list[dict[str, Amounts]] = [{} for _ in trips]
        minutes = np.zeros(days)
        for trip, stop, departs, several in runs.boarding:
            load = aboard[trip]
            load.pop(stop, None)
            if not several:
                continue
            queue = np.array(several)
            waiting = left[queue]
            free = seats - sum(load.values(), start=np.zeros(days))
            before = np.cumsum(waiting, axis=0) - waiting
            boards = np.clip(free[None, :] - before, 0.0, waiting)
            left[queue] = waiting - boards
            minutes += np.abs(departs - ready[queue]) @ boards
            for destination in np.unique(there[queue]):
                amount = boards[there[queue] == destination].sum(axis=0)
                load[destination] = load.get(destination, 0.0) + amount
        return [float(cost) for cost in minutes + self._scenario.demand.unserved * left.sum(axis=0)]

    def _people(self, readiness: Sequence[tuple[tuple[str, str], int]]) -> Amounts:
        """How many get ready, by group and day."""
        number = {group: place for place, group in enumerate(readiness)}
        shares = np.zeros((len(readiness), len(self._slots)))
        for slot, (pair, minutes) in enumerate(self._slots):
            for minute, share in minutes.items():
                shares[number[pair, minute], slot] += share
        return shares @ self._amounts
