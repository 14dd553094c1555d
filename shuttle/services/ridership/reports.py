"""The printed page for a meeting: the fortnight, six weeks, or the year, exact or as released.

Who may see exact figures gets them, and each such report is written down. A reader gets what has been released.
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from shuttle.domain.access.permissions import Action, Person, allow, may
from shuttle.domain.basics.errors import Invalid, NotFound
from shuttle.domain.basics.service_time import instant
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.printed.report import FORMATS, Fact, Report, Table, as_csv, as_html, as_pdf
from shuttle.feeds.printed.ridership_sheets import Sheet, cells, passed_by
from shuttle.language import Words
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.figures import Figures, figures
from shuttle.services.ridership.releases import released
from shuttle.services.ridership.trials import trials
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership.releases import StoredRelease

LONGEST = 366
WEEKS_SHOWN = 8
"""A longer span is told month by month."""

NAMED = 62
"""Departures without a count that are named: all of a fortnight of today's timetable."""


def written_report(
    context: AppContext, person: Person | None, span: Span, words: Words, wanted: str, fonts: Path | None
) -> bytes:
    """The report in the format wanted. Raises Invalid (`unknown-format`, `span-too-long`), NotFound (`nothing-released`)."""
    if wanted not in FORMATS:
        raise Invalid("unknown-format", f"there is no report as {wanted!r}", given=wanted, allowed=", ".join(FORMATS))
    made = report(context, person, span, words)
    return as_pdf(made, fonts) if wanted == "pdf" else as_csv(made) if wanted == "csv" else as_html(made)


def report(context: AppContext, person: Person | None, span: Span, words: Words) -> Report:
    """The report of a span of at most a year."""
    person = allow(person, Action.READ_RIDERSHIP)
    if span.days > LONGEST:
        raise Invalid(
            "span-too-long",
            f"a report of {span.days} days does not fit on a page",
            given=f"{span.days} days",
            allowed=f"at most {LONGEST} days",
        )
    if not may(person, Action.READ_EXACT_RIDERSHIP):
        return _released_report(context, span, words, released(context, person, span))
    made = _exact_report(context, person, span, words)
    with context.transaction() as session:
        subject = f"{span.first} {span.last}"
        add_entry(session, context.now(), person.name, person.role.value, "export-report", subject)
    return made


def _exact_report(context: AppContext, person: Person, span: Span, words: Words) -> Report:
    found = figures(context, person, span, words, NAMED)
    tables = (
        _trend(found, words),
        _table(words.say("ridership.by_weekday"), found.weekdays, words),
        _table(words.say("ridership.by_stop"), found.stops, words),
        replace(_table(words.say("ridership.picture.day"), found.day, words), wide=True),
        *_trials(context, person, span, words),
    )
    return Report(
        title=_title(span, words),
        span=span,
        about=words.say("ridership.span", first=words.date_short(span.first), last=words.date_short(span.last)),
        facts=_facts(found, words),
        tables=tables,
        notes=_notes(context, found, span, words),
        words=words,
    )


def _title(span: Span, words: Words) -> str:
    if span == Span(date(span.first.year, 1, 1), date(span.first.year, 12, 31)):
        return words.say("report.title.year", year=span.first.year)
    kind = {14: "fortnight", 42: "six_weeks"}.get(span.days, "other")
    return words.say(f"report.title.{kind}")


def _trend(found: Figures, words: Words) -> Table:
    if len(found.weeks.rows) > WEEKS_SHOWN:
        return _table(words.say("report.by_month"), found.months, words)
    return _table(words.say("ridership.picture.trend"), found.weeks, words)


def _facts(found: Figures, words: Words) -> tuple[Fact, ...]:
    whole, mean, say = found.whole, found.mean, words.say
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
        Fact(
            say("ridership.column.left_behind"),
            words.number(whole.amounts.left_behind) if counted else none,
            say("ridership.at_least"),
        ),
        Fact(
            say("ridership.full"), words.number(whole.amounts.full) if counted else none, say("ridership.full_counts")
        ),
    )


def _table(caption: str, sheet: Sheet, words: Words) -> Table:
    columns, rows = cells(sheet, words)
    return Table(caption, tuple((name, kind == "number") for name, kind in columns), tuple(map(tuple, rows)))


def _trials(context: AppContext, person: Person, span: Span, words: Words) -> list[Table]:
    """Trials whose phase touches the span, with what their counts say."""
    rows = []
    for trial, found in trials(context, person):
        if trial.starts <= span.last and trial.phase.last >= span.first:
            after = found.change.after.mean if found.change else None
            rows.append(
                (
                    trial.question,
                    "–" if after is None else words.number(after, 1),
                    words.number(trial.goal, 1),
                    words.say(f"trials.finding.{found.finding}"),
                )
            )
    named = (("trials.question", False), ("trials.after", True), ("trials.goal", True), ("report.finding", False))
    columns = tuple((words.say(key), numeric) for key, numeric in named)
    return [Table(words.say("trials.title"), columns, tuple(rows))] if rows else []


