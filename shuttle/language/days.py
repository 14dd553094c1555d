"""Why a day runs as it does, in words: every name that falls on the date, and the planner's own reason first."""

from shuttle.domain.timetable.service_days import Reason, ServiceDay
from shuttle.language import Words


def day_reason(service_day: ServiceDay, words: Words) -> str:
    """`Helligdag: 2. pinsedag. Høytidsdag: Grunnlovsdag`."""
    return ". ".join(_reason(reason, words) for reason in service_day.reasons)


def _reason(reason: Reason, words: Words) -> str:
    name = reason.names.of(words.language) if reason.names else ""
    return words.say(f"why.{reason.why}", name=name, text=reason.text)
