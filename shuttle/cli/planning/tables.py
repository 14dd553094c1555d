"""Answers of the planner as tables in the terminal."""

from collections.abc import Sequence
from typing import Any

from shuttle.cli.common import print_table
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.timetable.departures import Schedule
from shuttle.language import Words
from shuttle.language.limits import least_that_works, limit_names

Figures = dict[str, Any]
COLUMNS = ("id", "times", "wait", "unserved", "coverage", "vehicles", "hours", "nok", "regret", "changes", "proof")


def print_answer(answer: Figures, schedule: Schedule, scenario: Scenario, words: Words) -> None:
    """Each day type's proposals under today's timetable; what clashes; and what all of it rests on."""
    print(words.say("plan.patterns"))
    for number, stops in enumerate(scenario.patterns):
        called = [stop.name for each in stops for stop in schedule.network.stops if stop.id == each]
        print(f"  {chr(ord('A') + number)}  {' – '.join(called)}")
    for day_type, found in answer["day_types"].items():
        title = schedule.calendar.names_of(day_type).of(words.language)
        rows = [found["today"]] if found["today"] else []
        columns, cells = figures_table([*rows, *found["proposals"], *_baselines(found, words)], words)
        print()
        print_table(title, columns, cells)
        if not found["proposals"]:
            print(words.say(f"plan.none.{found['no_proposal']}"))
        for proposal in found["proposals"]:
            if past := proposal["changes"].get("past_boardings"):
                boarded = "; ".join(_past(each, words) for each in past)
                print(words.say("plan.past", proposal=proposal["id"], boarded=boarded))
            if seen := proposal.get("hindsight"):
                mean = words.number(seen["mean"])
                known = {"proven": seen["proven"], "days": seen["days"]}
                print(words.say("plan.hindsight", proposal=proposal["id"], mean=mean, **known))
        if found["sensitivity"]:
            print()
            print_table(words.say("plan.sensitivity"), *sensitivity_table(found["sensitivity"], words))
    limits = limit_names(answer.get("limits", ()), words)
    for conflict in answer["conflicts"]:
        print(words.say("plan.conflict", names="; ".join(limits.get(name, name) for name in conflict)))
    for limit in answer.get("limits", ()):
        print(least_that_works(limit, words))
    for relaxation in answer["relaxations"]:
        names = "; ".join(limits.get(name, name) for name in relaxation["requirements"])
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
        _regret(figures, words),
        _changes(figures["changes"], words),
        _proof(figures, words),
    ]


def sensitivity_table(rows: Sequence[Figures], words: Words) -> tuple[list[str], list[list[str]]]:
    """Columns and rows: an assumption with another value, and which proposal is then the best."""
    columns = [words.say(f"plan.column.{column}") for column in ("assumption", "best", "cost", "unserved", "nok")]
    cells = []
    for row in rows:
        best = next(each for each in row["proposals"] if each["id"] == row["best"])
        assumption = words.say(f"plan.sensitivity.{row['what']}", value=words.number(row["value"]))
        figures = [words.number(best["cost"]), words.number(best["unserved"], 1), words.number(best["nok"])]
        cells.append([assumption, best["id"], *figures])
    return columns, cells


def _baselines(found: Figures, words: Words) -> list[Figures]:
    """What one would make by hand with as many trips as the knee (or, without one, as the last proposal) has."""
    marked = [proposal for proposal in found["proposals"] if proposal["knee"]] or found["proposals"][-1:]
    count = marked[0]["trips_count"] if marked else None
    return [
        {**each, "id": words.say(f"plan.baseline.{each['name']}") + ("" if each["allowed"] else " (!)")}
        for each in found["baselines"]
        if each["trips_count"] == count
    ]


def _past(each: Figures, words: Words) -> str:
    if each["mean"] is None:
        return words.say("plan.past.not_recorded", departs=each["departs"])
    return words.say("plan.past.mean", departs=each["departs"], mean=words.number(each["mean"], 1), days=each["days"])


def _regret(figures: Figures, words: Words) -> str:
    regret = figures.get("regret")
    return "" if regret is None else f"{words.number(regret['mean'])} / {words.number(regret['p95'])}"


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
