"""`shuttle record`: record one count from the terminal."""

from typing import Annotated
from uuid import uuid4

import typer

from shuttle.cli.common import TERMINAL, errors, our_words, print_json, the_context
from shuttle.domain.ridership.boardings import MOST, Count, check_wheelchairs
from shuttle.services.ridership.boardings import questions_after, record_and_wait

app = typer.Typer()


@app.command()
def record(
    departure: Annotated[str, typer.Argument(help="As 2026-12-24.gyldenpris-weekday-1000")],
    stop: Annotated[str, typer.Argument(help="Where they got on, as vagsbunnen")],
    boardings: Annotated[int, typer.Option(min=0, max=MOST, help="How many got on")],
    alightings: Annotated[int | None, typer.Option(min=0, max=MOST, help="How many got off")] = None,
    left_behind: Annotated[int | None, typer.Option(min=0, max=MOST, help="At least so many found no room")] = None,
    full: Annotated[bool, typer.Option("--full", help="No seat was left")] = False,
    wheelchairs: Annotated[
        int | None, typer.Option(min=0, max=MOST, help="How many of them got on in a wheelchair, where that is counted")
    ] = None,
    key: Annotated[str | None, typer.Option(help="Idempotency key; the same again changes nothing")] = None,
    json: Annotated[bool, typer.Option("--json", help="A JSON document instead of a line")] = False,
) -> None:
    """Record how many got on and off. Never who."""
    with the_context() as (context, settings):
        check_wheelchairs(wheelchairs, settings.count_wheelchairs)
        count = Count(
            departure=departure,
            stop=stop,
            boardings=boardings,
            alightings=alightings,
            left_behind=left_behind,
            full=full or None,
            recorded_at=None,
            wheelchairs=wheelchairs,
        )
        stored = record_and_wait(context, TERMINAL, count, key or str(uuid4()))
        questions = questions_after(context, TERMINAL, departure)
        if json:
            print_json(
                {
                    "id": stored.id,
                    "departure": departure,
                    "stop": stop,
                    "replayed": stored.replayed,
                    "questions": [question.doubt for question in questions],
                }
            )
        else:
            print(f"{stored.id} {'stored before' if stored.replayed else 'stored'}")
        for question in questions:
            text = our_words(settings).say(f"question.{question.doubt}", stop=question.stop, on_board=question.on_board)
            errors.print(text, soft_wrap=True)
