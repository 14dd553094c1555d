"""Dependencies: pyproject.toml declares exactly what the program imports, and the locks contain it.

A package that is declared and never imported makes every image larger; one that is imported and only comes along with
another is gone when the other drops it. A package belongs to a module by the files that it installs: `google` alone is
shared by several.
"""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))
OURS = {"shuttle", "tests", "scripts"}

PROGRAM = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["cluster"]]
TESTS = PROJECT["dependency-groups"]["test"]

USED_WITHOUT_AN_IMPORT = {
    "python-multipart": "FastAPI reads forms with it",
    "tzdata": "zoneinfo reads it where the system has no time zones",
}
TEST_TOOLS = {
    "mypy": "scripts/test runs it",
    "pytest-xdist": "pytest -n",
    "ruff": "scripts/test runs it",
}


def names(requirements: Iterable[str]) -> set[str]:
    """`psycopg[binary]>=3.3` -> `psycopg`."""
    return {re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower() for requirement in requirements}


@cache
def modules(package: str) -> frozenset[str]:
    """The modules that an installed package brings, with their whole names."""
    files = distribution(package).files or ()
    code = [file for file in files if file.suffix in {".py", ".so", ".pyd"} and ".." not in file.parts]
    parts = [(*file.parts[:-1], file.name.split(".")[0]) for file in code]
    return frozenset(".".join(each[:-1] if each[-1] == "__init__" else each) for each in parts)


@cache
def imported(*folders: str) -> dict[str, str]:
    """Each module of others that the files of these folders import -> the first file that does."""
    first: dict[str, str] = {}
    for path in sorted(path for folder in folders for path in (TOP / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                several = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                several = [node.module]
            else:
                continue
            for name in several:
                if name.split(".")[0] not in sys.stdlib_module_names | OURS:
                    first.setdefault(name, str(path.relative_to(TOP)))
    return first


def undeclared(packages: set[str], *folders: str) -> dict[str, str]:
    brought = frozenset[str]().union(*map(modules, packages))
    return {name: path for name, path in imported(*folders).items() if name not in brought}


def unused(packages: set[str], *folders: str) -> set[str]:
    return {package for package in packages if not modules(package) & imported(*folders).keys()}


def test_the_program_imports_only_what_is_declared() -> None:
    assert undeclared(names(PROGRAM), "shuttle") == {}


def test_what_is_declared_is_imported_or_has_its_reason() -> None:
    assert unused(names(PROGRAM), "shuttle") == USED_WITHOUT_AN_IMPORT.keys()


def test_tests_and_benchmarks_import_only_what_is_declared() -> None:
    assert undeclared(names(PROGRAM) | names(TESTS), "tests", "scripts") == {}


def test_what_is_declared_for_tests_is_imported_or_has_its_reason() -> None:
    assert unused(names(TESTS), "tests", "scripts") == TEST_TOOLS.keys()


def test_only_what_runs_in_an_image_is_a_dependency_of_the_program() -> None:
    """A cluster's extra is tested too, and stands in both lists."""
    assert names(PROJECT["project"]["dependencies"]) & names(TESTS) == set()


@pytest.mark.parametrize(
    ("lock", "declared"),
    [
        ("requirements.lock", PROJECT["project"]["dependencies"]),
        ("requirements-cluster.lock", PROGRAM),
        ("requirements-test.lock", [*PROGRAM, *TESTS]),
    ],
)
def test_a_lock_pins_what_is_declared_with_hashes_and_names_no_index(lock: str, declared: list[str]) -> None:
    text = (TOP / lock).read_text("utf-8")
    pinned = re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==[^\n]*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    assert names(declared) - set(pinned) == set()
    assert not re.search(r"://|--index|--find-links", text)


def test_an_import_that_nothing_declared_brings_is_seen() -> None:
    assert undeclared(names(PROGRAM) - {"joserfc"}, "shuttle").keys() >= {"joserfc.errors"}
    assert "gtfs-realtime-bindings" in unused({"gtfs-realtime-bindings"}, "shuttle/domain")


def test_the_bill_of_materials_has_every_locked_package_and_its_licence() -> None:
    bill = json.loads((TOP / ".github" / "sbom.cdx.json").read_text("utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    listed = {each["purl"]: each for each in bill["components"]}
    text = (TOP / "requirements.lock").read_text("utf-8")
    pinned = re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", text, re.MULTILINE)
    npm = json.loads((TOP / "scripts" / "assets" / "package-lock.json").read_text("utf-8"))["packages"]
    loaded = [
        (path.rpartition("node_modules/")[2].replace("@", "%40"), package["version"])
        for path, package in npm.items()
        if path and not package.get("dev")
    ]
    assert set(listed) == {f"pkg:pypi/{name}@{version}" for name, version in pinned} | {
        f"pkg:npm/{name}@{version}" for name, version in loaded
    }
    assert [purl for purl, each in listed.items() if not each["hashes"] or not each["licenses"][0]["expression"]] == []
    assert bill["metadata"]["component"]["version"] == PROJECT["project"]["version"]
    rows = (TOP / ".github" / "LICENCES.md").read_text("utf-8").count("\n| ") - 2
    assert rows == len(bill["components"])
