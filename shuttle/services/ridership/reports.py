"""Printed reports for meetings: a fortnight, six weeks or a year.

A person who may see exact figures gets exact ones, and the report is recorded in the audit log. Others get released
figures.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from shuttle.domain.access.permissions import Action, Person, allow, may
from shuttle.domain.basics.errors import Invalid, NotFound
from shuttle.domain.ridership.fortnights import DAYS
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.printed.pictures import Picture
from shuttle.feeds.printed.report import FORMATS, Fact, Report, Table, as_csv, as_html, as_pdf, as_plain_csv
from shuttle.feeds.printed.ridership_sheets import RidershipTable, cells, passed_by, reasons_text
from shuttle.language import Words
from shuttle.language import words as words_of
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.figures import Figures, figures
from shuttle.services.ridership.releases import released
from shuttle.services.ridership.riders import coordination_words as said_in_words
from shuttle.services.ridership.riders.coordination import Coordination, of_fortnight, released_coordination
from shuttle.services.ridership.riders.release_parts import DESTINATION
from shuttle.services.ridership.trials import trials
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership.releases import StoredRelease

MAX_DAYS = 366
WEEKS_SHOWN = 8
"""Weeks up to which the trend is shown by week; longer spans by month."""

LISTED = 26
"""Released fortnights beneath the one that a reader asked for: a year."""

NAMED = 62
"""Departures without a count listed by name: all of a fortnight of today's timetable."""


def written_report(
    context: AppContext, person: Person | None, span: Span, words: Words, wanted: str, fonts: Path | None
) -> bytes:
    """The report as a file of format `wanted`.

    Raises Invalid (`unknown-format`, `span-too-long`), NotFound (`nothing-released`).
    """
    if wanted not in FORMATS:
        raise Invalid("unknown-format", f"there is no report as {wanted!r}", given=wanted, allowed=", ".join(FORMATS))
    if wanted == "csv-plain":
        return as_plain_csv(report(context, person, span, words_of("en")))
    content = report(context, person, span, words)
    return as_pdf(content, fonts) if wanted == "pdf" else as_csv(content) if wanted == "csv" else as_html(content)


def report(context: AppContext, person: Person | None, span: Span, words: Words) -> Report:
    """The report of a span of at most a year. Raises as `written_report`."""
    person = allow(person, Action.READ_RIDERSHIP)
    if span.days > MAX_DAYS:
        raise Invalid(
            "span-too-long",
            f"a report of {span.days} days does not fit on a page",
            given=f"{span.days} days",
            allowed=f"at most {MAX_DAYS} days",
        )
    if not may(person, Action.READ_EXACT_RIDERSHIP):
        return _released_report(context, person, span, words)
    exact = _exact_report(context, person, span, words)
    with context.transaction() as session:
        subject = f"{span.first} {span.last}"
        add_entry(session, context.now(), person.name, person.role.value, "export-report", subject)
    return exact


def _exact_report(context: AppContext, person: Person, span: Span, words: Words) -> Report:
    shown = figures(context, person, span, words, NAMED)
    fortnight = of_fortnight(context, person, span) if span.days == DAYS else None
    tables = (
        *([_destinations(context, fortnight, words)] if fortnight else [_trend(shown, words)]),
        _table(words.say("ridership.by_weekday"), shown.weekdays, words),
        _table(words.say("ridership.by_stop"), shown.stops, words),
        _drawn_day(shown, words, fortnight is not None),
        *_trials(context, person, span, words),
    )
    return Report(
        title=_title(span, words),
        span=span,
        about=words.say("ridership.span", first=words.date_short(span.first), last=words.date_short(span.last)),
        facts=_facts(shown, words),
        tables=tables,
        notes=_notes(context, shown, span, words),
        words=words,
        headline=said_in_words.headline(fortnight, words) if fortnight else "",
        sentences=said_in_words.comparisons(fortnight, words) if fortnight else (),
        pictures=tuple(_pictures(shown, fortnight, words)) if fortnight else (),
    )


