"""`opening-hours.toml`: when each centre is open, by day type and dated, and on single dates.

A stop that the file does not name is always open; an empty list of windows is closed.
"""

from collections.abc import Collection

from shuttle.domain.timetable.opening_hours import OpeningHours, OpeningTimes, SpecialHours, Window, check_windows
from shuttle.feeds.toml.tables import TomlTable

Known = Collection[str] | None
"""The names that exist, or None when their own file cannot be read."""


def read_opening_times(file: TomlTable, stops: Known, day_types: Known) -> OpeningTimes | None:
    """The opening times, or None with the faults noted in `file.faults`."""
    regular = tuple(filter(None, (_regular(table, stops, day_types) for table in file.tables("opening_hours"))))
    special = tuple(filter(None, (_special(table, stops) for table in file.tables("special_hours"))))
    return file.build(lambda: OpeningTimes(regular, special))


def _regular(table: TomlTable, stops: Known, day_types: Known) -> OpeningHours | None:
    stop, day_type = table.choice("stop", stops, "stop"), table.choice("day_type", day_types, "day type")
    windows = read_windows(table)
    validity, provenance = table.validity(), table.provenance()
    return table.build(
        lambda: OpeningHours(stop=stop, day_type=day_type, windows=windows, validity=validity, provenance=provenance)
    )


def _special(table: TomlTable, stops: Known) -> SpecialHours | None:
    stop, day, windows = table.choice("stop", stops, "stop"), table.day("date"), read_windows(table)
    reason = table.text("reason")
    return table.build(lambda: SpecialHours(stop, day, windows, reason))


def read_windows(table: TomlTable) -> tuple[Window, ...]:
    """`windows = [["09:00", "15:00"], ["17:00", "20:00"]]`; an empty list is closed."""
    windows: list[Window] = []
    for position, item in enumerate(table.items("windows")):
        if isinstance(item, list) and len(item) == 2:
            opens, closes = (table.minute_from(edge, "windows", position, side) for side, edge in enumerate(item))
            windows.append((opens, closes))
        else:
            table.fault(
                "a window is not an opening and a closing time",
                "windows",
                position,
                given=item,
                allowed='["09:00", "15:00"]',
            )
    table.attempt(lambda: check_windows(tuple(windows), table.text("stop")), "windows")
    return tuple(windows)
