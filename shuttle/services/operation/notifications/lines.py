"""Texts of notifications: one line for each, and the address of the page where one acts."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from shuttle.domain.access.notifications import NotificationKind
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.language import Words
from shuttle.language.headsigns import headsign
from shuttle.language.outcomes import outcome_text
from shuttle.store.operation.outcomes import read_outcome

PAGES = {
    NotificationKind.DEPARTURE_CANCELLED: "/",
    NotificationKind.DEPARTURE_LATE: "/",
    NotificationKind.INCIDENT: "/staff",
    NotificationKind.LEFT_BEHIND: "/staff",
    NotificationKind.DUTY_CHANGED: "/driver/calendar",
    NotificationKind.JOB_FAILED: "/admin#jobs",
    NotificationKind.DAY_UNDECIDED: "/plan/calendar",
    NotificationKind.FIGURES_RELEASED: "/ridership",
}
"""Kind -> where to look, and act."""


@dataclass(frozen=True)
class Line:
    """One notification in words, and its page. `more`: what the subject of a mail leaves out."""

    text: str
    page: str
    more: str = ""


def line_of(kind: NotificationKind, data: dict[str, Any], schedule: Schedule, words: Words, headline: str = "") -> Line:
    """The line of a notification. `headline`: the first sentence of a report, for released figures.

    Raises NotFound (`unknown-departure`) where the timetable has it no more.
    """
    return Line(_text(kind, data, schedule, words), PAGES[kind], headline)


def _text(kind: NotificationKind, data: dict[str, Any], schedule: Schedule, words: Words) -> str:
    if kind is NotificationKind.JOB_FAILED:
        outcome = read_outcome(data["outcome"])
        told = outcome_text(outcome, words).text if outcome else ""
        return " ".join(filter(None, (words.say("notification.job_failed", job=words.say(f"job.{data['job']}")), told)))
    if kind is NotificationKind.DAY_UNDECIDED:
        return words.say("notification.day_undecided", date=words.date_text(_day(data["date"])))
    if kind is NotificationKind.FIGURES_RELEASED:
        span = {"first": words.date_short(_day(data["from"])), "last": words.date_short(_day(data["to"]))}
        return words.say("notification.figures_released", **span)
    if kind is NotificationKind.DUTY_CHANGED:
        key = "notification.duty_withdrawn" if data["withdrawn"] else "notification.duty_changed"
        times = {"starts": words.clock_text(data["starts"]), "ends": words.clock_text(data["ends"])}
        return words.say(key, date=words.date_text(_day(data["date"])), **times)
    return _of_departure(kind, data, schedule, words)


def _of_departure(kind: NotificationKind, data: dict[str, Any], schedule: Schedule, words: Words) -> str:
    departure = schedule.departure(data["departure"])
    named = {"time": words.clock_text(departure.departs), "headsign": headsign(schedule.network, departure, words)}
    if kind is NotificationKind.DEPARTURE_LATE:
        return words.say("notification.departure_late", n=words.number(data["minutes"]), **named)
    if kind is NotificationKind.LEFT_BEHIND:
        stop = schedule.network.stop_name(data["stop"], departure.date, words.language)
        return words.say("notification.left_behind", stop=stop, **named)
    if kind is NotificationKind.INCIDENT:
        return words.say(f"notification.incident.{data['incident']}", **named)
    return words.say(
        "notification.departure_cancelled",
        dates=_dates(data, departure, words),
        reason=words.say(f"reason.{data['reason']}").lower(),
        **named,
    )


def _dates(data: dict[str, Any], departure: Departure, words: Words) -> str:
    first, last = _day(data["from"]), _day(data["to"])
    if first == last:
        return words.date_text(departure.date)
    return words.say("notification.dates", first=words.date_short(first), last=words.date_short(last))


def subject_of(lines: list[Line], words: Words) -> str:
    """The subject of a mail: the only line, or how many there are."""
    return lines[0].text if len(lines) == 1 else words.count("notification.several", len(lines))


def body_of(lines: list[Line], base_url: str, words: Words) -> str:
    """The plain text of a mail: the lines, each with its page, and where to choose otherwise."""
    pages = [f"{base_url}{line.page}" if base_url else "" for line in lines]
    parts = ["\n".join(filter(None, (line.text, line.more, page))) for line, page in zip(lines, pages, strict=True)]
    if base_url:
        parts.append(f"{words.say('notification.why')}\n{base_url}/account/notifications")
    return "\n\n".join(parts) + "\n"


def _day(text: str) -> date:
    return date.fromisoformat(text)
