"""What the terminal tells while a plan is solved: a bar, or lines where standard error is no terminal."""

from typing import Any

from rich.progress import Progress

from shuttle.cli.common import errors

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


class PlanTelling:
    """Hears of progress and of the answer as it grows."""

    def __init__(self, bar: Progress, name: str) -> None:
        self._bar, self._name = bar, name
        self._task = bar.add_task(name, total=1.0, figures="")
        self._last: tuple[Any, ...] = ()
        self._shown: dict[str, list[tuple[int, float]]] = {}
        self._seconds = 0.0

    def progress(self, progress: dict[str, Any]) -> None:
        self._seconds = progress["seconds"]
        where = f"{progress['day_type']}" + (f" <= {progress['limit']:g}" if progress["limit"] is not None else "")
        phase = PHASES[progress["phase"]]
        figures = ""
        if progress["best"] is not None and progress["bound"]:
            figures = f"best {progress['best']:.0f}, bound {progress['bound']:.0f}, gap {100 * progress['gap']:.1f} %"
        self._bar.update(
            self._task,
            description=f"{self._name}: {where}, {phase}",
            completed=progress["done"] / max(progress["of"], 1),
            figures=figures,
        )
        now = (progress["phase"], where, progress["done"])
        if now != self._last and not errors.is_terminal:
            self._last = now
            errors.print(f"{self._seconds:.1f} s {where}: {phase} {figures}".rstrip())

    def grown(self, answer: dict[str, Any]) -> None:
        """The alternatives of a day type, when there are others than before."""
        for day_type, found in answer["day_types"].items():
            front = [(proposal["trips_count"], round(proposal["cost"])) for proposal in found["proposals"]]
            if front and front != self._shown.get(day_type):
                self._shown[day_type] = front
                points = ", ".join(f"{trips} trips {cost}" for trips, cost in front)
                self._tell(f"{self._seconds:.1f} s {day_type}: {points}")

    def _tell(self, line: str) -> None:
        if not errors.is_terminal:
            errors.print(line)
