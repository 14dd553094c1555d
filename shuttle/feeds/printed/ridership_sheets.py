"""Ridership as tables: shown on the page, drawn as charts, printed in a report.

A chart and its table are the same `RidershipTable`, so that they cannot disagree.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.ridership.summaries import Amounts, Ridership, RidershipRow, ServiceCounts, Span
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.domain.timetable.connections import stops_ahead
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.domain.timetable.service_days import ReasonKind
from shuttle.language import Words

Row = tuple[str | int | float | None, ...]


@dataclass(frozen=True)
class RidershipTable:
    """A table: names of its columns, and rows of plain values; None is "not recorded", which is not 0."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def added(lines: Sequence[RidershipRow]) -> RidershipRow:
    """Several lines as one."""
    amounts, run = Amounts(), ServiceCounts()
    for line in lines:
        amounts += line.amounts
        run += line.run
    return RidershipRow((), amounts, run)


def by_week(by_day: Ridership) -> RidershipTable:
    """Each week from its Monday: boardings, mean per counted departure, departures left and counted."""
    return _by_time("week", by_day, monday_of)


def by_month(by_day: Ridership) -> RidershipTable:
    """As by week, for a span of which the weeks would be too many to read."""
    return _by_time("month", by_day, lambda day: day.replace(day=1))


def _by_time(name: str, by_day: Ridership, first_of: Callable[[date], date]) -> RidershipTable:
    segments: dict[date, list[RidershipRow]] = {}
    for line in by_day.lines:
        day = line.key[0]
        assert isinstance(day, date)
        segments.setdefault(first_of(day), []).append(line)
    rows: list[Row] = []
    for first, lines in sorted(segments.items()):
        whole = added(lines)
        rows.append(
            (
                first.isoformat(),
                whole.amounts.boardings if whole.amounts.counts else None,
                whole.mean,
                whole.run.due,
                whole.run.counted,
                whole.amounts.left_behind if whole.amounts.counts else None,
            )
        )
    return RidershipTable((name, "boardings", "mean", "due", "counted", "left_behind"), tuple(rows))


def departure_by_week(by_day_and_trip: Ridership, schedule: Schedule, words: Words) -> RidershipTable:
    """Mean boardings of each departure time in each week: what the heat map shows."""
    cells: dict[tuple[str, date], list[RidershipRow]] = {}
    times = _times(schedule, words)
    for line in by_day_and_trip.lines:
        day, trip = line.key
        assert isinstance(day, date)
        cells.setdefault((times.get(str(trip), str(trip)), monday_of(day)), []).append(line)
    rows = [(name, monday.isoformat(), added(lines).mean) for (name, monday), lines in sorted(cells.items())]
    return RidershipTable(("departure", "week", "mean"), tuple(rows))


def along_the_day(
    by_trip: Ridership, loads: Mapping[str, Sequence[int]], schedule: Schedule, seats: int | None, words: Words
) -> RidershipTable:
    """Each departure time: mean boardings; most on board, in the mean and ever, where known, against the seats; left behind.

    `loads`: trip -> most on board of each departure on which that is known.
    """
    times = _times(schedule, words)
    lines_by_time: dict[str, list[RidershipRow]] = {}
    for line in by_trip.lines:
        lines_by_time.setdefault(times.get(str(line.key[0]), str(line.key[0])), []).append(line)
    rows: list[Row] = []
    for name, lines in sorted(lines_by_time.items()):
        whole = added(lines)
        counted_loads = [load for line in lines for load in loads.get(str(line.key[0]), ())]
        rows.append(
            (
                name,
                whole.mean,
                sum(counted_loads) / len(counted_loads) if counted_loads else None,
                max(counted_loads, default=None),
                seats,
                whole.run.due,
                whole.run.counted,
                whole.amounts.left_behind if whole.amounts.counts else None,
            )
        )
    return RidershipTable(("departure", "mean", "load", "most", "seats", "due", "counted", "left_behind"), tuple(rows))


def by_weekday(ridership: Ridership, words: Words) -> RidershipTable:
    monday = date(2026, 11, 23)
    rows: list[Row] = []
    for line in ridership.lines:
        day = monday + timedelta(days=int(str(line.key[0])) - 1)
        rows.append((words.weekday(day), *_counts(line)))
    return RidershipTable(("weekday", "boardings", "mean", "due", "counted"), tuple(rows))


def weekday_by_hour(by_day_and_hour: Ridership, schedule: Schedule, words: Words) -> RidershipTable:
    """Mean boardings per counted departure of each weekday and hour; public holidays are a row of their own, in no weekday.

    Hours in which nobody ever boarded, since buses only arrive then, are left out.
    """
    cells: dict[tuple[int, int], list[RidershipRow]] = {}
    for line in by_day_and_hour.lines:
        day, hour = line.key
        assert isinstance(day, date)
        reasons = {reason.why for reason in schedule.calendar.service_day(day).reasons}
        weekday = RED_DAY if reasons & {ReasonKind.PUBLIC_HOLIDAY, ReasonKind.HIGH_DAY} else day.isoweekday()
        cells.setdefault((weekday, int(str(hour))), []).append(line)
    hours = {hour for (_, hour), lines in cells.items() if added(lines).amounts.boardings}
    monday = date(2026, 11, 23)
    names = {n: words.weekday(monday + timedelta(days=n - 1)) for n in range(1, 8)}
    names[RED_DAY] = words.say("ridership.red_day")
    rows = [
        (names[weekday], f"{hour:02}", added(lines).mean)
        for (weekday, hour), lines in sorted(cells.items())
        if hour in hours
    ]
    return RidershipTable(("weekday", "hour", "mean"), tuple(rows))