def _pictures(shown: Figures, fortnight: Coordination, words: Words) -> Iterator[Picture]:
    """The fortnights as a line, and the departures of this one along the day."""
    yield said_in_words.trend(fortnight, words)
    day = said_in_words.along_the_day(shown.day, words)
    if day is not None:
        yield day


def _drawn_day(shown: Figures, words: Words, is_drawn: bool) -> Table:
    """Departures along the day: over the whole page, or beside the picture without the columns that it shows."""
    caption = words.say("ridership.picture.day")
    if not is_drawn:
        return replace(_table(caption, shown.day, words), wide=True)
    kept = [n for n, name in enumerate(shown.day.columns) if name not in ("load", "seats")]
    rows = tuple(tuple(row[n] for n in kept) for row in shown.day.rows)
    return _table(
        words.say("ridership.column.departure"), RidershipTable(tuple(shown.day.columns[n] for n in kept), rows), words
    )


def _destinations(context: AppContext, fortnight: Coordination, words: Words) -> Table:
    names = {stop.id: stop.name for stop in context.schedule().network.stops}
    rows = tuple(
        (
            said_in_words.name_of(row, names, words),
            said_in_words.riders_text(row, words),
            *("–" if number is None else words.number(number) for number in (row.counted, row.due)),
        )
        for row in fortnight.destinations
    )
    named = ("fortnight.column.riders", "ridership.column.counted", "ridership.column.due")
    columns = ((words.say("fortnight.column.destination"), False), *((words.say(key), True) for key in named))
    return Table(words.say("fortnight.by_destination"), columns, rows)


def _title(span: Span, words: Words) -> str:
    if span == Span(date(span.first.year, 1, 1), date(span.first.year, 12, 31)):
        return words.say("report.title.year", year=span.first.year)
    kind = {14: "fortnight", 42: "six_weeks"}.get(span.days, "other")
    return words.say(f"report.title.{kind}")


def _trend(shown: Figures, words: Words) -> Table:
    if len(shown.weeks.rows) > WEEKS_SHOWN:
        return _table(words.say("report.by_month"), shown.months, words)
    return _table(words.say("ridership.picture.trend"), shown.weeks, words)


def _facts(shown: Figures, words: Words) -> tuple[Fact, ...]:
    whole, mean, say = shown.whole, shown.mean, words.say
    none = say("ridership.not_recorded")
    interval = ""
    if mean and mean.low is not None and mean.high is not None:
        interval = say("ridership.interval", low=words.number(mean.low, 1), high=words.number(mean.high, 1))
    share = f" ({words.percent(whole.run.counted / whole.run.due)})" if whole.run.due else ""
    counted = bool(whole.amounts.counts)
    return (
        Fact(
            say("ridership.column.boardings"),
            words.number(whole.amounts.boardings) if counted else none,
            say("ridership.on_counted"),
        ),
        Fact(
            say("ridership.column.mean"),
            words.number(mean.mean, 1) if mean else none,
            interval or say("ridership.per_counted"),
        ),
        Fact(
            say("ridership.column.counted"),
            words.number(whole.run.counted),
            say("ridership.of_due", n=words.number(whole.run.due)) + share,
        ),
        *_crowded(shown, words),
        *_cost(shown, words),
    )


def _cost(shown: Figures, words: Words) -> Iterator[Fact]:
    nok = shown.nok_per_rider
    if nok is not None:
        note = words.say("ridership.cost_assumed" if shown.operated.is_assumed else "ridership.cost_of")
        yield Fact(words.say("ridership.cost"), words.say("ridership.nok", n=words.number(nok)), note)


