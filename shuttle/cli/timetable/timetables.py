"""`shuttle timetables`: publish, withdraw, roll back and undo from a terminal, by the same services as the pages."""

from collections.abc import Sequence
from typing import Annotated

import typer

from shuttle.cli.common import TERMINAL, our_words, print_json, print_table, the_context
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import parse_date
from shuttle.domain.timetable.publishing.finding import PublishingFinding
from shuttle.services.timetable import publishing
from shuttle.services.timetable import undo as undo_service

app = typer.Typer(no_args_is_help=True)
group = typer.Typer(no_args_is_help=True, help="Timetables: list, publish, withdraw, roll back, undo")
app.add_typer(group, name="timetables")

From = Annotated[str, typer.Option("--from", help="First date, YYYY-MM-DD")]
To = Annotated[str | None, typer.Option("--to", help="Last date; left out: until further notice")]
Accept = Annotated[list[str] | None, typer.Option(help="Code of a finding to accept; several times")]
Json = Annotated[bool, typer.Option("--json", help="A JSON document instead of lines")]


@group.command("list")
def list_timetables(json: Json = False) -> None:
    """Every timetable with its state and the dates on which it applies."""
    with the_context() as (context, settings):
        schedule, words = context.schedule(), our_words(settings)
    periods = {each.id: [p.valid for p in schedule.periods if p.timetable == each.id] for each in schedule.timetables}
    if json:
        print_json(
            [
                {
                    "id": each.id,
                    "name": each.name,
                    "status": each.status.value,
                    "applies": [{"from": v.first, "to": v.last} for v in periods[each.id]],
                }
                for each in schedule.timetables
            ]
        )
        return
    rows = [
        (each.id, each.name, words.say(f"planner.timetable_status.{each.status.value}"), ", ".join(map(_dates, spans)))
        for each in schedule.timetables
        for spans in (periods[each.id],)
    ]
    print_table("", ("id", "", "", ""), rows)


@group.command()
def findings(timetable: str, first: From, last: To = None, json: Json = False) -> None:
    """What publishing for these dates changes; nothing is stored."""
    with the_context() as (context, _), context.reading() as session:
        several = publishing.findings_of_publishing(session, timetable, _valid(first, last), context.today())
    _print(several, json)


@group.command()
def publish(timetable: str, first: From, last: To = None, accept: Accept = None, json: Json = False) -> None:
    """Publish a timetable for dates; it lies above what is published for them, which applies again afterwards."""
    valid = _valid(first, last)
    with the_context() as (context, _), context.transaction() as session:
        now, today = context.now(), context.today()
        several = publishing.publish(session, TERMINAL, timetable, valid, now, today, accept or ())
    _print(several, json)


@group.command()
def withdraw(timetable: str, accept: Accept = None, json: Json = False) -> None:
    """Withdraw a timetable from today on; what it hid applies again."""
    with the_context() as (context, _), context.transaction() as session:
        several = publishing.withdraw(session, TERMINAL, timetable, context.now(), context.today(), accept or ())
    _print(several, json)


@group.command("roll-back")
def roll_back(timetable: str, accept: Accept = None, json: Json = False) -> None:
    """Let an earlier timetable apply again from today: every timetable that hides it is withdrawn."""
    with the_context() as (context, _), context.transaction() as session:
        several = publishing.roll_back(session, TERMINAL, timetable, context.now(), context.today(), accept or ())
    _print(several, json)


@group.command()
def undo(json: Json = False) -> None:
    """Undo the last act on publications or the calendar, for ten minutes after it."""
    with the_context() as (context, _), context.transaction() as session:
        act = undo_service.undo(session, TERMINAL, context.now(), context.today())
    document = {"act": act.act, "subject": act.subject}
    if json:
        print_json(document)
    else:
        print(f"{act.act}: {act.subject}")


def _valid(first: str, last: str | None) -> Validity:
    return Validity(parse_date(first), parse_date(last) if last else None)


def _dates(valid: Validity) -> str:
    return f"{valid.first} – {valid.last or ''}".strip()


def _print(several: Sequence[PublishingFinding], json: bool) -> None:
    if json:
        print_json(
            [{"code": f.code, "severity": f.severity.value, "subject": f.subject, "text": f.message} for f in several]
        )
        return
    for finding in several:
        print(f"{finding.severity.value}: {finding.message}")