RED_DAY = 8
"""After the seven weekdays."""


def by_hour(ridership: Ridership) -> RidershipTable:
    """Each hour of the planned call: a departure stands in every hour in which it calls."""
    rows = [
        (
            f"{int(str(line.key[0])):02}",
            line.amounts.boardings if line.amounts.counts else None,
            line.run.due,
            line.run.counted,
        )
        for line in ridership.lines
    ]
    return RidershipTable(("hour", "boardings", "due", "counted"), tuple(rows))


def by_stop(ridership: Ridership, schedule: Schedule) -> RidershipTable:
    names = {stop.id: stop.name for stop in schedule.network.stops}
    rows = [
        (
            names.get(str(line.key[0]), str(line.key[0])),
            line.amounts.boardings if line.amounts.counts else None,
            line.amounts.alightings or None,  # the sums do not tell an explicit 0 from not looked at
            line.run.due,
            line.run.counted,
            line.run.unserved,
        )
        for line in ridership.lines
    ]
    return RidershipTable(("stop", "boardings", "alightings", "due", "counted", "unserved"), tuple(rows))


def _counts(line: RidershipRow) -> Row:
    boardings = line.amounts.boardings if line.amounts.counts else None
    return (boardings, line.mean, line.run.due, line.run.counted)


def uncounted(schedule: Schedule, by_day_and_trip: Ridership, most: int) -> list[Departure]:
    """Departures of the span that have left without any count, the latest first."""
    missing = {line.key for line in by_day_and_trip.lines if line.run.due and line.run.uncounted > 0}
    latest: list[Departure] = []
    for day in reversed(list(by_day_and_trip.span)):
        if not any(key[0] == day for key in missing):
            continue
        departures = schedule.departures_on(day).departures
        latest += [departure for departure in reversed(departures) if (day, departure.trip) in missing]
        if len(latest) >= most:
            break
    return latest[:most]


def passed_by(unserved: Sequence[tuple[ReasonCode, int]], words: Words) -> str:
    """A sentence on how often the bus passed by a stop, with the reasons."""
    named = ", ".join(f"{words.say(f'reason.{reason}')} {words.number(n)}" for reason, n in unserved)
    return words.count("ridership.unserved", sum(n for _, n in unserved), named=named)


def reasons_text(several: Sequence[tuple[ReasonCode | None, int]], words: Words) -> str:
    """`vær 2, vei stengt 1`: reasons with their numbers."""
    return ", ".join(f"{words.say(f'reason.{reason}') if reason else '–'} {words.number(n)}" for reason, n in several)


def new_timetables(schedule: Schedule, span: Span) -> list[tuple[date, str]]:
    """Where in the span another timetable begins to apply."""
    names = {timetable.id: timetable.name for timetable in schedule.timetables}
    starts = ((publication.valid.first, publication.timetable) for publication in schedule.periods)
    return sorted((first, names[it]) for first, it in starts if first is not None and span.first < first <= span.last)


def _times(schedule: Schedule, words: Words) -> dict[str, str]:
    """Trip -> its departure time and, where trips to several places leave, the places."""
    names = {stop.id: stop.name for stop in schedule.network.stops}
    whereto = {
        pattern.id: words.listed([names.get(stop, stop) for stop in stops_ahead(pattern.stops)])
        for pattern in schedule.network.patterns
    }
    several = len({trip.pattern for timetable in schedule.timetables for trip in timetable.trips}) > 1
    return {
        trip.id: f"{words.clock_text(trip.departs)} {whereto[trip.pattern]}"
        if several
        else words.clock_text(trip.departs)
        for timetable in schedule.timetables
        for trip in timetable.trips
    }


def cells(sheet: RidershipTable, words: Words) -> tuple[list[tuple[str, str]], list[list[str]]]:
    """A sheet as the macro `ui.table` wants it: columns with their kind, rows as texts."""
    columns = [
        (
            words.say(f"ridership.column.{name}"),
            "" if name in ("week", "month", "departure", "weekday", "stop", "hour") else "number",
        )
        for name in sheet.columns
    ]
    return columns, [
        [_cell(name, value, words) for name, value in zip(sheet.columns, row, strict=True)] for row in sheet.rows
    ]


def _cell(column: str, value: str | int | float | None, words: Words) -> str:
    if value is None:
        return "–"
    if column == "week":
        return words.date_figures(date.fromisoformat(str(value)))
    if column == "month":
        return words.month(date.fromisoformat(str(value)))
    if isinstance(value, str):
        return value
    return words.number(value, 1 if column in ("mean", "load") else 0)
