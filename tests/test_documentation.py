"""README.md says what is there: every setting and every command, and nothing that is not."""

import re
from pathlib import Path

from shuttle.cli import MODULES
from shuttle.settings import SCHEDULES, Settings

README = Path(__file__).parent.parent / "README.md"


def settings_table() -> str:
    """The table as it must stand in README.md."""
    lines = ["| variable | default | what |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = "`schedules/` beside the program" if field.default == SCHEDULES else f"`{field.default}`"
        lines.append(f"| `SHUTTLE_{name.upper()}` | {default if str(field.default) else ''} | {field.description} |")
    return "\n".join(lines)


def test_every_setting_is_documented() -> None:
    found = re.search(r"<!-- settings:[^>]*-->\n(.*?)\n<!-- end of settings -->", README.read_text("utf-8"), re.DOTALL)
    assert found is not None
    assert found[1] == settings_table()


def test_what_is_set_in_the_files_for_operators_is_a_setting() -> None:
    known = {f"SHUTTLE_{name.upper()}" for name in Settings.model_fields}
    for name in ("scripts/compose.yaml", "scripts/shuttle.service", "Dockerfile"):
        written = set(re.findall(r"SHUTTLE_[A-Z_]+", (README.parent / name).read_text("utf-8")))
        assert written, name
        assert written <= known, name


def test_every_metric_that_readme_names_is_there() -> None:
    source = "".join(path.read_text("utf-8") for path in (README.parent / "shuttle/web").rglob("*metrics.py"))
    named = {name.removesuffix("_count") for name in re.findall(r"shuttle_[a-z_]+_[a-z_]+", README.read_text("utf-8"))}
    assert named
    assert [name for name in sorted(named) if f'"{name}"' not in source] == []


def test_every_command_that_readme_names_exists() -> None:
    named = set(re.findall(r"(?:scripts/run|`shuttle) ([a-z]+)", README.read_text("utf-8")))
    assert named <= set(MODULES)


def test_readme_names_every_room_of_the_house() -> None:
    text = README.read_text("utf-8")
    rooms = {
        path.name for path in (README.parent / "shuttle").iterdir() if path.is_dir() and path.name != "__pycache__"
    }
    assert [room for room in sorted(rooms) if f"  {room}/" not in text] == []
