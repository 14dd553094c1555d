"""The same acts from a terminal.

A command's module is imported when the command is called, so that asking for today's departures does not wait for the
solver's or the web's imports. Standard output holds the answer alone; progress, logs and errors go to standard error.
Exit codes: 0 done, 1 refused or not found, 2 wrong usage.
"""

import importlib
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from shuttle.domain.errors import Invalid, ShuttleError

MODULES = {
    "serve": "shuttle.cli.serve",
    "departures": "shuttle.cli.departures",
    "record": "shuttle.cli.boardings",
    "users": "shuttle.cli.access",
    "tokens": "shuttle.cli.access",
    "check": "shuttle.cli.files",
    "import": "shuttle.cli.files",
    "export": "shuttle.cli.exports",
    "db": "shuttle.cli.database",
}
"""Command -> the module whose `app` holds it, in the order of the help."""


class LazyCommands(TyperGroup):
    """Commands that are imported when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in MODULES:
            return None
        found: Any = typer.main.get_command(importlib.import_module(MODULES[cmd_name]).app)
        command: Any = getattr(found, "commands", {}).get(cmd_name, found)
        command.name = cmd_name
        return command


app = typer.Typer(cls=LazyCommands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def shuttle() -> None:
    """Departures, boardings and proven timetables for a small public shuttle."""


def main() -> None:
    """Run a command; what it refuses becomes one line and an exit code."""
    try:
        app()
    except ShuttleError as error:
        sys.stderr.write(f"shuttle: {error_line(error)}\n")
        raise SystemExit(2 if isinstance(error, Invalid) else 1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def error_line(error: ShuttleError) -> str:
    """One line; where a file has several faults, a line for each."""
    if error.faults:
        return "\n".join(str(fault) for fault in error.faults)
    allowed = f" (allowed: {error.allowed})" if error.allowed and error.allowed not in error.detail else ""
    return error.detail.replace("\n", " ") + allowed
