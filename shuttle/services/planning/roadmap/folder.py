"""Roadmap files of the schedules' folder, and the scenario that a roadmap names.

A request names a file by its id, which is looked up among the files of the folder. No path is ever made of a request's text.
"""

from pathlib import Path

from shuttle.domain.basics.errors import NotFound
from shuttle.services.planning.scenario_folder import ScenarioFile, files_of, scenario_file

FOLDER = "roadmaps"


def roadmap_files(schedules: Path) -> list[ScenarioFile]:
    """All roadmap files, ordered by file name; empty where there is no folder."""
    return files_of(schedules / FOLDER)


def roadmap_file(schedules: Path, roadmap_id: str) -> ScenarioFile:
    """Raises NotFound (`unknown-roadmap`)."""
    files = roadmap_files(schedules)
    for file in files:
        if file.id == roadmap_id:
            return file
    allowed = ", ".join(file.id for file in files)
    raise NotFound("unknown-roadmap", f"there is no roadmap {roadmap_id!r}", given=roadmap_id, allowed=allowed)


def scenario_text(schedules: Path, scenario_id: str, beside: Path | None = None) -> str:
    """The text of the scenario that a roadmap names: of the folder `scenarios` beside the roadmap's own, else of `schedules`.

    Raises NotFound (`unknown-scenario`).
    """
    if beside is not None:
        for file in files_of(beside.resolve().parent.parent / "scenarios"):
            if file.id == scenario_id:
                return file.text
    return scenario_file(schedules, scenario_id).text
