"""Results of the planner as tables in the terminal."""

from collections.abc import Iterator, Sequence

from shuttle.cli.common import print_table
from shuttle.domain.planning.result import (
    BaselineResult,
    ChangesResult,
    DayTypeResult,
    Figures,
    PastBoardingsResult,
    PlanResult,
    ProposalResult,
    SensitivityResult,
    TripResult,
)
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.timetable.departures import Schedule
from shuttle.language import Words
from shuttle.language.limits import least_that_works, limit_names

COLUMNS = ("id", "times", "wait", "unserved", "coverage", "vehicles", "hours", "nok", "regret", "changes", "proof")


def print_result(result: PlanResult, schedule: Schedule, scenario: Scenario, words: Words) -> None:
    """Print each day type's proposals under today's timetable, then conflicts, relaxations, status and assumptions."""
    print(words.say("plan.patterns"))
    for number, stops in enumerate(scenario.patterns):
        names = [stop.name for each in stops for stop in schedule.network.stops if stop.id == each]
        print(f"  {chr(ord('A') + number)}  {' – '.join(names)}")
    for day_type, day in result["day_types"].items():
        _print_day(schedule.calendar.names_of(day_type).of(words.language), day, words)
    _print_conflicts(result, words)
    print()
    print(words.say(f"plan.status.{result['status']}", seconds=words.number(result["seconds"], 1)))
    if result["assumed"]:
        print(words.say("plan.assumed", names=", ".join(result["assumed"])))


def print_figures(title: str, rows: Sequence[list[str]], words: Words) -> None:
    """A table of timetables; `rows` of `figures_row`."""
    print_table(title, [words.say(f"plan.column.{column}") for column in COLUMNS], list(rows))


def figures_row(figures: Figures, name: str, words: Words, proposal: ProposalResult | None = None) -> list[str]:
    """The cells of one timetable, one for each of COLUMNS. `proposal`: the same timetable where it is a proposal."""
    return [
        name,
        " ".join(_time(trip) for trip in figures["trips"]),
        f"{words.number(figures['played']['wait_median'])} / {words.number(figures['played']['wait_p90'])}",
        words.number(figures["played"]["unserved"], 1),
        ", ".join(f"{stop} {words.percent(share)}" for stop, share in figures["coverage"].items()),
        str(figures["vehicles"]),
        words.number(figures["driver_minutes"] / 60, 1),
        words.number(figures["nok"]),
        _regret(proposal, words) if proposal else "",
        _changes(figures["changes"], words),
        _proof(proposal, words) if proposal else "",
    ]


def _print_day(title: str, day: DayTypeResult, words: Words) -> None:
    rows = [figures_row(day["today"], day["today"]["id"], words)] if day["today"] else []
    for proposal in day["proposals"]:
        name = proposal["id"] + (" *" if proposal["knee"] else "")
        rows.append(figures_row(proposal, name, words, proposal))
    for baseline in _comparable(day):
        name = words.say(f"plan.baseline.{baseline['name']}") + ("" if baseline["allowed"] else " (!)")
        rows.append(figures_row(baseline, name, words))
    print()
    print_figures(title, rows, words)
    if day["no_proposal"]:
        print(words.say(f"plan.none.{day['no_proposal']}"))
    for proposal in day["proposals"]:
        for line in _remarks(proposal, words):
            print(line)
    if day["sensitivity"]:
        print()
        print_table(words.say("plan.sensitivity"), *_sensitivity_table(day["sensitivity"], words))


def _comparable(day: DayTypeResult) -> Iterator[BaselineResult]:
    """The baselines with as many trips as the knee has; without a knee, as the last proposal has."""
    proposals = [each for each in day["proposals"] if each["knee"]] or day["proposals"][-1:]
    return (each for each in day["baselines"] if proposals and each["trips_count"] == proposals[0]["trips_count"])


def _remarks(proposal: ProposalResult, words: Words) -> Iterator[str]:
    """Recorded boardings of the departures that it moves or drops, and the comparison with each day's own best."""
    if past := proposal["changes"].get("past_boardings"):
        boarded = "; ".join(_past(each, words) for each in past)
        yield words.say("plan.past", proposal=proposal["id"], boarded=boarded)
    hindsight = proposal["hindsight"]
    if hindsight and hindsight["mean"] is not None:
        mean, proven, days = words.number(hindsight["mean"]), hindsight["proven"], hindsight["days"]
        yield words.say("plan.hindsight", proposal=proposal["id"], mean=mean, proven=proven, days=days)


def _print_conflicts(result: PlanResult, words: Words) -> None:
    limits = limit_names(result["limits"], words)
    for conflict in result["conflicts"]:
        print(words.say("plan.conflict", names="; ".join(limits.get(name, name) for name in conflict)))
    for limit in result["limits"]:
        print(least_that_works(limit, words))
    for relaxation in result["relaxations"]:
        names = "; ".join(limits.get(name, name) for name in relaxation["requirements"])
        cost = "?" if relaxation["cost"] is None else words.number(relaxation["cost"])
        print(words.say("plan.relaxation", names=names, cost=cost))


def _sensitivity_table(rows: Sequence[SensitivityResult], words: Words) -> tuple[list[str], list[list[str]]]:
    """Columns and rows: an assumption with another value, and the proposal that is then the best."""
    columns = [words.say(f"plan.column.{column}") for column in ("assumption", "best", "cost", "unserved", "nok")]
    cells = []
    for row in rows:
        best = next(each for each in row["proposals"] if each["id"] == row["best"])
        assumption = words.say(f"plan.sensitivity.{row['what']}", value=words.number(row["value"]))
        figures = [words.number(best["cost"]), words.number(best["unserved"], 1), words.number(best["nok"])]
        cells.append([assumption, best["id"], *figures])
    return columns, cells


def _past(past: PastBoardingsResult, words: Words) -> str:
    if past["mean"] is None:
        return words.say("plan.past.not_recorded", departs=past["departs"])
    return words.say("plan.past.mean", departs=past["departs"], mean=words.number(past["mean"], 1), days=past["days"])


def _regret(proposal: ProposalResult, words: Words) -> str:
    regret = proposal["regret"]
    return "" if regret is None else f"{words.number(regret['mean'])} / {words.number(regret['p95'])}"


def _time(trip: TripResult) -> str:
    letter = "" if trip["pattern"] is None else chr(ord("A") + trip["pattern"])
    return f"{trip['departs']}{letter}"


def _changes(changes: ChangesResult, words: Words) -> str:
    return words.say(
        "plan.changes",
        kept=changes["kept"],
        moved=len(changes["moved"]),
        added=len(changes["added"]),
        dropped=len(changes["dropped"]),
    )


def _proof(proposal: ProposalResult, words: Words) -> str:
    if proposal["proven"]:
        return words.say("plan.proven.twice" if proposal["crosschecked"] else "plan.proven")
    return words.say("plan.gap", gap=words.percent(proposal["gap"], 1))
