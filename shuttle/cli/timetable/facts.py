"""`shuttle facts`: what a planner enters on the pages of places, from a terminal, by the same services."""

from pathlib import Path
from typing import Annotated, Any

import typer

from shuttle.cli.common import TERMINAL, our_words, print_json, print_table, the_context
from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.basics.service_time import Minute, dates, parse_date, parse_time_of_day
from shuttle.domain.timetable.facts.changes import LONGEST_SPAN, Basis
from shuttle.domain.timetable.network import Costs, Pattern, RunningTime, Stop, Supplement, Vehicle
from shuttle.domain.timetable.opening_hours import Window
from shuttle.feeds.text_gate import read_bytes
from shuttle.services.app_context import AppContext
from shuttle.services.timetable import facts, network_facts, stop_pictures
from shuttle.services.timetable.assumed_facts import assumed_facts
from shuttle.services.timetable.facts import Moment
from shuttle.store.tables.facts import FactActRow
from shuttle.store.timetable.fact_acts import latest_acts

app = typer.Typer(no_args_is_help=True)
group = typer.Typer(no_args_is_help=True, help="Opening hours and other facts: enter, confirm, list, undo")
app.add_typer(group, name="facts")

From = Annotated[
    str | None, typer.Option("--from", help="First date, YYYY-MM-DD; left out: the value is unchanged, and confirmed")
]
Source = Annotated[str, typer.Option(help="Where the fact was found")]
Assumed = Annotated[str, typer.Option(help="Nobody has confirmed it: the reason")]
Json = Annotated[bool, typer.Option("--json", help="A JSON document instead of lines")]
WindowTexts = Annotated[list[str] | None, typer.Option("--open", help="09:00-15:00; several times; left out: closed")]


@group.command()
def hours(
    stop: str,
    day_type: Annotated[str, typer.Option(help="On which kind of day")],
    open_: WindowTexts = None,
    first: From = None,
    source: Source = "",
    assumed: Assumed = "",
    json: Json = False,
) -> None:
    """New opening hours of a stop on a day type, from a date."""
    new = {day_type: _windows(open_ or [])}
    with the_context() as (context, _), context.transaction() as session:
        basis = basis_of(first, source, assumed)
        _print(facts.change_hours(session, TERMINAL, stop, new, basis, moment_of(context)), json)


@group.command("special-hours")
def special_hours(
    stop: str,
    first: Annotated[str, typer.Option("--from", help="First date, YYYY-MM-DD")],
    last: Annotated[str | None, typer.Option("--to", help="Last date; left out: one day")] = None,
    open_: WindowTexts = None,
    reason: Annotated[str, typer.Option(help="Why, for everybody to read")] = "",
    regular: Annotated[bool, typer.Option("--regular", help="The regular hours hold again")] = False,
    json: Json = False,
) -> None:
    """Other opening hours of a stop on dates, as at Christmas."""
    begins, ends = parse_date(first), parse_date(last or first)
    if not 0 <= (ends - begins).days < LONGEST_SPAN:
        allowed = f"1 to {LONGEST_SPAN} days, forwards"
        raise Invalid(
            "long-span", "the dates are too many, or run backwards", given=f"{begins} {ends}", allowed=allowed
        )
    windows = None if regular else _windows(open_ or [])
    with the_context() as (context, _), context.transaction() as session:
        moment, days = moment_of(context), dates(begins, ends)
        _print(facts.change_special_hours(session, TERMINAL, stop, days, windows, reason, moment), json)


@group.command()
def stop(
    stop: str,
    name: Annotated[str, typer.Option(help="Name for people")],
    lat: Annotated[float | None, typer.Option(help="Degrees north")] = None,
    lon: Annotated[float | None, typer.Option(help="Degrees east")] = None,
    name_nn: Annotated[str, typer.Option(help="Name in nynorsk, where it differs")] = "",
    name_en: Annotated[str, typer.Option(help="Name in English, where it differs")] = "",
    address: Annotated[str, typer.Option(help="Street address")] = "",
    way: Annotated[str, typer.Option(help="How to walk there")] = "",
    wheelchair: Annotated[bool | None, typer.Option(help="Whether one can board with a wheelchair")] = None,
    quay: Annotated[str, typer.Option(help="Sign of the platform")] = "",
    mark: Annotated[int, typer.Option(help="Colour and shape, 1 to 6; 0: the program's choice")] = 0,
    first: From = None,
    source: Source = "",
    assumed: Assumed = "",
    json: Json = False,
) -> None:
    """A new stop, or all values of one, from a date."""
    basis = basis_of(first, source, assumed)
    new = Stop(
        id=stop,
        name=name,
        lat=lat,
        lon=lon,
        name_nn=name_nn,
        name_en=name_en,
        address=address,
        way=way,
        wheelchair=wheelchair,
        quay=quay,
        mark=mark,
        provenance=basis.provenance,
    )
    with the_context() as (context, _), context.transaction() as session:
        _print(network_facts.change_stop(session, TERMINAL, new, basis.first, moment_of(context)), json)


