"""Answers of the planner as tables in the terminal."""

from collections.abc import Sequence
from typing import Any

from shuttle.cli.common import print_table
from shuttle.domain.departures import Schedule
from shuttle.domain.scenario import Scenario
from shuttle.language import Words

Figures = dict[str, Any]
COLUMNS = ("id", "times", "wait", "unserved", "coverage", "vehicles", "hours", "nok", "changes", "proof")


def print_answer(answer: Figures, schedule: Schedule, scenario: Scenario, words: Words) -> None:
    """Each day type's proposals under today's timetable; what clashes; and what all of it rests on."""
    print(words.say("plan.patterns"))
    for number, stops in enumerate(scenario.patterns):
        called = [stop.name for each in stops for stop in schedule.network.stops if stop.id == each]
        print(f"  {chr(ord('A') + number)}  {' – '.join(called)}")
    for day_type, found in answer["day_types"].items():
        title = schedule.calendar.names_of(day_type).of(words.language)
        rows = [found["today"]] if found["today"] else []
        columns, cells = figures_table([*rows, *found["proposals"]], words)
        print()
        print_table(title, columns, cells)
    for conflict in answer["conflicts"]:
        print(words.say("plan.conflict", names="; ".join(conflict)))
    for relaxation in answer["relaxations"]:
        names = "; ".join(relaxation["requirements"])
        cost = "?" if relaxation["cost"] is None else words.number(relaxation["cost"])
        print(words.say("plan.relaxation", names=names, cost=cost))
    print()
    print(words.say(f"plan.status.{answer['status']}", seconds=words.number(answer["seconds"], 1)))
    if answer["assumed"]:
        print(words.say("plan.assumed", names=", ".join(answer["assumed"])))


def figures_table(several: Sequence[Figures], words: Words) -> tuple[list[str], list[list[str]]]:
    """Columns and rows for proposals, today's timetable among them."""
    return [words.say(f"plan.column.{column}") for column in COLUMNS], [_row(each, words) for each in several]


def _row(figures: Figures, words: Words) -> list[str]:
    return [
        figures.get("id", "") + (" *" if figures.get("knee") else ""),
        " ".join(_time(trip) for trip in figures["trips"]),
        f"{words.number(figures['played']['wait_median'])} / {words.number(figures['played']['wait_p90'])}",
        words.number(figures["played"]["unserved"], 1),
        ", ".join(f"{stop} {words.percent(share)}" for stop, share in figures["coverage"].items()),
        str(figures["vehicles"]),
        words.number(figures["driver_minutes"] / 60, 1),
        words.number(figures["nok"]),
        _changes(figures["changes"], words),
        _proof(figures, words),
    ]


def _time(trip: Figures) -> str:
    letter = "" if trip["pattern"] is None else chr(ord("A") + trip["pattern"])
    return f"{trip['departs']}{letter}"


def _changes(changes: Figures, words: Words) -> str:
    return words.say(
        "plan.changes",
        kept=changes["kept"],
        moved=len(changes["moved"]),
        added=len(changes["added"]),
        dropped=len(changes["dropped"]),
    )


def _proof(figures: Figures, words: Words) -> str:
    if "proven" not in figures:
        return ""
    if figures["proven"]:
        return words.say("plan.proven.twice" if figures["crosschecked"] else "plan.proven")
    return words.say("plan.gap", gap=words.percent(figures["gap"], 1))
