"""The code looks like its picture in shuttle/README.md: imports point down, between layers and between subjects of domain/."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
PACKAGE = TOP / "shuttle"

BELOW: dict[str, set[str]] = {
    "domain": set(),
    "language": {"domain"},
    "planner": {"domain"},
    "feeds": {"domain", "language"},
    "store": {"domain"},
    "services": {"feeds", "planner", "store", "domain", "language"},
    "settings": {"domain"},
    "web": {"services", "feeds", "planner", "store", "domain", "language", "settings"},
    "jobs": {"services", "feeds", "planner", "store", "domain", "language", "settings"},
    "cli": {"web", "jobs", "services", "feeds", "planner", "store", "domain", "language", "settings"},
}
"""Layer -> the layers that it may import. A layer may always import its own."""

SUBJECTS: dict[str, set[str]] = {
    "basics": set(),
    "access": {"basics"},
    "timetable": {"basics"},
    "ridership": {"timetable", "basics"},
    "duties": {"timetable", "basics"},
    "planning": {"ridership", "duties", "timetable", "basics"},
}
"""Subject of domain/ -> the subjects that it may import."""

LIBRARIES: dict[str, set[str] | None] = {
    "domain": set(),
    "planner": {"ortools", "highspy", "numpy", "distributed"},
    "language": {"babel"},
}
"""Layers that keep to the standard library and these packages. Other layers may use what the lock has."""

LATE_IMPORTS = {"cli", "services", "store", "planner"}
"""Layers whose functions may import when called: commands, rare database work, and the solver after a first timetable."""

SOLVERS = {"ortools", "highspy"}

FRAMEWORKS = {"fastapi", "starlette", "typer", "jinja2", "granian", "apscheduler"}
LONGEST_FILE = 400
LONGEST_TEST_NAME = 70
MOST_MODULES = 16
"""In one folder; migrations/versions is a history and grows."""


@cache
def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "versions" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def layer(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def layer_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        yield node.module
        if node.module.startswith("shuttle"):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree(path)):
        for name in imported(node):
            yield getattr(node, "lineno", 0), name


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(TOP)}:{line}"


def test_imports_point_down() -> None:
    wrong = [
        f"{where(path, line)} imports {name}"
        for path in modules()
        if (here := layer_of(path)) in BELOW
        for line, name in imports(path)
        if name.startswith("shuttle.")
        and layer(name) in BELOW
        and layer(name) != here
        and layer(name) not in BELOW[here]
    ]
    assert wrong == []


def subject(name: str) -> str:
    return name.split(".")[2] if name.count(".") > 1 else ""


def test_subjects_of_the_domain_point_down() -> None:
    wrong = [
        f"{where(path, line)} imports {name}"
        for path in modules()
        if path.is_relative_to(PACKAGE / "domain") and path.parent != PACKAGE / "domain"
        for line, name in imports(path)
        if name.startswith("shuttle.domain.")
        and (here := path.relative_to(PACKAGE).parts[1]) != subject(name)
        and subject(name) not in SUBJECTS[here]
    ]
    assert wrong == []


def test_no_folder_holds_more_than_16_modules() -> None:
    folders: dict[str, int] = {}
    for path in modules():
        if path.name != "__init__.py":
            folder = path.parent.relative_to(TOP).as_posix()
            folders[folder] = folders.get(folder, 0) + 1
    assert {folder: count for folder, count in folders.items() if count > MOST_MODULES} == {}


def test_every_layer_is_in_the_picture() -> None:
    layers = {layer_of(path) for path in modules()} - {"__init__", "__main__"}
    assert layers <= set(BELOW)


@pytest.mark.parametrize("here", sorted(LIBRARIES))
def test_inner_layers_keep_to_the_standard_library(here: str) -> None:
    allowed = (LIBRARIES[here] or set()) | {"shuttle"} | set(sys.stdlib_module_names)
    wrong = [
        f"{where(path, line)} imports {name}"
        for path in modules()
        if layer_of(path) == here
        for line, name in imports(path)
        if name.split(".")[0] not in allowed
    ]
    assert wrong == []


def test_no_framework_stands_below_the_top_row() -> None:
    wrong = [
        f"{where(path, line)} imports {name}"
        for path in modules()
        if layer_of(path) in {"services", "feeds", "store", "planner", "domain", "language"}
        for line, name in imports(path)
        if name.split(".")[0] in FRAMEWORKS
        and not (layer_of(path) == "feeds" and name == "jinja2")  # a report as HTML is a format like the others
    ]
    assert wrong == []


def test_only_the_planner_names_the_solver() -> None:
    wrong = [
        f"{where(path, line)} imports {name}"
        for path in modules()
        if layer_of(path) != "planner"
        for line, name in imports(path)
        if name.split(".")[0] in SOLVERS
    ]
    assert wrong == []


@cache
def module_names() -> dict[str, Path]:
    names = {}
    for path in modules():
        parts = path.relative_to(TOP).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


def loaded_with(path: Path) -> set[Path]:
    """Modules of ours that importing this one loads (imports at the top of a module, not under TYPE_CHECKING)."""
    modules_loaded = set()
    for node in tree(path).body:
        for name in imported(node):
            if name in module_names():
                modules_loaded.add(module_names()[name])
    return modules_loaded - {path}


def reachable(path: Path) -> set[Path]:
    seen: set[Path] = set()
    waiting = [path]
    while waiting:
        for module in loaded_with(waiting.pop()) - seen:
            seen.add(module)
            waiting.append(module)
    return seen


def parents(path: Path) -> set[Path]:
    """The packages that importing a module loads before it."""
    names = {file: name for name, file in module_names().items()}
    parts = names[path].split(".")
    return {module_names()[".".join(parts[:count])] for count in range(1, len(parts))} & set(names)


def test_only_the_solver_process_loads_the_solver() -> None:
    """A web worker that loads OR-Tools is 55 MiB heavier and starts twice as slowly; late imports count here too."""
    solving = {path for path in modules() if any(name.split(".")[0] in SOLVERS for _, name in imports(path))}

    def brings_the_solver(path: Path) -> bool:
        loaded = {path} | reachable(path)
        return bool((loaded | {package for each in loaded for package in parents(each)}) & solving)

    wrong = [
        f"{where(path, line)} imports {name}"
        for path in modules()
        if layer_of(path) != "planner"
        for line, name in imports(path)
        if name in module_names() and layer(name) == "planner" and brings_the_solver(module_names()[name])
    ]
    assert wrong == []


def test_pages_and_the_api_do_not_know_each_other() -> None:
    """What both show is made below them: documents in feeds, who asks in web/identity."""
    apart = {"pages": "shuttle.web.api", "api": "shuttle.web.pages"}
    wrong = [
        f"{where(path, line)} imports {name}"
        for path in modules()
        for folder, other in apart.items()
        if path.is_relative_to(PACKAGE / "web" / folder)
        for line, name in imports(path)
        if f"{name}.".startswith(f"{other}.")
    ]
    assert wrong == []


def test_no_module_is_in_a_ring_of_imports() -> None:
    assert [str(path.relative_to(TOP)) for path in modules() if path in reachable(path)] == []


def test_functions_import_only_where_it_is_worth_it() -> None:
    wrong = [
        f"{where(path, node.lineno)}"
        for path in modules()
        if layer_of(path) not in LATE_IMPORTS
        for function in ast.walk(tree(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom) and any(name.startswith("shuttle") for name in imported(node))
    ]
    assert wrong == []


def test_no_file_is_longer_than_400_lines() -> None:
    long = {str(path.relative_to(TOP)): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == {}


def test_names_of_tests_have_at_most_70_characters() -> None:
    long = [
        f"{where(path, node.lineno)} {node.name}"
        for path in sorted((TOP / "tests").rglob("test_*.py"))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and len(node.name) > LONGEST_TEST_NAME
    ]
    assert long == []


def test_migrations_are_one_chain_and_no_number_is_used_twice() -> None:
    """Two that were written side by side would leave the database with half of its tables."""
    files = sorted((PACKAGE / "store/migrations/versions").glob("0*.py"))
    revisions = [
        dict(re.findall(r'^(revision|down_revision) = "(\d+)"', path.read_text(), re.MULTILINE)) for path in files
    ]
    numbers = [path.name[:4] for path in files]
    assert [each["revision"] for each in revisions] == numbers == [f"{n:04d}" for n in range(1, len(files) + 1)]
    assert [each.get("down_revision") for each in revisions] == [None, *numbers[:-1]]


def test_every_module_says_what_it_is_for() -> None:
    assert [str(path.relative_to(TOP)) for path in modules() if not ast.get_docstring(tree(path))] == []


def test_nothing_is_left_open_in_the_code() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error")
    wrong = [
        f"{where(path, number)}"
        for path in modules()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if any(mark in line for mark in marks)
    ]
    assert wrong == []


def test_only_what_belongs_there_stands_at_the_top() -> None:
    expected = {"pyproject.toml", "shuttle", "schedules", "tests", "scripts", "Dockerfile", "README.md"}
    locks = {"requirements.lock", "requirements-test.lock", "requirements-cluster.lock"}
    built = {"var"}
    names = {path.name for path in TOP.iterdir() if not path.name.startswith(".")}
    assert names - expected - locks - built == set()
