"""`shuttle departures`: the departures of a service date, with the day type and its reason."""

from typing import Annotated

import typer

from shuttle.cli.common import our_words, print_json, print_table, the_context
from shuttle.domain.basics.service_time import parse_date, time_of_day_text
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.feeds.documents import departures_document
from shuttle.language import Words
from shuttle.language.days import day_reason
from shuttle.language.headsigns import headsign

app = typer.Typer()


@app.command()
def departures(
    date: Annotated[str | None, typer.Option(help="Service date, YYYY-MM-DD; today if left out")] = None,
    stop: Annotated[str | None, typer.Option(help="Only departures that call at this stop")] = None,
    json: Annotated[bool, typer.Option("--json", help="The API's document instead of a table")] = False,
) -> None:
    """The departures of a day, with its day type and why it applies."""
    with the_context() as (context, settings):
        words, schedule = our_words(settings), context.schedule()
        day = context.today() if date is None else parse_date(date)
        resolved = schedule.departures_on(day)
        if stop is not None:
            schedule.network.on(day).stop(stop)
        if json:
            print_json(departures_document(schedule, resolved, context.zone, words, stop))
            return
        day_type = schedule.calendar.names_of(resolved.service_day.day_type).of(words.language)
        title = f"{words.date_text(day)}: {day_type} ({day_reason(resolved.service_day, words)})"
        day_shown = resolved.at_stop(stop) if stop is not None else resolved
        rows = [_row(schedule, departure, stop, words) for departure in day_shown.departures]
        columns = [words.say(f"departures.{key}") for key in ("time", "to", "arrives", "status", "id")]
        print_table(title, columns, rows)
        if not rows:
            print(words.say("departures.none"))


def _row(schedule: Schedule, departure: Departure, stop: str | None, words: Words) -> list[str]:
    call = departure.calls[0] if stop is None else departure.first_call(stop)
    assert call is not None
    status = words.say(f"status.{departure.status}")
    if departure.reason is not None:
        status += f" ({words.say(f'reason.{departure.reason}')})"
    destination = headsign(schedule.network, departure, words, call) or schedule.network.stop_name(
        call.stop, departure.date
    )
    return [
        time_of_day_text(call.departs),
        destination,
        time_of_day_text(departure.calls[-1].arrives),
        status,
        departure.id,
    ]