def _crowded(shown: Figures, words: Words) -> Iterator[Fact]:
    """Departures that left somebody behind, and full ones, of those on which it was answered."""
    answers = shown.crowding
    if answers is None:
        return
    for name, number, asked in (
        (words.say("ridership.column.left_behind"), answers.left, answers.asked_left),
        (words.say("ridership.full"), answers.full, answers.asked_full),
    ):
        share = f" ({words.percent(number / asked)})" if asked else ""
        text = words.number(number) if asked else words.say("ridership.not_recorded")
        yield Fact(name, text, words.say("fortnight.of_asked", n=words.number(asked)) + share)


def _table(caption: str, sheet: RidershipTable, words: Words) -> Table:
    columns, rows = cells(sheet, words)
    return Table(caption, tuple((name, kind == "number") for name, kind in columns), tuple(map(tuple, rows)))


def _trials(context: AppContext, person: Person, span: Span, words: Words) -> list[Table]:
    """Trials whose phase overlaps the span, with their results."""
    rows = []
    for trial, result in trials(context, person):
        if trial.starts <= span.last and trial.phase.last >= span.first:
            after = result.after.mean
            rows.append(
                (
                    trial.question,
                    "–" if after is None else words.number(after.mean, 1),
                    words.number(trial.goal, 1),
                    words.say(f"trials.finding.{result.finding}"),
                )
            )
    named = (("trials.question", False), ("trials.after", True), ("trials.goal", True), ("report.finding", False))
    columns = tuple((words.say(key), numeric) for key, numeric in named)
    return [Table(words.say("trials.title"), columns, tuple(rows))] if rows else []


def _notes(context: AppContext, shown: Figures, span: Span, words: Words) -> tuple[str, ...]:
    schedule, whole = context.schedule(), shown.whole.run
    notes = [*_cancelled(shown, words)]
    if whole.counted < whole.due:
        notes.append(words.say("ridership.missing_is_not_zero"))
    if shown.whole.run.partly:
        notes.append(words.count("ridership.partly", shown.whole.run.partly))
    if shown.unserved:
        notes.append(passed_by(shown.unserved, words))
    if shown.uncounted:
        notes.append(_uncounted(shown, words))
    if in_force := schedule.timetable_on(span.first):
        notes.append(words.say("report.timetable_at_first", name=in_force.name))
    for day, name in shown.timetables:
        notes.append(words.say("ridership.timetable_from", name=name, day=words.date_short(day)))
    if any(vehicle.provenance.assumed for vehicle in schedule.network.vehicles):
        notes.append(words.say("report.seats_assumed"))
    notes.append(words.say("trials.model"))
    notes.append(words.say("report.internal"))
    return tuple(notes)


def _cancelled(shown: Figures, words: Words) -> Iterator[str]:
    """Cancelled departures as a number, a share and by reason, of departures whose time has passed."""
    several, share = shown.operated.cancelled, shown.operated.cancelled_share
    if several and share is not None:
        named = reasons_text(several, words)
        yield words.count("report.cancelled", sum(n for _, n in several), named=named, share=words.percent(share, 1))


def _uncounted(shown: Figures, words: Words) -> str:
    """Departures without a count by date: all, or the latest."""
    missing = shown.whole.run.uncounted
    days = itertools.groupby(shown.uncounted, key=lambda departure: departure.date)
    named = "; ".join(
        f"{words.day_and_month(day)} {', '.join(sorted(words.clock_text(each.departs) for each in departures))}"
        for day, departures in days
    )
    key = "report.uncounted" if len(shown.uncounted) >= missing else "report.uncounted_latest"
    return words.count(key, missing, named=named)


