"""`calendar.toml`: day types, what each day of the week and each special day runs as, and overrides with a reason.

The file names special days by key; their dates come from `public_holidays` and become rows of our own.
"""

from shuttle.domain.timetable.service_days import WEEKDAYS, Calendar, DayType, Names, Override
from shuttle.feeds.public_holidays import KEYS, special_days
from shuttle.feeds.toml.tables import TomlTable


def read_calendar(file: TomlTable) -> Calendar | None:
    """The calendar with all special days, or None with the faults noted in `file.faults`."""
    day_types = tuple(filter(None, map(_day_type, file.tables("day_types"))))
    known = file.ids("day_types")
    file.refuse_ids_given_twice("day_types")
    week = _week(file.table("week"), known)
    runs_as = _special_days(file.table("special_days"), known)
    overrides = tuple(filter(None, (_override(table, known) for table in file.tables("overrides"))))
    return file.build(lambda: Calendar(day_types, week, special_days(runs_as), overrides))


def _day_type(table: TomlTable) -> DayType | None:
    identifier = table.identifier("id", "day type")
    names = Names(table.text("nb"), table.text("nn"), table.text("en"))
    return table.build(lambda: DayType(identifier, names))


def _week(table: TomlTable, known: list[str]) -> tuple[str, str, str, str, str, str, str]:
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = (
        table.choice(weekday, known, "day type") for weekday in WEEKDAYS
    )
    table.provenance()
    table.refuse_unknown_keys()
    return (monday, tuesday, wednesday, thursday, friday, saturday, sunday)


def _special_days(table: TomlTable, known: list[str]) -> dict[str, str]:
    """Day type by key of the special day."""
    runs_as = {key: table.choice(key, known, "day type") for key in table.values if key in KEYS}
    for key in table.values:
        if key not in KEYS:
            table.fault(f"there is no special day {key!r}", key, given=key, allowed=", ".join(KEYS))
    return runs_as


def _override(table: TomlTable, known: list[str]) -> Override | None:
    day, day_type, reason = table.day("date"), table.choice("day_type", known, "day type"), table.text("reason")
    return table.build(lambda: Override(date=day, day_type=day_type, reason=reason))
