"""The fortnight in words and pictures: headline, comparisons, destinations and drawings, for the page and for paper."""

from datetime import date

from shuttle.feeds.printed.pictures import Bar, Picture, Point, bars, line
from shuttle.feeds.printed.ridership_sheets import RidershipTable
from shuttle.language import Words
from shuttle.services.ridership.riders.coordination import Coordination, FortnightRiders, ToDestination, change_of

SAME = 0.005
"""A change that is 0 % when written."""


def headline(shown: Coordination, words: Words) -> str:
    """Headline in one sentence: riders, against the fortnight before, and how much was counted."""
    now = shown.now
    counted = {"counted": words.number(now.run.counted), "due": words.number(now.run.due)}
    if not now.is_counted:
        return words.say("fortnight.headline.nothing", **counted)
    if now.riders is None:
        return words.say("fortnight.headline.hidden", **counted)
    riders, change = words.number(now.riders), change_of(now, shown.before)
    if not now.is_over:
        return words.say("fortnight.headline.running", riders=riders, **counted)
    if change is None:
        return words.say("fortnight.headline.alone", riders=riders, **counted)
    if abs(change) < SAME:
        return words.say("fortnight.headline.same", riders=riders, **counted)
    return words.say(
        f"fortnight.headline.{'more' if change > 0 else 'fewer'}",
        riders=riders,
        percent=percent_of(change, words),
        **counted,
    )


def percent_of(change: float, words: Words) -> str:
    """`37 prosent`: a percentage in a sentence."""
    return words.say("fortnight.percent", n=words.number(100 * abs(change)))


def comparisons(shown: Coordination, words: Words) -> tuple[str, ...]:
    """Sentences beside the headline: departures more or fewer, the same fortnight last year, what cannot be compared."""
    now, before, sentences = shown.now, shown.before, []
    if before is not None and now.is_over and before.is_over and now.run.due != before.run.due:
        more = now.run.due - before.run.due
        sentences.append(words.count(f"fortnight.departures.{'more' if more > 0 else 'fewer'}", abs(more)))
    if before is not None and before.riders is not None and now.is_over and change_of(now, before) is None:
        sentences.append(
            words.say("fortnight.not_compared", now=words.percent(now.coverage), before=words.percent(before.coverage))
        )
    if shown.last_year is not None and shown.last_year.riders is not None:
        change = change_of(now, shown.last_year)
        riders = words.number(shown.last_year.riders)
        if change is None:
            sentences.append(
                words.say("fortnight.last_year.alone", riders=riders, percent=words.percent(shown.last_year.coverage))
            )
        else:
            key = "same" if abs(change) < SAME else "more" if change > 0 else "fewer"
            sentences.append(words.say(f"fortnight.last_year.{key}", riders=riders, percent=percent_of(change, words)))
    else:
        sentences.append(words.say("fortnight.last_year.none"))
    if now.riders is not None and now.most is not None and now.most > now.riders and now.is_over:
        sentences.append(
            words.say(
                "fortnight.bounds",
                percent=words.percent(now.coverage),
                least=words.number(now.riders),
                most=words.number(now.most),
            )
        )
    return tuple(sentences)


def riders_text(row: ToDestination, words: Words) -> str:
    """`41`, `12 til 30`, `minst 12`, hidden or not counted."""
    if row.is_hidden:
        return words.say("ridership.hidden")
    if row.riders is None:
        return words.say("ridership.not_recorded")
    least, most = row.riders.least, row.riders.most
    if least == most:
        return words.number(least)
    if most is None:
        return words.say("fortnight.at_least", least=words.number(least))
    return words.say("fortnight.between", least=words.number(least), most=words.number(most))


def name_of(row: ToDestination, names: dict[str, str], words: Words) -> str:
    return words.say("fortnight.not_told") if row.stop is None else names.get(row.stop, row.stop)


def trend(shown: Coordination, words: Words) -> Picture:
    """All fortnights as a line with its band, and the goal of a running trial."""
    points = [
        Point(name=_short(each.span.first, words), value=each.riders, most=each.most, is_over=each.is_over)
        for each in shown.line
    ]
    written = ["" if each.riders is None else words.number(each.riders) for each in shown.line]
    last = "; ".join(f"{words.day_and_month(each.span.first)} {_written(each, words)}" for each in shown.line[-6:])
    limit = (shown.goal, words.say("fortnight.goal", n=words.number(shown.goal))) if shown.goal is not None else None
    return line(
        words.say("fortnight.trend"),
        words.say("fortnight.trend.alternative", n=words.number(len(points)), last=last),
        points,
        written,
        limit,
    )


def _short(day: date, words: Words) -> str:
    """`16.11.`; in English `16/11`."""
    return words.date_figures(day)[: -len("2026")].rstrip("/")


def _written(each: FortnightRiders, words: Words) -> str:
    if each.riders is None:
        return words.say("ridership.hidden" if each.is_counted else "ridership.not_recorded")
    return words.number(each.riders)


def along_the_day(sheet: RidershipTable, words: Words) -> Picture | None:
    """Departures along the day against the seats: the mean of the most on board, else of the boardings; None without counts."""
    column = {name: n for n, name in enumerate(sheet.columns)}
    rows = [row for row in sheet.rows if row[column["mean"]] is not None]
    if not rows:
        return None
    made, loads_known = [], all(row[column["load"]] is not None for row in rows)
    for row in rows:
        value = row[column["load" if loads_known else "mean"]]
        assert isinstance(value, int | float)
        made.append(Bar(name=str(row[0]).replace(" ", "\n", 1), value=float(value), written=words.number(value, 1)))
    seats = rows[0][column["seats"]]
    limit = None
    if isinstance(seats, int):
        limit = (float(seats), words.say("fortnight.seats", n=words.number(seats)))
    alternative = "; ".join(f"{bar.name.replace(chr(10), ' ')}: {bar.written}" for bar in made)
    caption = words.say("fortnight.day.load" if loads_known else "fortnight.day.boardings")
    return bars(caption, f"{caption}. {alternative}", made, limit)
