"""Values of the fortnight's section: the texts, drawings and links that its template shows."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote

from shuttle.domain.ridership.fortnights import DAYS
from shuttle.domain.ridership.trials import Trial
from shuttle.feeds.printed.pictures import Picture
from shuttle.language import Words
from shuttle.services.ridership.riders import coordination_words as said_in_words
from shuttle.services.ridership.riders.coordination import Coordination


@dataclass(frozen=True, kw_only=True)
class FortnightView:
    """Values of the template. `report` and `mail`: addresses; `earlier` and `later`: first days of other fortnights, or None."""

    shown: Coordination
    headline: str
    comparisons: tuple[str, ...]
    trend: Picture
    destination_columns: list[tuple[str, str]]
    destinations: list[list[str]]
    trials: list[tuple[str, str]]
    report: str
    mail: str
    earlier: date | None
    later: date | None


def fortnight_view(
    shown: Coordination, trials: list[Trial], names: dict[str, str], address: str, today: date, words: Words
) -> FortnightView:
    span = shown.now.span
    lead = said_in_words.headline(shown, words)
    firsts = {each.span.first for each in shown.line}
    earlier, later = (span.first + timedelta(days=DAYS * step) for step in (-1, 1))
    link = f"{address}/ridership?fortnight={span.first}"
    return FortnightView(
        shown=shown,
        headline=lead,
        comparisons=said_in_words.comparisons(shown, words),
        trend=said_in_words.trend(shown, words),
        destination_columns=_columns(shown, words),
        destinations=_rows(shown, names, words),
        trials=[(trial.question, _state(trial, today, words)) for trial in trials],
        report=f"/api/v1/reports?from={span.first}&to={span.last}&lang={words.language}",
        mail=f"mailto:?subject={quote(words.say('fortnight.title'))}&body={quote(f'{lead} {link}')}",
        earlier=earlier if earlier in firsts else None,
        later=later if later in firsts else None,
    )


def _columns(shown: Coordination, words: Words) -> list[tuple[str, str]]:
    columns = [(words.say("fortnight.column.destination"), ""), (words.say("fortnight.column.riders"), "number")]
    counted = [(words.say("ridership.column.counted"), "number"), (words.say("ridership.column.due"), "number")]
    return [*columns, *counted] if shown.is_exact else columns


def _rows(shown: Coordination, names: dict[str, str], words: Words) -> list[list[str]]:
    rows = []
    for row in shown.destinations:
        cells = [said_in_words.name_of(row, names, words), said_in_words.riders_text(row, words)]
        if shown.is_exact:
            cells += ["–" if number is None else words.number(number) for number in (row.counted, row.due)]
        rows.append(cells)
    return rows


def _state(trial: Trial, today: date, words: Words) -> str:
    if trial.outcome:
        return words.say(f"trials.outcome.{trial.outcome}")
    if today < trial.starts:
        return words.say("fortnight.trial.planned", day=words.date_short(trial.starts))
    key = "running" if today <= trial.phase.last else "over"
    return words.say(f"fortnight.trial.{key}", day=words.date_short(trial.phase.last))