def _released_report(context: AppContext, person: Person, span: Span, words: Words) -> Report:
    releases = released(context, person, span)
    if not releases:
        raise NotFound(
            "nothing-released",
            f"no fortnight between {span.first} and {span.last} has been released",
            given=f"{span.first} to {span.last}",
            allowed="a span that holds a released fortnight",
        )
    say = words.say
    first, last = releases[0].fortnight.first, releases[-1].fortnight.last
    shown = released_coordination(context, person, last)
    one = shown if shown is not None and shown.now.span == span else None
    listed = [each for each in released(context, person) if each.fortnight.last <= last][-LISTED:] if one else releases
    return Report(
        title=say("report.title.released"),
        span=span,
        about=say("ridership.span", first=words.date_short(first), last=words.date_short(last)),
        facts=tuple(_released_facts(context, one, words))
        if one
        else (Fact(say("report.fortnights"), words.number(len(releases))),),
        tables=(_fortnights(context.schedule(), listed, words),),
        notes=(
            say("ridership.released"),
            say("ridership.why_hidden", n=max(each.threshold for each in listed)),
            say("ridership.missing_is_not_zero"),
            *(
                say("released.late", boardings=words.number(late.boardings), departures=words.number(late.departures))
                for each in releases
                if (late := each.supplement)
            ),
        ),
        words=words,
        headline=said_in_words.headline(one, words) if one else "",
        sentences=said_in_words.comparisons(one, words) if one else (),
        pictures=(said_in_words.trend(shown, words),) if shown else (),
    )


def _released_facts(context: AppContext, shown: Coordination, words: Words) -> Iterator[Fact]:
    """Riders of a released fortnight, in all and to its first destinations, and how much was counted."""
    now, say = shown.now, words.say
    riders = say("ridership.hidden") if now.riders is None else words.number(now.riders)
    yield Fact(say("fortnight.column.riders"), riders if now.is_counted else say("ridership.not_recorded"))
    yield Fact(
        say("ridership.column.counted"),
        words.number(now.run.counted),
        say("ridership.of_due", n=words.number(now.run.due)),
    )
    names = {stop.id: stop.name for stop in context.schedule().network.stops}
    for row in shown.destinations[:3]:
        name = say("fortnight.not_told") if row.stop is None else say("released.to", stop=names.get(row.stop, row.stop))
        yield Fact(name, said_in_words.riders_text(row, words))


def _fortnights(schedule: Schedule, releases: list[StoredRelease], words: Words) -> Table:
    """A row for each fortnight, with a column for each stop and each day type of any of them."""
    names = {stop.id: stop.name for stop in schedule.network.stops}
    names |= {each.id: each.names.of(words.language) for each in schedule.calendar.day_types}
    parts = dict.fromkeys(
        (by, part)
        for by in ("stop", "day_type", DESTINATION)
        for stored in releases
        for part in (*stored.release.breakdowns.get(by, {}), *stored.release.not_counted.get(by, ()))
    )

    def shown(stored: StoredRelease, by: str, part: str) -> str:
        if part in stored.release.not_counted.get(by, ()):
            return words.say("ridership.not_recorded")
        published = stored.release.breakdowns.get(by, {})
        return _shown(published[part], words) if part in published else "–"

    columns = (
        (words.say("report.fortnight"), False),
        (words.say("ridership.column.boardings"), True),
        *((_part_name(by, names.get(part), words) or part, True) for by, part in parts),
        (words.say("ridership.column.due"), True),
        (words.say("ridership.column.counted"), True),
    )
    rows = tuple(
        (
            f"{words.date_figures(stored.fortnight.first)} – {words.date_figures(stored.fortnight.last)}",
            _shown(stored.release.total, words) if stored.is_counted else words.say("ridership.not_recorded"),
            *(shown(stored, by, part) for by, part in parts),
            words.number(stored.run.run),
            words.number(stored.run.counted),
        )
        for stored in releases
    )
    return Table(words.say("report.by_fortnight"), columns, rows, wide=True)


def _part_name(by: str, name: str | None, words: Words) -> str | None:
    """Name of a part in the head of a table: a destination differs from the stop of the same name."""
    if by != DESTINATION:
        return name
    return words.say("fortnight.not_told") if name is None else words.say("released.to", stop=name)


def _shown(value: int | None, words: Words) -> str:
    return words.say("ridership.hidden") if value is None else words.number(value)
