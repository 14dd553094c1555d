"""`scripts/bench [NAME...]`: run subjects, print a table, end with 1 when a "must" is missed."""

import argparse
import importlib
import os
import pkgutil
import sys
from types import ModuleType

from rich.console import Console
from rich.table import Table

from scripts import benchmarks
from scripts.benchmarks.rows import Row


def subjects() -> dict[str, ModuleType]:
    """Name -> module, for every module of this package that has a NAME."""
    names = [info.name for info in pkgutil.iter_modules(benchmarks.__path__) if info.name != "__main__"]
    modules = [importlib.import_module(f"scripts.benchmarks.{name}") for name in names]
    return {module.NAME: module for module in modules if hasattr(module, "NAME")}


def figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(name: str, rows: list[Row]) -> Table:
    rendered = Table(title=name, title_justify="left")
    for column, justify in (
        ("what", "left"),
        ("median", "right"),
        ("lowest..highest", "right"),
        ("must", "right"),
        ("", "left"),
    ):
        rendered.add_column(column, justify="right" if justify == "right" else "left")
    for row in rows:
        spread = "..".join(map(figure, row.spread)) if row.spread else ""
        verdict = "" if not row.must else "met" if row.met else "MISSED"
        rendered.add_row(row.name, f"{figure(row.value)} {row.unit}".strip(), spread, row.must, verdict)
    return rendered


def main() -> int:
    modules = subjects()
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure ratios to a baseline, in one run.")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"one of: {', '.join(modules)} (default: all that take minutes at most)",
    )
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each pair (default 7)")
    parser.add_argument(
        "--minutes",
        type=int,
        dest="rounds",
        default=argparse.SUPPRESS,
        help="the same, for `mixed`: a round is a minute",
    )
    parser.add_argument("--list", action="store_true", help="name the subjects and their baselines")
    arguments = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 140)
    if arguments.list:
        for name, module in modules.items():
            print(f"{name:14} {(module.__doc__ or '').splitlines()[0]}")
        return 0
    unknown = [name for name in arguments.names if name not in modules]
    if unknown:
        parser.error(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(modules)}")
    missed = []
    for name in arguments.names or [name for name in modules if not hasattr(modules[name], "ONLY_WHEN_NAMED")]:
        print(f"{name}: {arguments.rounds} rounds, load average {os.getloadavg()[0]:.1f}", file=sys.stderr)
        rows: list[Row] = modules[name].run(arguments.rounds)
        console.print(table(name, rows))
        missed += [f"{name}: {row.name}" for row in rows if not row.met]
    for line in missed:
        print(f"MISSED by more than 10 %: {line}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
