"""The scenarios that one can begin from: files of the schedules' folder, offered by their name.

Only what lies in the folder is ever read: a wish is looked up among the names found there, never made into a path.
"""

from dataclasses import dataclass
from pathlib import Path

from shuttle.domain.basics.errors import Invalid, NotFound
from shuttle.feeds.text_gate import SCENARIO, toml_values

FOLDER = "scenarios"


@dataclass(frozen=True)
class ScenarioFile:
    """A file as it lies there; `name` is its own, or the file's where it cannot be read."""

    id: str
    name: str
    text: str


def scenario_files(schedules: Path) -> list[ScenarioFile]:
    """The scenarios in the folder, by file name; none where there is no folder."""
    return [_read(path) for path in sorted((schedules / FOLDER).glob("*.toml"))]


def scenario_file(schedules: Path, wanted: str) -> ScenarioFile:
    """Raises NotFound (`unknown-scenario`)."""
    found = scenario_files(schedules)
    for each in found:
        if each.id == wanted:
            return each
    allowed = ", ".join(each.id for each in found)
    raise NotFound("unknown-scenario", f"there is no scenario {wanted!r}", given=wanted, allowed=allowed)


def _read(path: Path) -> ScenarioFile:
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        name = toml_values(text, limits=SCENARIO).get("name")
    except Invalid:
        name = None
    return ScenarioFile(path.stem, name if isinstance(name, str) else path.stem, text)
