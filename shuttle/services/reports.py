"""The printed page for a meeting: the fortnight, six weeks, or the year, exact or as released.

Who may see exact figures gets them, and each such report is written down. A reader gets what has been released.
"""

from pathlib import Path

from shuttle.domain.access import Action, Person, allow, may
from shuttle.domain.errors import Invalid, NotFound
from shuttle.domain.ridership import Span
from shuttle.feeds.report import FORMATS, Fact, Report, Table, as_csv, as_html, as_pdf
from shuttle.feeds.ridership_sheets import Sheet, cells
from shuttle.language import Words
from shuttle.services.house import House
from shuttle.services.releases import released
from shuttle.services.ridership_figures import Figures, figures
from shuttle.services.trials import trials
from shuttle.store.acts import record_act
from shuttle.store.releases import Frozen

LONGEST = 366
WEEKS_SHOWN = 8


def written_report(
    house: House, person: Person | None, span: Span, words: Words, wanted: str, fonts: Path | None
) -> bytes:
    """The report in the format wanted. Raises Invalid (`unknown-format`, `span-too-long`), NotFound (`nothing-released`)."""
    if wanted not in FORMATS:
        raise Invalid("unknown-format", f"there is no report as {wanted!r}", given=wanted, allowed=", ".join(FORMATS))
    made = report(house, person, span, words)
    return as_pdf(made, fonts) if wanted == "pdf" else as_csv(made) if wanted == "csv" else as_html(made)


def report(house: House, person: Person | None, span: Span, words: Words) -> Report:
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
        return _released_report(house, span, words, released(house, person, span))
    made = _exact_report(house, person, span, words)
    with house.transaction() as session:
        subject = f"{span.first} {span.last}"
        record_act(session, house.now(), person.name, person.role.value, "export-report", subject)
    return made


def _exact_report(house: House, person: Person, span: Span, words: Words) -> Report:
    found = figures(house, person, span, words)
    weeks = Sheet(found.weeks.columns, found.weeks.rows[-WEEKS_SHOWN:])
    tables = (
        _table(words.say("ridership.picture.trend"), weeks, words),
        _table(words.say("ridership.by_weekday"), found.weekdays, words),
        _table(words.say("ridership.by_stop"), found.stops, words),
        _table(words.say("ridership.picture.day"), found.day, words),
        *_trials(house, person, span, words),
    )
    return Report(
        _title(span, words),
        span,
        words.say("ridership.span", first=words.date_short(span.first), last=words.date_short(span.last)),
        _facts(found, words),
        tables,
        _notes(house, found, words),
        words,
    )


def _title(span: Span, words: Words) -> str:
    kind = "fortnight" if span.days <= 14 else "six_weeks" if span.days <= 7 * 7 else "longer"
    return words.say(f"report.title.{kind}")


def _facts(found: Figures, words: Words) -> tuple[Fact, ...]:
    whole, mean, say = found.whole, found.mean, words.say
    none = say("ridership.not_recorded")
    interval = ""
    if mean and mean.low is not None and mean.high is not None:
        interval = say("ridership.interval", low=words.number(mean.low, 1), high=words.number(mean.high, 1))
    share = f" ({words.percent(whole.run.counted / whole.run.due)})" if whole.run.due else ""
    counted = bool(whole.run.counted)
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


def _trials(house: House, person: Person, span: Span, words: Words) -> list[Table]:
    """Trials whose phase touches the span, with what their counts say."""
    rows = []
    for trial, found in trials(house, person):
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


def _notes(house: House, found: Figures, words: Words) -> tuple[str, ...]:
    whole = found.whole.run
    notes = [words.say("ridership.missing_is_not_zero")] if whole.counted < whole.due else []
    if found.uncounted:
        named = "; ".join(
            f"{words.day_and_month(departure.date)} {words.at_clock(departure.departs)}"
            for departure in found.uncounted
        )
        notes.append(words.count("report.uncounted", whole.due - whole.counted, named=named))
    for day, name in found.timetables:
        notes.append(words.say("ridership.timetable_from", name=name, day=words.date_short(day)))
    if any(vehicle.provenance.assumed for vehicle in house.schedule().network.vehicles):
        notes.append(words.say("report.seats_assumed"))
    notes.append(words.say("trials.model"))
    notes.append(words.say("report.internal"))
    return tuple(notes)


def _released_report(house: House, span: Span, words: Words, found: list[Frozen]) -> Report:
    if not found:
        raise NotFound(
            "nothing-released",
            f"no fortnight between {span.first} and {span.last} has been released",
            given=f"{span.first} to {span.last}",
            allowed="a span that holds a released fortnight",
        )
    schedule = house.schedule()
    names = {stop.id: stop.name for stop in schedule.network.stops}
    names |= {known.id: known.names.of(words.language) for known in schedule.calendar.day_types}
    hidden = words.say("ridership.hidden")

    def shown(value: int | None) -> str:
        return hidden if value is None else words.number(value)

    rows = [
        (
            f"{words.day_and_month(frozen.fortnight.first)} – {words.date_short(frozen.fortnight.last)}",
            shown(frozen.release.total),
            words.number(frozen.run.run),
            words.number(frozen.run.counted),
        )
        for frozen in found
    ]
    parts = [
        (f"{words.day_and_month(frozen.fortnight.first)}: {names.get(part, part)}", shown(value))
        for frozen in found
        for breakdown in frozen.release.breakdowns.values()
        for part, value in breakdown.items()
    ]
    say = words.say
    heads = ((say("report.fortnight"), False), (say("ridership.column.boardings"), True))
    run = ((say("ridership.column.due"), True), (say("ridership.column.counted"), True))
    return Report(
        say("report.title.released"),
        span,
        say("ridership.span", first=words.date_short(span.first), last=words.date_short(span.last)),
        (Fact(say("report.fortnights"), words.number(len(found))),),
        (
            Table(say("ridership.released"), (*heads, *run), tuple(rows)),
            Table(say("report.parts"), heads, tuple(parts)),
        ),
        (say("ridership.why_hidden", n=found[-1].threshold),),
        words,
    )
