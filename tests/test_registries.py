"""Completeness of registries: every table with an entry per member of an enumeration has all members.

Requirement kinds are the leaves below `Requirement`. Enumerations are compared with every dict of `shuttle/` whose keys are their
members, and with every `Literal` that spells their values, wherever it stands: a table that is written tomorrow is compared too.
"""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from enum import Enum, StrEnum
from pathlib import Path
from typing import get_type_hints

import pytest

import shuttle.domain
from shuttle.cli.timetable import exports
from shuttle.domain.access.permissions import MAY, Action, Role
from shuttle.domain.basics import errors
from shuttle.domain.planning import rules
from shuttle.domain.planning.scenario import DriverDuties, Requirement
from shuttle.domain.ridership.boardings import CORRECTION, WEIGHTS, CountState, Doubt, precedence
from shuttle.domain.ridership.fortnights import Period
from shuttle.domain.ridership.statistics import ChangeVerdict
from shuttle.domain.ridership.trials import Measure, Outcome, TrialVerdict
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.domain.timetable.departures import DepartureStatus
from shuttle.domain.timetable.service_days import ReasonKind
from shuttle.domain.timetable.trips import TimetableStatus
from shuttle.feeds.gtfs import alerts
from shuttle.feeds.scenario_files import requirements
from shuttle.jobs import JOBS
from shuttle.language import LANGUAGES, words
from shuttle.planner.model import constraints
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import Program
from shuttle.web.pages.planning import overview
from shuttle.web.pages.planning.form import fields as form_fields
from shuttle.web.server import problems
from tests.builders import SCHEDULES
from tests.planner.questions import RATES, a_question

PACKAGE = Path(shuttle.domain.__file__).parents[1]
MANUAL = (PACKAGE.parent / "scripts" / "README.md").read_text("utf-8")
API_README = (PACKAGE / "web" / "api" / "README.md").read_text("utf-8")
SCHEDULES_README = (SCHEDULES / "README.md").read_text("utf-8")
PLANNER_README = (PACKAGE / "planner" / "README.md").read_text("utf-8")


def leaves(kind: type) -> set[type]:
    below: list[type] = kind.__subclasses__()
    return set().union(*map(leaves, below)) if below else {kind}


def enumerations() -> dict[str, list[type[Enum]]]:
    """Name -> the enumerations of the domain of that name."""
    by_name: dict[str, list[type[Enum]]] = {}
    for module in pkgutil.walk_packages(shuttle.domain.__path__, "shuttle.domain."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, StrEnum) and value.__module__ == module.name:
                by_name.setdefault(value.__name__, []).append(value)
    return by_name


KINDS = leaves(Requirement)


def test_every_requirement_but_driver_duties_has_a_check_and_rows() -> None:
    assert len(KINDS) >= 14
    assert set(rules.CHECKS) == KINDS - {DriverDuties}
    assert set(constraints.ROWS) == KINDS - {DriverDuties}


