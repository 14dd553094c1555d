"""The documents name every setting, command, metric and layer, and none that does not exist."""

import re
from pathlib import Path

import pytest

from shuttle.cli import MODULES
from shuttle.settings import SCHEDULES, Settings

TOP = Path(__file__).parent.parent
README = TOP / "README.md"
MANUAL = TOP / "scripts" / "README.md"
HOUSE = TOP / "shuttle" / "README.md"
DOCUMENTS = (
    README,
    MANUAL,
    HOUSE,
    TOP / "shuttle/web/api/README.md",
    TOP / "shuttle/planner/README.md",
    SCHEDULES / "README.md",
    TOP / ".github" / "SECURITY.md",
)
LONGEST_README = 150
PATHS = re.compile(
    r"`((?:shuttle|scripts|schedules|tests|domain|store|services|feeds|web|cli|planner|language)/[\w/-][\w./-]+)`"
)


def settings_table() -> str:
    """The table as it must stand in scripts/README.md."""
    lines = ["| variable | default | what |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = "`schedules/` beside the program" if field.default == SCHEDULES else f"`{field.default}`"
        lines.append(f"| `SHUTTLE_{name.upper()}` | {default if str(field.default) else ''} | {field.description} |")
    return "\n".join(lines)


def test_every_setting_is_documented() -> None:
    table = re.search(r"<!-- settings:[^>]*-->\n(.*?)\n<!-- end of settings -->", MANUAL.read_text("utf-8"), re.DOTALL)
    assert table is not None
    assert table[1] == settings_table()


def test_files_for_operators_name_settings_that_exist() -> None:
    names = {f"SHUTTLE_{name.upper()}" for name in Settings.model_fields}
    for name in ("scripts/compose.yaml", "scripts/shuttle.service", "Dockerfile"):
        written = set(re.findall(r"SHUTTLE_[A-Z_]+", (TOP / name).read_text("utf-8")))
        assert written, name
        assert written <= names, name


def test_every_metric_that_the_manual_names_exists() -> None:
    source = "".join(path.read_text("utf-8") for path in (TOP / "shuttle/web").rglob("*metrics.py"))
    named = {name.removesuffix("_count") for name in re.findall(r"shuttle_[a-z_]+_[a-z_]+", MANUAL.read_text("utf-8"))}
    assert named
    assert [name for name in sorted(named) if f'"{name}"' not in source] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.parent.name)
def test_every_command_that_a_document_names_exists(document: Path) -> None:
    named = set(re.findall(r"(?:scripts/run|`shuttle) ([a-z]+)", document.read_text("utf-8")))
    assert named <= set(MODULES)


def test_the_developers_guide_names_every_layer() -> None:
    text = HOUSE.read_text("utf-8")
    layers = {path.name for path in (TOP / "shuttle").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert [layer for layer in sorted(layers) if f"  {layer}/" not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.parent.name)
def test_every_link_and_path_in_a_document_leads_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if "://" not in link]
    paths = PATHS.findall(text)
    assert [link for link in links if not (document.parent / link).exists()] == []
    assert [path for path in paths if not (TOP / path).exists() and not (TOP / "shuttle" / path).exists()] == []


def test_the_readme_is_short() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= LONGEST_README


def test_decisions_are_numbered_and_say_context_decision_consequence() -> None:
    records = sorted((TOP / "shuttle" / "decisions").glob("*.md"))
    assert [record.name[:4] for record in records] == [f"{number:04d}" for number in range(1, len(records) + 1)]
    for record in records:
        assert re.findall(r"^## (\w+)$", record.read_text("utf-8"), re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequence",
        ]