def _notes(context: AppContext, found: Figures, span: Span, words: Words) -> tuple[str, ...]:
    schedule, whole = context.schedule(), found.whole.run
    notes = [*_cancelled(schedule, span, context, words)]
    if whole.counted < whole.due:
        notes.append(words.say("ridership.missing_is_not_zero"))
    if found.whole.run.partly:
        notes.append(words.count("ridership.partly", found.whole.run.partly))
    if found.unserved:
        notes.append(passed_by(found.unserved, words))
    if found.uncounted:
        notes.append(_uncounted(found, words))
    if in_force := schedule.timetable_on(span.first):
        notes.append(words.say("report.timetable_at_first", name=in_force.name))
    for day, name in found.timetables:
        notes.append(words.say("ridership.timetable_from", name=name, day=words.date_short(day)))
    if any(vehicle.provenance.assumed for vehicle in schedule.network.vehicles):
        notes.append(words.say("report.seats_assumed"))
    notes.append(words.say("trials.model"))
    notes.append(words.say("report.internal"))
    return tuple(notes)


def _cancelled(schedule: Schedule, span: Span, context: AppContext, words: Words) -> Iterator[str]:
    """Departures that were cancelled, by reason; what is still to come is not among them."""
    now = context.now()
    reasons = Counter(
        departure.reason
        for day in span
        for departure in schedule.departures_on(day).departures
        if not departure.runs and instant(day, departure.departs, context.zone) <= now
    )
    if reasons:
        named = ", ".join(
            f"{words.say(f'reason.{reason}') if reason else '–'} {words.number(n)}"
            for reason, n in reasons.most_common()
        )
        yield words.count("report.cancelled", reasons.total(), named=named)


def _uncounted(found: Figures, words: Words) -> str:
    """All of them by date, or the latest."""
    missing = found.whole.run.uncounted
    days = itertools.groupby(found.uncounted, key=lambda departure: departure.date)
    named = "; ".join(
        f"{words.day_and_month(day)} {', '.join(sorted(words.clock_text(one.departs) for one in several))}"
        for day, several in days
    )
    key = "report.uncounted" if len(found.uncounted) >= missing else "report.uncounted_latest"
    return words.count(key, missing, named=named)


def _released_report(context: AppContext, span: Span, words: Words, found: list[StoredRelease]) -> Report:
    if not found:
        raise NotFound(
            "nothing-released",
            f"no fortnight between {span.first} and {span.last} has been released",
            given=f"{span.first} to {span.last}",
            allowed="a span that holds a released fortnight",
        )
    say = words.say
    first, last = found[0].fortnight.first, found[-1].fortnight.last
    return Report(
        title=say("report.title.released"),
        span=span,
        about=say("ridership.span", first=words.date_short(first), last=words.date_short(last)),
        facts=(Fact(say("report.fortnights"), words.number(len(found))),),
        tables=(_fortnights(context.schedule(), found, words),),
        notes=(
            say("ridership.released"),
            say("ridership.why_hidden", n=max(frozen.threshold for frozen in found)),
            say("ridership.missing_is_not_zero"),
        ),
        words=words,
    )


def _fortnights(schedule: Schedule, found: list[StoredRelease], words: Words) -> Table:
    """A line for each fortnight, with a column for each stop and each day type of any of them."""
    names = {stop.id: stop.name for stop in schedule.network.stops}
    names |= {known.id: known.names.of(words.language) for known in schedule.calendar.day_types}
    parts = dict.fromkeys(
        (by, part)
        for by in ("stop", "day_type")
        for frozen in found
        for part in (*frozen.release.breakdowns.get(by, {}), *frozen.release.not_counted.get(by, ()))
    )

    def shown(frozen: StoredRelease, by: str, part: str) -> str:
        if part in frozen.release.not_counted.get(by, ()):
            return words.say("ridership.not_recorded")
        published = frozen.release.breakdowns.get(by, {})
        return _shown(published[part], words) if part in published else "–"

    columns = (
        (words.say("report.fortnight"), False),
        (words.say("ridership.column.boardings"), True),
        *((names.get(part, part), True) for _, part in parts),
        (words.say("ridership.column.due"), True),
        (words.say("ridership.column.counted"), True),
    )
    rows = tuple(
        (
            f"{words.date_figures(frozen.fortnight.first)} – {words.date_figures(frozen.fortnight.last)}",
            _shown(frozen.release.total, words) if frozen.is_counted else words.say("ridership.not_recorded"),
            *(shown(frozen, by, part) for by, part in parts),
            words.number(frozen.run.run),
            words.number(frozen.run.counted),
        )
        for frozen in found
    )
    return Table(words.say("report.by_fortnight"), columns, rows, wide=True)


def _shown(value: int | None, words: Words) -> str:
    return words.say("ridership.hidden") if value is None else words.number(value)