def test_every_requirement_has_a_table_and_form_fields() -> None:
    tables = requirements.KINDS.values()
    assert {get_type_hints(vars(table)["built"].func)["return"] for table in tables} == KINDS
    assert list(requirements.KINDS) == list(form_fields.KINDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_requirement_and_each_of_its_fields_has_words(language: str) -> None:
    catalogue = words(language)
    keys = [f"form.kind.{kind}" for kind in requirements.KINDS]
    keys += [f"form.{kind}.{field.key}" for kind, fields in form_fields.KINDS.items() for field in fields]
    assert [key for key in keys if not catalogue.knows(key)] == []


def test_every_kind_of_input_reads_and_shows_its_values() -> None:
    parts = (form_fields.HEAD, form_fields.FLEET, form_fields.DEMAND, form_fields.PROFILE)
    used = {field.kind for fields in (*parts, form_fields.FRONT, *form_fields.KINDS.values()) for field in fields}
    assert used <= set(form_fields._VALUES) == set(form_fields._TEXTS)


@pytest.mark.parametrize("kind", requirements.KINDS)
def test_every_requirement_stands_in_both_readmes(kind: str) -> None:
    assert re.search(rf"^\| `{kind}` \|", SCHEDULES_README, re.MULTILINE)
    assert f"`{kind}`" in PLANNER_README


def test_a_requirement_nobody_registered_is_an_error_not_a_pass() -> None:
    class Unregistered(Requirement):
        """A kind that somebody wrote and registered nowhere."""

    asked = a_question([], Unregistered(name="stray"))
    with pytest.raises(KeyError):
        rules.verdicts(rules.PlannedDay(scenario=asked, day_type="weekday", trips=()))
    with pytest.raises(KeyError):
        constraints.add_requirements(Program(), Problem(asked, "weekday", (), RATES))


SHOWN: dict[str, type[StrEnum]] = {
    "status": DepartureStatus,
    "reason": ReasonCode,
    "why": ReasonKind,
    "role": Role,
    "question": Doubt,
    "planner.timetable_status": TimetableStatus,
    "trials.measure": Measure,
    "trials.outcome": Outcome,
    "trials.close": Outcome,
    "trials.finding": TrialVerdict,
    "trials.verdict": ChangeVerdict,
    "filed": Period,
}
"""Beginning of a text's key -> the enumeration whose members end it."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_member_that_is_shown_has_words(language: str) -> None:
    catalogue = words(language)
    keys = [f"{beginning}.{member}" for beginning, members in SHOWN.items() for member in members]
    keys += [f"feeds.{status}" for status in DepartureStatus if status is not DepartureStatus.SCHEDULED]
    keys += [f"job.{job.name}" for job in JOBS]
    keys += [f"planner.status.{status}" for status in overview.COLOURS] + [
        f"planner.why.{status}" for status in overview.AGAIN
    ]
    assert [key for key in keys if not catalogue.knows(key)] == []


INCOMPLETE = {
    ("feeds/gtfs/alerts.py", "DepartureStatus"): {"SCHEDULED"},  # a departure that runs as planned is no alert
    ("store/ridership/sums.py", "Grouping"): {
        "WEEKDAY",
        "DESTINATION",
    },  # weekdays are sums of days; boardings tell no destination
    ("domain/ridership/summaries.py", "Grouping"): {"DESTINATION"},  # destination_sums makes those rows
    ("domain/ridership/destination_sums.py", "Grouping"): {"STOP"},  # refused beside a destination
    ("web/api/ridership.py", "Grouping"): {"HOUR", "TRIP"},  # a release has no breakdown by these
    ("feeds/gtfs/alerts.py", "ReasonCode"): set(ReasonCode.__members__)
    - {"VEHICLE_FAULT", "WEATHER"},  # OTHER_CAUSE, and said in words
}
"""(file, enumeration) -> members that its table leaves out on purpose."""


def enum_tables() -> Iterator[tuple[str, str, set[str]]]:
    """(file, enumeration, its members that are keys) for each dict whose keys are members of one enumeration."""
    names = enumerations()
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Dict) or not node.keys:
                continue
            keys = [k for k in node.keys if isinstance(k, ast.Attribute) and isinstance(k.value, ast.Name)]
            owners = {k.value.id for k in keys if isinstance(k.value, ast.Name)}
            if len(keys) == len(node.keys) and len(owners) == 1 and (owner := owners.pop()) in names:
                yield path.relative_to(PACKAGE).as_posix(), owner, {key.attr for key in keys}


def test_every_table_keyed_by_an_enumeration_has_each_member() -> None:
    tables = list(enum_tables())
    assert {"DepartureStatus", "Role", "ChangeKind"} <= {owner for _, owner, _ in tables}
    names = enumerations()
    wrong = []
    for where, owner, keys in tables:
        members = next(set(e.__members__) for e in names[owner] if keys <= set(e.__members__))
        if keys != members - INCOMPLETE.get((where, owner), set()):
            wrong.append((where, owner, sorted(members - keys)))
    assert wrong == []


def literals() -> Iterator[tuple[str, frozenset[str]]]:
    """(file, values) of each `Literal` of two words or more."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal":
                parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
                values = frozenset(p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str))
                if len(values) > 1:
                    yield path.relative_to(PACKAGE).as_posix(), values


NARROWER = {frozenset({"cancel", "retime"})}
"""Literals that leave a member out on purpose: one departure cannot be made an extra one."""


def test_every_literal_that_spells_an_enumeration_spells_all_of_it() -> None:
    spelt = list(literals())
    members = [frozenset(str(m) for m in e) for several in enumerations().values() for e in several]
    assert any(values == frozenset(DepartureStatus) for _, values in spelt)
    wrong = [
        (where, sorted(values))
        for where, values in spelt
        if values not in members and values not in NARROWER and any(values < other for other in members)
    ]
    assert wrong == []


TEMPLATES = ("macros.html", "public/day.html", "driver/day.html", "staff/day.html")


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_page_names_every_status_or_asks_for_its_words(name: str) -> None:
    page = (PACKAGE / "web" / "templates" / name).read_text("utf-8")
    unnamed = [s for s in DepartureStatus if s is not DepartureStatus.SCHEDULED and f'"{s}"' not in page]
    assert not unnamed or 't("status." ~' in page


def test_realtime_says_the_effect_of_every_status_that_is_an_alert() -> None:
    assert set(alerts._EFFECTS) == set(DepartureStatus) - {DepartureStatus.SCHEDULED}


def test_every_state_and_status_stands_in_the_table_of_exported_counts() -> None:
    rows = dict(re.findall(r"^\| (status|state) \| word \| (.+?) \|$", SCHEDULES_README, re.MULTILINE))
    assert [status for status in DepartureStatus if f"`{status}`" not in rows["status"]] == []
    assert [state for state in CountState if f"`{state}`" not in rows["state"]] == []


def test_every_role_has_acts_and_every_act_somebody_who_may() -> None:
    assert set(MAY) == set(Role)
    assert set().union(*MAY.values()) == set(Action)
    head = next(line for line in API_README.splitlines() if line.startswith("| route | everybody |"))
    assert [part.strip() for part in head.split("|")[3:-1]] == list(Role)


def test_whose_count_holds_is_said_for_roles_that_there_are() -> None:
    assert set(WEIGHTS) - {CORRECTION} <= set(Role)
    assert all(precedence(role, 0)[0] == WEIGHTS.get(role, 0) for role in Role)


def test_every_error_has_a_status() -> None:
    assert set(problems.STATUS) == leaves(errors.ShuttleError)


def test_every_job_stands_in_the_readme_and_its_name_is_its_own() -> None:
    names = [job.name for job in JOBS]
    assert len(names) == len(set(names))
    assert [name for name in names if f"| `{name}` |" not in MANUAL] == []


def test_every_export_names_a_function_that_there_is() -> None:
    for path in exports.WRITERS.values():
        module, _, name = path.partition(":")
        assert callable(getattr(importlib.import_module(module), name))
    assert set(exports.WRITERS) >= exports.FOLDERS
