"""Shared parts of commands: the AppContext of the environment, tables and JSON documents."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Fault
from shuttle.language import Words, words
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context, prepare
from shuttle.settings import Settings, read_settings

TERMINAL = Person("terminal", "terminal", Role.ADMIN)
"""The actor of all commands: a shell on the server may do everything; the audit log shows that it came from there."""


class PipeSafeConsole(Console):
    """A console that survives a closed pipe: it prints nothing more, and the command goes on."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


errors = PipeSafeConsole(stderr=True, highlight=False, markup=False, emoji=False)
"""Standard error, for progress and logs."""


@contextmanager
def the_context() -> Iterator[tuple[AppContext, Settings]]:
    """The installation of the environment, up to date and filled."""
    settings = read_settings()
    context = open_app_context(settings.database, settings.zone)
    try:
        prepare(context, settings.schedules)
        yield context, settings
    finally:
        context.close()


def our_words(settings: Settings) -> Words:
    return words(settings.language)


def print_json(document: Any) -> None:
    """Prints one JSON document on standard output, and nothing else."""
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")


def fault_document(fault: Fault) -> dict[str, object]:
    """A fault of a file as a JSON document."""
    return {
        "file": fault.where,
        "line": fault.line,
        "what": fault.what,
        "given": fault.given,
        "allowed": fault.allowed,
    }


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; 240 characters wide where the output is no terminal, so that it can be searched and piped."""
    width = None if sys.stdout.isatty() else 240
    console = Console(
        highlight=False, markup=False, emoji=False, width=width
    )  # a name may have brackets or colons in it
    if title:
        console.print(title, style="bold")
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    console.print(table)
