"""The reasons for a day type as text: a planner's override first, then every special day on the date."""

from shuttle.domain.timetable.service_days import Reason, ServiceDay
from shuttle.language import Words


def day_reason(service_day: ServiceDay, words: Words) -> str:
    """All reasons of a service day in one line: `Helligdag: 2. pinsedag. Høytidsdag: Grunnlovsdag`."""
    return ". ".join(_reason(reason, words) for reason in service_day.reasons)


def _reason(reason: Reason, words: Words) -> str:
    name = reason.names.of(words.language) if reason.names else ""
    return words.say(f"why.{reason.why}", name=name, text=reason.text)
