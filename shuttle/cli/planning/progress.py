"""Progress of a plan in the terminal: a bar, or lines where standard error is no terminal."""

from rich.progress import Progress

from shuttle.cli.common import errors
from shuttle.domain.planning.result import PlanProgress, PlanResult

PHASES = {
    "first": "a first timetable for each alternative",
    "search": "better timetables",
    "conflicts": "which requirements clash",
    "bounds": "how much better it could be at most",
    "trees": "proofs",
    "second_opinion": "a second opinion",
    "figures": "intervals and comparisons",
    "hindsight": "the best of single days",
}


class ProgressDisplay:
    """Callbacks of one run: its progress, and its result each time that it has grown."""

    def __init__(self, bar: Progress, name: str) -> None:
        self._bar, self._name = bar, name
        self._task = bar.add_task(name, total=1.0, figures="")
        self._printed: tuple[str, str, int] | None = None
        self._fronts: dict[str, list[tuple[int, int]]] = {}
        self._seconds = 0.0

    def progress(self, progress: PlanProgress) -> None:
        self._seconds = progress["seconds"]
        place = f"{progress['day_type']}" + (f" <= {progress['limit']:g}" if progress["limit"] is not None else "")
        phase = PHASES[progress["phase"]]
        figures = _figures(progress)
        self._bar.update(
            self._task,
            description=f"{self._name}: {place}, {phase}",
            completed=progress["done"] / max(progress["of"], 1),
            figures=figures,
        )
        step = (progress["phase"], place, progress["done"])
        if step != self._printed:
            self._printed = step
            self._print(f"{place}: {phase} {figures}".rstrip())

    def grown(self, result: PlanResult) -> None:
        """A line with the front (trips and passenger cost of each proposal) of each day type whose front has changed."""
        for day_type, day in result["day_types"].items():
            front = [(proposal["trips_count"], round(proposal["cost"])) for proposal in day["proposals"]]
            if front and front != self._fronts.get(day_type):
                self._fronts[day_type] = front
                self._print(f"{day_type}: " + ", ".join(f"{trips} trips {cost}" for trips, cost in front))

    def _print(self, line: str) -> None:
        if not errors.is_terminal:
            errors.print(f"{self._seconds:.1f} s {line}")


def _figures(progress: PlanProgress) -> str:
    best, bound, gap = progress["best"], progress["bound"], progress["gap"]
    return (
        f"best {best:.0f}, bound {bound:.0f}, gap {100 * gap:.1f} %"
        if best is not None and bound and gap is not None
        else ""
    )
