"""Schedule files for another town, to be edited: an example of two stops that `shuttle check` passes, with a comment at each fact.

The comments are in the language asked for; the keys are those of every town.
"""

from collections.abc import Callable, Mapping
from datetime import date

Say = Callable[[str], str]


def new_files(first: date, say: Say) -> Mapping[str, str]:
    """Path in the folder -> text. `first`: the first date of the example's timetable; `say`: a text by its key."""
    return {
        "service.toml": _service(say),
        "network.toml": _network(say),
        "calendar.toml": _calendar(say),
        "opening-hours.toml": _opening_hours(say),
        "timetables/first.toml": _timetable(first, say),
    }


def _comment(text: str) -> str:
    return "".join(f"# {line}\n" for line in text.split("\n"))


def _service(say: Say) -> str:
    return (
        _comment(say("new.service"))
        + f'nb = "{say("new.name")}"\nnn = "{say("new.name")}"\nen = "{say("new.name")}"\n\n'
        + f'agency_id = "kommune"\nagency_name = "{say("new.agency")}"\nagency_url = "https://www.example.no"\n'
    )


def _network(say: Say) -> str:
    stops = ""
    for stop, name, lat, lon in (("kaien", "Kaien", 60.41, 5.22), ("senteret", "Senteret", 60.43, 5.2)):
        stops += (
            f'\n[[stops]]\nid = "{stop}"\nname = "{name}"\nlat = {lat}\nlon = {lon}\n'
            f'assumed = true\nreason = "{say("new.reason")}"\n'
        )
    legs = ""
    for origin, destination in (("kaien", "senteret"), ("senteret", "kaien")):
        legs += (
            f'\n[[running_times]]\nfrom = "{origin}"\nto = "{destination}"\nminutes = 8\nkm = 3.5\n'
            f'assumed = true\nreason = "{say("new.reason")}"\n'
        )
    return (
        _comment(say("new.network"))
        + f'base_stop = "kaien"\n{stops}\n'
        + _comment(say("new.patterns"))
        + '[[patterns]]\nid = "senteret"\nstops = ["kaien", "senteret"]\nheadsign = "Senteret"\ndirection = 0\n'
        + '\n[[patterns]]\nid = "kaien"\nstops = ["senteret", "kaien"]\nheadsign = "Kaien"\ndirection = 1\n\n'
        + _comment(say("new.running_times"))
        + legs.lstrip("\n")
        + "\n"
        + _comment(say("new.vehicles"))
        + f'[[vehicles]]\nid = "bus-1"\nseats = 8\nwheelchair_places = 0\nassumed = true\nreason = "{say("new.reason")}"\n'
        + "\n"
        + _comment(say("new.costs"))
        + f'[costs]\nnok_per_driver_hour = 450\nnok_per_km = 6\nassumed = true\nreason = "{say("new.reason")}"\n'
    )


def _calendar(say: Say) -> str:
    days = "\n".join(f'{day} = "weekday"' for day in ("monday", "tuesday", "wednesday", "thursday", "friday"))
    holidays = "\n".join(
        f'{name} = "no-service"'
        for name in (
            *("new-years-day", "maundy-thursday", "good-friday", "easter-sunday", "easter-monday", "labour-day"),
            *("constitution-day", "ascension-day", "whit-sunday", "whit-monday", "christmas-day", "boxing-day"),
        )
    )
    return (
        _comment(say("new.calendar"))
        + '[[day_types]]\nid = "weekday"\nnb = "Hverdag"\nnn = "Kvardag"\nen = "Weekday"\n'
        + '\n[[day_types]]\nid = "no-service"\nnb = "Ingen avganger"\nnn = "Ingen avgangar"\nen = "No departures"\n'
        + f'\n[week]\n{days}\nsaturday = "no-service"\nsunday = "no-service"\n\n'
        + _comment(say("new.special_days"))
        + f"[special_days]\n{holidays}\n"
    )


def _opening_hours(say: Say) -> str:
    return (
        _comment(say("new.opening_hours"))
        + '[[opening_hours]]\nstop = "senteret"\nday_type = "weekday"\nwindows = [["09:00", "15:00"]]\n'
        + f'assumed = true\nreason = "{say("new.reason")}"\n'
    )


def _timetable(first: date, say: Say) -> str:
    return (
        _comment(say("new.timetable"))
        + f'id = "first"\nname = "{say("start.first_timetable")}"\nvalid_from = {first.isoformat()}\n'
        + f'source = "{say("new.reason")}"\n'
        + '\n[[trips]]\npattern = "senteret"\nday_type = "weekday"\ndeparts = ["09:30", "12:00", "14:00"]\n'
        + '\n[[trips]]\npattern = "kaien"\nday_type = "weekday"\ndeparts = ["09:45", "12:15", "15:00"]\n'
    )
