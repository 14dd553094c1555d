"""Scenario files of the schedules' folder.

A request names a file by its id, which is looked up among the files of the folder. No path is ever made of a request's text.
"""

from dataclasses import dataclass
from pathlib import Path

from shuttle.domain.basics.errors import Invalid, NotFound
from shuttle.feeds.text_gate import SCENARIO, toml_values

FOLDER = "scenarios"


@dataclass(frozen=True)
class ScenarioFile:
    """A file: `id` is its file name without suffix, `name` the scenario's own, or the id where the text cannot be read."""

    id: str
    name: str
    text: str


def scenario_files(schedules: Path) -> list[ScenarioFile]:
    """All scenario files, ordered by file name; empty where there is no folder."""
    return files_of(schedules / FOLDER)


def files_of(folder: Path) -> list[ScenarioFile]:
    """All TOML files of a folder, ordered by file name; empty where there is no folder."""
    return [_read(path) for path in sorted(folder.glob("*.toml"))]


def scenario_file(schedules: Path, scenario_id: str) -> ScenarioFile:
    """Raises NotFound (`unknown-scenario`)."""
    files = scenario_files(schedules)
    for file in files:
        if file.id == scenario_id:
            return file
    allowed = ", ".join(file.id for file in files)
    raise NotFound("unknown-scenario", f"there is no scenario {scenario_id!r}", given=scenario_id, allowed=allowed)


def _read(path: Path) -> ScenarioFile:
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        name = toml_values(text, limits=SCENARIO).get("name")
    except Invalid:
        name = None
    return ScenarioFile(path.stem, name if isinstance(name, str) else path.stem, text)