@group.command()
def picture(
    stop: str,
    file: Annotated[Path | None, typer.Argument(help="PNG, JPEG or WebP; left out: the picture stays")] = None,
    alt: Annotated[str, typer.Option(help="What it shows, in words")] = "",
    alt_nn: Annotated[str, typer.Option(help="In nynorsk, where it differs")] = "",
    alt_en: Annotated[str, typer.Option(help="In English, where it differs")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take the picture away")] = False,
    json: Json = False,
) -> None:
    """The picture of a stop with its alternative text."""
    content = read_bytes(file) if file else b""
    with the_context() as (context, _), context.transaction() as session:
        moment = moment_of(context)
        if remove:
            act = stop_pictures.remove_picture(session, TERMINAL, stop, moment)
        else:
            texts = {"nb": alt, "nn": alt_nn, "en": alt_en}
            act = stop_pictures.change_picture(session, TERMINAL, stop, content, texts, moment)
        _print(act, json)


@group.command("close-stop")
def close_stop(
    stop: str,
    first: Annotated[str, typer.Option("--from", help="First date without it, YYYY-MM-DD")],
    json: Json = False,
) -> None:
    """A stop that is no more from a date on."""
    day = parse_date(first)
    with the_context() as (context, _), context.transaction() as session:
        _print(network_facts.close_stop(session, TERMINAL, stop, day, moment_of(context)), json)


@group.command("running-time")
def running_time(
    origin: str,
    destination: str,
    bands: Annotated[list[str], typer.Option("--minutes", help="12 all day, or 00:00=10 and 15:00=14")],
    km: Annotated[float | None, typer.Option(min=0, max=1000, help="Length of the leg")] = None,
    first: From = None,
    source: Source = "",
    assumed: Assumed = "",
    json: Json = False,
) -> None:
    """The running times of a leg from a date, by when the trip starts."""
    basis = basis_of(first, source, assumed)
    link = RunningTime(origin=origin, destination=destination, bands=_bands(bands), km=km, provenance=basis.provenance)
    with the_context() as (context, _), context.transaction() as session:
        _print(network_facts.change_running_time(session, TERMINAL, link, basis.first, moment_of(context)), json)


@group.command()
def vehicle(
    vehicle: str,
    seats: Annotated[int, typer.Option(help="Passenger seats, without the driver's")],
    wheelchair_places: Annotated[int, typer.Option(help="Places for wheelchairs")] = 0,
    first: From = None,
    source: Source = "",
    assumed: Assumed = "",
    json: Json = False,
) -> None:
    """A new bus, or new values of one, from a date."""
    basis = basis_of(first, source, assumed)
    bus = Vehicle(id=vehicle, seats=seats, wheelchair_places=wheelchair_places, provenance=basis.provenance)
    with the_context() as (context, _), context.transaction() as session:
        _print(network_facts.change_vehicle(session, TERMINAL, bus, basis.first, moment_of(context)), json)


@group.command()
def costs(
    driver_hour: Annotated[float, typer.Option(help="NOK for a paid hour of a driver")],
    km: Annotated[float, typer.Option(help="NOK for a kilometre")],
    supplement: Annotated[
        list[str] | None, typer.Option(help="evening weekday,holiday 17:00-21:00 26.50: name, day types, hours, NOK")
    ] = None,
    first: From = None,
    source: Source = "",
    assumed: Assumed = "",
    json: Json = False,
) -> None:
    """The cost rates and all supplements, from a date."""
    basis = basis_of(first, source, assumed)
    rates = Costs(
        nok_per_driver_hour=driver_hour,
        nok_per_km=km,
        supplements=tuple(_supplement(text, basis) for text in supplement or []),
        provenance=basis.provenance,
    )
    with the_context() as (context, _), context.transaction() as session:
        _print(network_facts.change_costs(session, TERMINAL, rates, basis.first, moment_of(context)), json)


@group.command()
def pattern(
    pattern: str,
    stops: Annotated[list[str], typer.Argument(help="Stops in order")],
    headsign: Annotated[str, typer.Option(help="What the bus has on its front")],
    direction: Annotated[int, typer.Option(min=0, max=1, help="0 is away from the base stop")] = 0,
    source: Source = "",
    assumed: Assumed = "",
    json: Json = False,
) -> None:
    """A new order of stops, or the source of one."""
    provenance = basis_of(None, source, assumed).provenance
    new = Pattern(id=pattern, stops=tuple(stops), headsign=headsign, direction=direction, provenance=provenance)
    with the_context() as (context, _), context.transaction() as session:
        _print(network_facts.change_pattern(session, TERMINAL, new, moment_of(context)), json)


@group.command()
def assumed(json: Json = False) -> None:
    """Everything that nobody has confirmed."""
    with the_context() as (context, settings):
        several = assumed_facts(context.schedule(), context.today(), our_words(settings))
    if json:
        print_json([vars(fact) for fact in several])
    else:
        print_table("", ("kind", "key", "name", "value"), [(f.kind, f.key, f.name, f.value) for f in several])


@group.command()
def acts(limit: Annotated[int, typer.Option(min=1, max=200)] = 20, json: Json = False) -> None:
    """The latest acts on facts, with their ids for `undo`."""
    with the_context() as (context, _), context.reading() as session:
        rows = latest_acts(session, limit)
        if json:
            print_json([_document(row) for row in rows])
        else:
            texts = [[str(value) for value in _document(row).values()] for row in rows]
            print_table("", ("id", "kind", "key", "from", "made_by", "made_at", "undone_by"), texts)


@group.command()
def undo(act: str, json: Json = False) -> None:
    """Put back what an act has changed."""
    with the_context() as (context, _), context.transaction() as session:
        _print(facts.undo(session, TERMINAL, act, moment_of(context)), json)


def basis_of(first: str | None, source: str, assumed: str) -> Basis:
    """From when a value holds, and what it rests on. Raises Invalid (`bad-date`, `no-source`)."""
    return Basis(parse_date(first) if first else None, Provenance(source, bool(assumed), assumed))


def moment_of(context: AppContext) -> Moment:
    """The present of the service."""
    return Moment(context.now(), context.today())


def _windows(texts: list[str]) -> tuple[Window, ...]:
    windows = []
    for text in texts:
        opens, dash, closes = text.partition("-")
        if not dash:
            raise Invalid("bad-window", f"{text!r} is no opening and closing time", given=text, allowed="09:00-15:00")
        windows.append((parse_time_of_day(opens), parse_time_of_day(closes)))
    return tuple(windows)


def _supplement(text: str, basis: Basis) -> Supplement:
    parts = text.rsplit(" ", 3)
    starts, dash, ends = parts[-2].partition("-") if len(parts) == 4 else ("", "", "")
    try:
        nok = float(parts[-1])
    except ValueError:
        dash = ""
    if not dash:
        allowed = "evening weekday,holiday 17:00-21:00 26.50"
        raise Invalid("bad-supplement", f"{text!r} is no supplement", given=text, allowed=allowed)
    return Supplement(
        name=parts[0],
        day_types=tuple(parts[1].split(",")),
        starts=parse_time_of_day(starts),
        ends=parse_time_of_day(ends),
        nok_per_hour=nok,
        provenance=basis.provenance,
    )


def _bands(texts: list[str]) -> tuple[tuple[Minute, int], ...]:
    bands = []
    for text in texts:
        starts, equals, minutes = text.rpartition("=")
        if not minutes.isascii() or not minutes.isdigit():
            raise Invalid("bad-band", f"{text!r} is no running time", given=text, allowed="12, or 15:00=14")
        bands.append((parse_time_of_day(starts) if equals else 0, int(minutes)))
    return tuple(sorted(bands))


def _document(row: FactActRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "key": row.key,
        "from": row.first_date.isoformat() if row.first_date else None,
        "made_by": row.made_by,
        "made_at": row.made_at.isoformat(),
        "undone_by": row.undone_by or None,
    }


def _print(row: FactActRow, json: bool) -> None:
    if json:
        print_json(_document(row))
    else:
        print(row.id)
