"""Command line: `shuttle COMMAND`, the services from a terminal.

A command's module is imported when the command is called, so that `shuttle departures` does not import the solver or the web.
Standard output holds the result alone; progress, logs and errors go to standard error. Exit codes: 0 done, 1 refused or not found,
2 wrong usage.
"""

import importlib
import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from shuttle.domain.basics.errors import Invalid, ShuttleError
from shuttle.domain.basics.texts import check_readable

UsageError: Any = typer.BadParameter.__mro__[1]
"""Raised for wrong usage: the parent class of Typer's public BadParameter."""

MODULES = {
    "serve": "shuttle.cli.operation.serve",
    "departures": "shuttle.cli.timetable.departures",
    "record": "shuttle.cli.ridership.boardings",
    "users": "shuttle.cli.access",
    "tokens": "shuttle.cli.access",
    "facts": "shuttle.cli.timetable.facts",
    "timetables": "shuttle.cli.timetable.timetables",
    "new": "shuttle.cli.timetable.new_folder",
    "check": "shuttle.cli.timetable.files",
    "import": "shuttle.cli.timetable.files",
    "export": "shuttle.cli.timetable.exports",
    "plan": "shuttle.cli.planning.plans",
    "evaluate": "shuttle.cli.planning.plans",
    "sweep": "shuttle.cli.planning.sweep",
    "roadmap": "shuttle.cli.planning.roadmap",
    "demo": "shuttle.cli.operation.demo",
    "report": "shuttle.cli.ridership.report",
    "backup": "shuttle.cli.operation.backups",
    "restore": "shuttle.cli.operation.backups",
    "jobs": "shuttle.cli.operation.jobs",
    "rollup": "shuttle.cli.ridership.rollup",
    "releases": "shuttle.cli.ridership.releases",
    "retention": "shuttle.cli.ridership.retention",
    "clock": "shuttle.cli.operation.clock",
    "db": "shuttle.cli.operation.database",
}
"""Command -> the module whose `app` has it, in the order of the help."""


class LazyCommands(TyperGroup):
    """Commands that are imported when they are called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in MODULES:
            return None
        module = importlib.import_module(MODULES[cmd_name])
        group: Any = typer.main.get_command(module.app)
        command: Any = getattr(group, "commands", {}).get(cmd_name, group)
        command.name = cmd_name
        return command


MOST_FAULTS = 20
"""Faults of a file that are printed; of further ones the number."""

app = typer.Typer(cls=LazyCommands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def shuttle() -> None:
    """Departures, boardings and proven timetables for a small public shuttle."""


def main() -> None:
    """Run a command; an error becomes one line on standard error and an exit code."""
    try:
        for argument in sys.argv[1:]:
            check_readable(argument, "an argument")
        code = app(standalone_mode=False)
    except ShuttleError as error:
        _end(error_line(error), 2 if isinstance(error, Invalid) else 1)
    except UsageError as error:
        _end(
            f"{error.format_message()} See `{error.ctx.command_path if error.ctx else 'shuttle'} --help`.",
            error.exit_code,
        )
    except (KeyboardInterrupt, typer.Abort):
        raise SystemExit(130) from None
    raise SystemExit(code if isinstance(code, int) else 0)


def _end(line: str, code: int) -> NoReturn:
    sys.stderr.write(f"shuttle: {line}\n")
    raise SystemExit(code) from None


def error_line(error: ShuttleError) -> str:
    """One line; for a file with several faults a line for each of the first MOST_FAULTS.

    Of paper counts every fault is printed: they are independent and corrected in one go. In other files one fault often causes many.
    """
    if error.faults:
        lines = [str(fault) for fault in error.faults]
        most = len(lines) if error.code == "bad-counts" else MOST_FAULTS
        more = len(lines) - most
        return "\n".join([*lines[:most], *([f"and {more} more"] if more > 0 else [])])
    allowed = f" (allowed: {error.allowed})" if error.allowed and error.allowed not in error.detail else ""
    return error.whole.replace("\n", " ") + allowed
